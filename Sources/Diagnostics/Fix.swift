/// A change of the file's text that mends a problem without a doubt about what was meant.
public struct Fix: Sendable, Hashable {
  /// Text between two places of one file, and what takes its place.
  public struct Edit: Sendable, Hashable {
    public var start: SpecLocation
    /// The first scalar that stays.
    public var end: SpecLocation
    public var text: String

    public init(from start: SpecLocation, to end: SpecLocation, _ text: String) {
      self.start = start
      self.end = end
      self.text = text
    }
  }

  /// In the imperative: `write 'timezone'`.
  public var title: String
  public var edits: [Edit]

  public init(_ title: String, _ edits: [Edit]) {
    self.title = title
    self.edits = edits
  }
}

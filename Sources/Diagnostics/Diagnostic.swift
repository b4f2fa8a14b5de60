/// One problem in a file that a person edits: where, what, and what to do instead.
///
/// Rendered as in
///
///     sites/shop.yaml:14:16: error: unknown selector kind 'patern'
///     14 |       price: { patern: '[0-9]+' }
///        |                ^ steps[0].rows.fields.price.patern
///        = help: did you mean 'pattern'? kinds: css, json, pattern, text, xpath
public struct Diagnostic: Error, Sendable, Hashable {
  public enum Severity: String, Sendable, Hashable, CaseIterable { case error, warning }

  /// Where the other half of a conflict stands.
  public struct Note: Sendable, Hashable {
    public var message: String
    public var location: SpecLocation?
    public init(_ message: String, at location: SpecLocation? = nil) {
      self.message = message
      self.location = location
    }
  }

  public var severity: Severity
  public var location: SpecLocation
  /// `steps[0].rows.fields.price`; empty for the whole file.
  public var keyPath: String
  public var message: String
  public var help: String?
  public var notes: [Note]
  /// The source line the location points into, without its line break; nil when there is none (an empty file).
  public var excerpt: String?

  public init(
    _ severity: Severity = .error, at location: SpecLocation, keyPath: String = "", _ message: String,
    help: String? = nil, notes: [Note] = [], excerpt: String? = nil
  ) {
    self.severity = severity
    self.location = location
    self.keyPath = keyPath
    self.message = message
    self.help = help
    self.notes = notes
    self.excerpt = excerpt
  }
}

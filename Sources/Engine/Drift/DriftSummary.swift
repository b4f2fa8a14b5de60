import Language

/// A step's statistics for people.
public struct DriftSummary: Sendable {
  public var samples: Int
  public var rowsPerSample: JSON
  /// The share of rows in which each optional field is there.
  public var fields: [(name: String, rate: JSON)]
  /// Where its rows stood last.
  public var layout: String?
  /// What the maintainers have heard of, and is still so.
  public var told: [String]

  /// - Parameter stats: As ``Storage`` keeps them.
  public init(_ stats: JSON) {
    let stats = StepStats(stats)
    samples = stats.samples
    rowsPerSample = .number(stats.rowsPerSample)
    fields = stats.fields.sorted { $0.key < $1.key }.map { ($0.key, .number($0.value.rate)) }
    layout = stats.prints.last
    told =
      stats.fields.sorted { $0.key < $1.key }.filter(\.value.isTold).map { "the field '\($0.key)' has become empty" }
      + stats.anchors.sorted { $0.key < $1.key }.filter(\.value.isTold).map { "the anchor \($0.key) matches no more" }
  }
}

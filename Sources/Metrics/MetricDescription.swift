/// What one metric is: the only place that says its name, its kind, its labels and its help.
///
/// Names follow <https://prometheus.io/docs/practices/naming/>: base units (seconds, bytes), counters end in `_total`.
public struct MetricDescription: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Only grows; starts at 0 with the process.
    case counter
    case gauge
    /// Counts of durations in ``MetricDescription/buckets``, and their sum.
    case histogram
  }

  public var name: String
  public var kind: Kind
  /// Names of its labels. Values are names that an operator chose (a site, a channel) or words of a fixed list: never a
  /// URL, a parameter, a recipient or a field of an item.
  public var labels: [String]
  /// One line.
  public var help: String
  /// Upper bounds of a histogram.
  public var buckets: Buckets?
  /// Whether a value of 0 is left out: of most combinations of labels nothing ever happens.
  public var hidesZeros: Bool

  public static func counter(
    _ name: String, _ labels: [String], hidesZeros: Bool = false, _ help: String
  ) -> MetricDescription {
    MetricDescription(name: name, kind: .counter, labels: labels, help: help, buckets: nil, hidesZeros: hidesZeros)
  }

  public static func gauge(_ name: String, _ labels: [String], _ help: String) -> MetricDescription {
    MetricDescription(name: name, kind: .gauge, labels: labels, help: help, buckets: nil, hidesZeros: false)
  }

  public static func histogram(
    _ name: String, _ labels: [String], _ buckets: Buckets, _ help: String
  ) -> MetricDescription {
    MetricDescription(name: name, kind: .histogram, labels: labels, help: help, buckets: buckets, hidesZeros: false)
  }
}

/// Upper bounds of a histogram's buckets, rising; what is above the last one is counted as `+Inf`.
public struct Buckets: Sendable, Hashable {
  /// One more is kept, for what is above them all.
  public static let most = 15

  /// In nanoseconds.
  let bounds: [Int]

  public init(_ bounds: [Duration]) {
    precondition(bounds.count <= Buckets.most, "a histogram has at most \(Buckets.most) buckets")
    precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "the bounds of a histogram rise")
    self.bounds = bounds.map(\.wholeNanoseconds)
  }
}

extension Duration {
  /// Whole nanoseconds, at most 292 years of them; what is below zero is zero.
  var wholeNanoseconds: Int {
    // Up to 9 s without dividing 128 bits, which takes longer than all the rest of counting.
    if let short = Int64(exactly: attoseconds) { return max(0, Int(short / 1_000_000_000)) }
    let whole = attoseconds / 1_000_000_000
    return whole < 0 ? 0 : Int(clamping: whole)
  }
}

/// Spans of one axis, to be asked which of them hold a place.
struct SpanTable: Sendable {
  /// By low end, then the farther-reaching first.
  private let spans: [Span]
  private let groups: [Int32]
  /// A binary tree over ``spans``, root at 1: how far any span below reaches.
  private let reach: [Double]
  private let leaves: Int

  init(_ entries: [(span: Span, group: Int32)]) {
    let sorted = entries.sorted { ($0.span.low, $1.span.high, $0.group) < ($1.span.low, $0.span.high, $1.group) }
    spans = sorted.map(\.span)
    groups = sorted.map(\.group)
    var leaves = 1
    while leaves < spans.count { leaves *= 2 }
    var reach = [Double](repeating: -.infinity, count: 2 * leaves)
    for (index, span) in spans.enumerated() { reach[leaves + index] = span.high }
    for node in stride(from: leaves - 1, to: 0, by: -1) { reach[node] = max(reach[2 * node], reach[2 * node + 1]) }
    self.reach = reach
    self.leaves = leaves
  }

  var bytes: Int { spans.count * 20 + reach.count * 8 }

  /// Groups of all spans.
  func forEach(_ visit: (Int32) -> Void) { for group in groups { visit(group) } }

  /// Groups of the spans that hold `place`.
  func forEach(holding place: Double, _ visit: (Int32) -> Void) {
    // Spans that begin at `place` or before are a prefix.
    var (low, high) = (0, spans.count)
    while low < high {
      let middle = (low + high) / 2
      if spans[middle].low <= place { low = middle + 1 } else { high = middle }
    }
    descend(1, 0, leaves, before: low, place, visit)
  }

  private func descend(
    _ node: Int, _ first: Int, _ width: Int, before end: Int, _ place: Double, _ visit: (Int32) -> Void
  ) {
    guard first < end, reach[node] >= place else { return }
    if width == 1 { return visit(groups[first]) }
    descend(2 * node, first, width / 2, before: end, place, visit)
    descend(2 * node + 1, first + width / 2, width / 2, before: end, place, visit)
  }
}

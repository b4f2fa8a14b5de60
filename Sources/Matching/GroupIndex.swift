/// Which groups of subscribers a value could concern: a tree of exact look-ups, most telling field first, with spans and
/// what can't be looked up at its ends.
struct GroupIndex: Sendable {
  /// So few are judged one by one: a look-up would cost as much.
  static let fewest = 8

  enum Branch: Sendable {
    case groups(Range<Int32>)
    case node(Int32)
  }

  struct Node: Sendable {
    /// Of ``GroupIndex/groups``: those that no look-up narrows down.
    var open: Range<Int32> = 0..<0
    var exact: [(subject: Int32, table: [EqualKey: Branch])] = []
    var spans: [(subject: Int32, axis: Axis, table: SpanTable)] = []
  }

  private(set) var nodes: [Node] = []
  private(set) var groups: [Int32] = []
  private(set) var root: Branch = .groups(0..<0)

  /// A group with what is still to be looked up, as numbers of ``Draft/lookups``.
  fileprivate struct Entry {
    var group: Int32
    var lookups: [Int32]
  }

  /// What is known of groups while they are added: equal look-ups are kept once.
  struct Draft {
    fileprivate var lookups: [Lookup] = []
    fileprivate var entries: [Entry] = []
    private var numbers: [Lookup: Int32] = [:]

    mutating func add(_ group: Int32, _ requirement: Requirement) {
      for alternative in requirement.alternatives ?? [[]] {
        var entry = Entry(group: group, lookups: [])
        entry.lookups.reserveCapacity(alternative.count)
        for lookup in alternative { entry.lookups.append(number(lookup)) }
        entries.append(entry)
      }
    }

    private mutating func number(_ lookup: Lookup) -> Int32 {
      if let known = numbers[lookup] { return known }
      lookups.append(lookup)
      numbers[lookup] = Int32(lookups.count - 1)
      return Int32(lookups.count - 1)
    }
  }

  init(_ draft: consuming Draft) {
    let lookups = draft.lookups
    root = add(draft.entries, lookups)
    groups = Array(groups)
  }

  var bytes: Int {
    nodes.reduce(groups.count * 4 + nodes.count * MemoryLayout<Node>.stride) { sum, node in
      // A dictionary holds at most three quarters of what it has room for; keys and values side by side.
      sum
        + node.exact.reduce(0) {
          $0 + $1.table.capacity * (MemoryLayout<EqualKey>.stride + MemoryLayout<Branch>.stride)
        }
        + node.spans.reduce(0) { $0 + $1.table.bytes }
    }
  }

  private mutating func add(_ entries: [Entry], _ lookups: [Lookup]) -> Branch {
    guard entries.count > GroupIndex.fewest else { return .groups(store(entries)) }
    var (exact, spans, open) = sorted(entries, lookups)
    var node = Node()
    for subject in exact.keys.sorted() {
      let buckets = exact.removeValue(forKey: subject) ?? [:]
      node.exact.append((subject, buckets.mapValues { add($0, lookups) }))
    }
    for key in spans.keys.sorted(by: { ($0.subject, $0.axis.rawValue) < ($1.subject, $1.axis.rawValue) }) {
      guard let entries = spans.removeValue(forKey: key) else { continue }
      node.spans.append((key.subject, key.axis, SpanTable(entries)))
    }
    node.open = store(open)
    open = []
    nodes.append(node)
    return .node(Int32(nodes.count - 1))
  }

  private mutating func store(_ entries: [Entry]) -> Range<Int32> {
    let start = Int32(groups.count)
    for entry in entries { groups.append(entry.group) }
    return start..<Int32(groups.count)
  }

  private struct Line: Hashable {
    var subject: Int32
    var axis: Axis
  }

  /// Each entry by its most telling look-up: the exact one whose field tells most values apart, else such a span.
  private func sorted(_ entries: [Entry], _ lookups: [Lookup]) -> (
    exact: [Int32: [EqualKey: [Entry]]], spans: [Line: [(span: Span, group: Int32)]], open: [Entry]
  ) {
    var values: [Int32: Set<EqualKey>] = [:]
    var ends: [Line: Set<Span>] = [:]
    var met = [Bool](repeating: false, count: lookups.count)
    for entry in entries {
      for number in entry.lookups where !met[Int(number)] {
        met[Int(number)] = true
        let lookup = lookups[Int(number)]
        switch lookup.test {
        case .keys(let keys): values[lookup.subject, default: []].formUnion(keys)
        case .span(let axis, let span): ends[Line(subject: lookup.subject, axis: axis), default: []].insert(span)
        }
      }
    }
    let (tellingFields, tellingLines) = (values.mapValues(\.count), ends.mapValues(\.count))
    var exact: [Int32: [EqualKey: [Entry]]] = [:]
    var spans: [Line: [(span: Span, group: Int32)]] = [:]
    var open: [Entry] = []
    for entry in entries {
      if let (index, keys) = best(entry, lookups, tellingFields) {
        let subject = lookups[Int(entry.lookups[index])].subject
        var rest = entry
        rest.lookups.remove(at: index)
        for key in keys { exact[subject, default: [:]][key, default: []].append(rest) }
      } else if let (line, span) = best(entry, lookups, tellingLines) {
        spans[line, default: []].append((span, entry.group))
      } else {
        open.append(entry)
      }
    }
    return (exact, spans, open)
  }

  private func best(_ entry: Entry, _ lookups: [Lookup], _ telling: [Int32: Int]) -> (Int, [EqualKey])? {
    var best: (index: Int, keys: [EqualKey], worth: Int)?
    for (index, number) in entry.lookups.enumerated() {
      let lookup = lookups[Int(number)]
      guard case .keys(let keys) = lookup.test else { continue }
      let worth = telling[lookup.subject] ?? 0
      if best.map({ worth > $0.worth }) ?? true { best = (index, keys, worth) }
    }
    return best.map { ($0.index, $0.keys) }
  }

  private func best(_ entry: Entry, _ lookups: [Lookup], _ telling: [Line: Int]) -> (Line, Span)? {
    var best: (line: Line, span: Span, worth: Int)?
    for number in entry.lookups {
      let lookup = lookups[Int(number)]
      guard case .span(let axis, let span) = lookup.test else { continue }
      let line = Line(subject: lookup.subject, axis: axis)
      let worth = telling[line] ?? 0
      if best.map({ worth > $0.worth }) ?? true { best = (line, span, worth) }
    }
    return best.map { ($0.line, $0.span) }
  }
}

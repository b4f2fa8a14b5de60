import Patterns

/// One evaluation of a query against one document.
struct JSONPathEvaluator {
  let root: JSON
  /// How many more nodes may be visited or produced.
  private var budget = JSONPath.nodeBudget
  var patterns = JSONPathPatternCache()

  init(root: JSON) { self.root = root }

  struct Node {
    var value: JSON
    /// nil at the root, and everywhere when places are not asked for.
    var place: JSONPathPlace?
  }

  mutating func spend(_ nodes: Int = 1) throws(JSONPathLimit) {
    budget -= nodes
    if budget < 0 { throw JSONPathLimit(limit: JSONPath.nodeBudget) }
  }

  /// - Parameter current: What `@` means.
  mutating func nodes(
    _ query: JSONPathQuery, current: JSON, locating: Bool
  ) throws(JSONPathLimit) -> [Node] {
    var nodes = [Node(value: query.isRelative ? current : root, place: nil)]
    for segment in query.segments {
      if nodes.isEmpty { break }
      var next: [Node] = []
      for node in nodes {
        if segment.isDescendant {
          try descend(segment.selectors, node, locating, &next)
        } else {
          for selector in segment.selectors { try apply(selector, node, locating, &next) }
        }
      }
      nodes = next
    }
    return nodes
  }

  /// Visits a node and all below it, each before its children, children in order (RFC 9535 section 2.5.2.2). The list
  /// of what is still to be visited is kept here, so depth costs no thread stack.
  private mutating func descend(
    _ selectors: [JSONPathSelector], _ start: Node, _ locating: Bool, _ found: inout [Node]
  ) throws(JSONPathLimit) {
    var waiting = [start]
    while let node = waiting.popLast() {
      try spend()
      for selector in selectors { try apply(selector, node, locating, &found) }
      var children: [Node] = []
      try apply(.all, node, locating, &children)
      waiting.append(contentsOf: children.reversed())
    }
  }

  private mutating func apply(
    _ selector: JSONPathSelector, _ node: Node, _ locating: Bool, _ found: inout [Node]
  ) throws(JSONPathLimit) {
    switch (selector, node.value) {
    case (.name(let name), .object(let members)):
      guard let position = members.position(of: name) else { return }
      try append(members, position, node, locating, &found)
    case (.index(let index), .array(let items)):
      guard let index = items.index(counted: index) else { return }
      try append(items, index, node, locating, &found)
    case (.slice(let start, let end, let step), .array(let items)):
      for index in JSONPathSlice(start, end, step, count: items.count) {
        try append(items, index, node, locating, &found)
      }
    case (.all, .object(let members)):
      for position in 0..<members.count { try append(members, position, node, locating, &found) }
    case (.all, .array(let items)):
      for index in items.indices { try append(items, index, node, locating, &found) }
    case (.filter(let condition), .object(let members)):
      for position in 0..<members.count where try holds(condition, members.values[position]) {
        try append(members, position, node, locating, &found)
      }
    case (.filter(let condition), .array(let items)):
      for index in items.indices where try holds(condition, items[index]) {
        try append(items, index, node, locating, &found)
      }
    default: return
    }
  }

  @inline(__always)
  private mutating func append(
    _ members: JSONObject, _ position: Int, _ parent: Node, _ locating: Bool, _ found: inout [Node]
  ) throws(JSONPathLimit) {
    try spend()
    let place = locating ? JSONPathPlace(parent.place, .name(members.names[position])) : nil
    found.append(Node(value: members.values[position], place: place))
  }

  @inline(__always)
  private mutating func append(
    _ items: [JSON], _ index: Int, _ parent: Node, _ locating: Bool, _ found: inout [Node]
  ) throws(JSONPathLimit) {
    try spend()
    let place = locating ? JSONPathPlace(parent.place, .index(index)) : nil
    found.append(Node(value: items[index], place: place))
  }
}

extension [JSON] {
  /// The position an index means, which counts from the end when negative.
  func index(counted index: Int) -> Int? {
    let position = index < 0 ? count + index : index
    return indices.contains(position) ? position : nil
  }
}

/// The positions that `start:end:step` names (RFC 9535 section 2.3.4.2).
struct JSONPathSlice: Sequence, IteratorProtocol {
  private var position: Int
  private let end: Int
  private let step: Int

  init(_ start: Int?, _ end: Int?, _ step: Int, count: Int) {
    func bounded(_ index: Int, _ range: ClosedRange<Int>) -> Int {
      Swift.min(Swift.max(index < 0 ? count + index : index, range.lowerBound), range.upperBound)
    }
    self.step = step
    if step >= 0 {
      position = bounded(start ?? 0, 0...count)
      self.end = bounded(end ?? count, 0...count)
    } else {
      // One before the first, which no written index can mean.
      position = bounded(start ?? count - 1, -1...(count - 1))
      self.end = end.map { bounded($0, -1...(count - 1)) } ?? -1
    }
  }

  mutating func next() -> Int? {
    guard step > 0 ? position < end : step < 0 && position > end else { return nil }
    defer { position += step }
    return position
  }
}

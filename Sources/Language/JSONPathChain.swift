/// A step of a query that is only names, indices and `*`, such as `$.items[*].id`: nearly all of them.
enum JSONPathChainStep: Sendable {
  case name(String)
  case index(Int)
  case all

  /// The walk recurses once for each `*`; a query with more of them takes the evaluator, which does not.
  private static let mostStars = 16

  /// nil for queries that need the whole evaluator.
  static func chain(of query: JSONPathQuery) -> [JSONPathChainStep]? {
    var steps: [JSONPathChainStep] = []
    var stars = 0
    for segment in query.segments {
      guard !segment.isDescendant, segment.selectors.count == 1 else { return nil }
      switch segment.selectors[0] {
      case .name(let name): steps.append(.name(name))
      case .index(let index): steps.append(.index(index))
      case .all:
        steps.append(.all)
        stars += 1
      case .slice, .filter: return nil
      }
    }
    return stars <= mostStars ? steps : nil
  }
}

/// Follows a chain without lists of nodes in between. Recurses once for each `*`.
struct JSONPathChainWalk {
  private(set) var found: [JSON] = []
  private var visited = 0

  mutating func collect(_ chain: ArraySlice<JSONPathChainStep>, _ start: JSON) throws(JSONPathLimit) {
    var value = start
    for (index, step) in zip(chain.indices, chain) {
      if case .all = step { return try collectChildren(of: value, chain[(index + 1)...]) }
      guard let child = value.child(at: step) else { return }
      value = child
    }
    found.append(value)
  }

  private mutating func collectChildren(
    of value: JSON, _ rest: ArraySlice<JSONPathChainStep>
  ) throws(JSONPathLimit) {
    let children: [JSON]
    switch value {
    case .array(let items): children = items
    case .object(let members): children = members.values
    default: return
    }
    visited += children.count
    if visited > JSONPath.nodeBudget { throw JSONPathLimit(limit: JSONPath.nodeBudget) }
    if rest.isEmpty {
      found.append(contentsOf: children)
    } else {
      found.reserveCapacity(found.count + children.count)
      for child in children { try collect(rest, child) }
    }
  }
}

extension JSON {
  fileprivate func child(at step: JSONPathChainStep) -> JSON? {
    switch (step, self) {
    case (.name(let name), .object(let members)): members[name]
    case (.index(let index), .array(let items)): items.index(counted: index).map { items[$0] }
    default: nil
    }
  }
}

extension JSONPathQuery {
  /// The one value of a singular query.
  func singularValue(from start: JSON) -> JSON? {
    var value = start
    for segment in segments {
      switch (segment.selectors.first, value) {
      case (.name(let name), .object(let members)):
        guard let child = members[name] else { return nil }
        value = child
      case (.index(let index), .array(let items)):
        guard let index = items.index(counted: index) else { return nil }
        value = items[index]
      default: return nil
      }
    }
    return value
  }
}

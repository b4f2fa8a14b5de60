/// A query that a ``JSONTape`` answers: names, indices, `*` and filters of the usual kinds, one after the other.
struct JSONTapePath: Sendable {
  enum Step: Sendable {
    case name([UInt8])
    case index(Int)
    case all
    case filter(Condition)
  }

  indirect enum Condition: Sendable {
    case any([Condition])
    case all([Condition])
    case not(Condition)
    case exists([Step])
    /// `@.name == literal` and its like: names and indices on the left.
    case compare([Step], JSONPathComparison, JSON)
  }

  var steps: [Step]
  /// Only names and indices: one node at most.
  var isSingular: Bool

  /// The walk recurses once for each `*` and filter.
  private static let mostLists = 16

  /// nil for queries that need a tree.
  init?(_ query: JSONPathQuery) {
    guard let steps = JSONTapePath.steps(of: query) else { return nil }
    let lists = steps.count { step in
      switch step {
      case .all, .filter: true
      case .name, .index: false
      }
    }
    guard lists <= JSONTapePath.mostLists else { return nil }
    self.steps = steps
    isSingular = lists == 0
  }

  private static func steps(of query: JSONPathQuery) -> [Step]? {
    var steps: [Step] = []
    for segment in query.segments {
      guard !segment.isDescendant, segment.selectors.count == 1 else { return nil }
      switch segment.selectors[0] {
      case .name(let name): steps.append(.name(Array(name.utf8)))
      case .index(let index): steps.append(.index(index))
      case .all: steps.append(.all)
      case .filter(let condition):
        guard let condition = Condition(condition) else { return nil }
        steps.append(.filter(condition))
      case .slice: return nil
      }
    }
    return steps
  }

  /// What stands in a filter: `@`, and then names and indices.
  fileprivate static func singular(_ query: JSONPathQuery) -> [Step]? {
    guard query.isRelative, query.isSingular else { return nil }
    return steps(of: query)
  }
}

extension JSONTapePath.Condition {
  /// nil for conditions that need a tree.
  fileprivate init?(_ condition: JSONPathCondition) {
    switch condition {
    case .any(let parts):
      guard let all = Self.all(parts) else { return nil }
      self = .any(all)
    case .all(let parts):
      guard let all = Self.all(parts) else { return nil }
      self = .all(all)
    case .not(let inner):
      guard let inner = Self(inner) else { return nil }
      self = .not(inner)
    case .exists(let query):
      guard let steps = JSONTapePath.singular(query) else { return nil }
      self = .exists(steps)
    case .compare(.query(let query), let comparison, .literal(let literal)):
      guard let steps = JSONTapePath.singular(query) else { return nil }
      self = .compare(steps, comparison, literal)
    case .compare(.literal(let literal), let comparison, .query(let query)):
      guard let steps = JSONTapePath.singular(query) else { return nil }
      self = .compare(steps, comparison.turned, literal)
    case .compare, .matches: return nil
    }
  }

  private static func all(_ parts: [JSONPathCondition]) -> [Self]? {
    let made = parts.compactMap(Self.init)
    return made.count == parts.count ? made : nil
  }
}

extension JSONPathComparison {
  /// With its sides exchanged.
  fileprivate var turned: JSONPathComparison {
    switch self {
    case .equal, .notEqual: self
    case .less: .greater
    case .greater: .less
    case .lessOrEqual: .greaterOrEqual
    case .greaterOrEqual: .lessOrEqual
    }
  }
}

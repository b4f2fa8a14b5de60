import Patterns

/// A parsed query: `$` or `@` and its segments.
struct JSONPathQuery: Sendable {
  /// Begins with `@`: starts at the node a filter looks at.
  var isRelative: Bool
  var segments: [JSONPathSegment]

  /// Only single names and indices, so at most one node: what may stand in a comparison.
  var isSingular: Bool { segments.allSatisfy(\.isSingular) }
}

struct JSONPathSegment: Sendable {
  /// Written with `..`: applies to the node and everything below it.
  var isDescendant: Bool
  var selectors: [JSONPathSelector]

  var isSingular: Bool {
    guard !isDescendant, selectors.count == 1 else { return false }
    switch selectors[0] {
    case .name, .index: return true
    default: return false
    }
  }
}

enum JSONPathSelector: Sendable {
  case name(String)
  case all
  /// Counted from the end when negative.
  case index(Int)
  case slice(start: Int?, end: Int?, step: Int)
  case filter(JSONPathCondition)
}

/// What a filter asks of each child.
indirect enum JSONPathCondition: Sendable {
  case any([JSONPathCondition])
  case all([JSONPathCondition])
  case not(JSONPathCondition)
  case exists(JSONPathQuery)
  case compare(JSONPathOperand, JSONPathComparison, JSONPathOperand)
  /// `match` asks for the whole text, `search` for a part of it.
  case matches(JSONPathOperand, JSONPathPattern, whole: Bool)
}

/// One side of a comparison, or an argument: a value or nothing.
indirect enum JSONPathOperand: Sendable {
  case literal(JSON)
  /// A singular query.
  case query(JSONPathQuery)
  case length(JSONPathOperand)
  case count(JSONPathQuery)
  case value(JSONPathQuery)
}

enum JSONPathComparison: String, Sendable, CaseIterable {
  case equal = "=="
  case notEqual = "!="
  case lessOrEqual = "<="
  case greaterOrEqual = ">="
  case less = "<"
  case greater = ">"
}

/// The pattern of `match` or `search`.
enum JSONPathPattern: Sendable {
  case compiled(Pattern)
  /// Taken from the document, compiled when met.
  case computed(JSONPathOperand)
}

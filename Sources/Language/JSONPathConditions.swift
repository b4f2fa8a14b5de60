internal import Patterns

extension JSONPathEvaluator {
  /// Whether the condition holds for the node at hand.
  mutating func holds(_ condition: JSONPathCondition, _ current: JSON) throws(JSONPathLimit) -> Bool {
    try spend()
    switch condition {
    case .any(let parts):
      for part in parts where try holds(part, current) { return true }
      return false
    case .all(let parts):
      for part in parts where try !holds(part, current) { return false }
      return true
    case .not(let inner): return try !holds(inner, current)
    case .exists(let query):
      if query.isSingular { return singular(query, current) != nil }
      return try !nodes(query, current: current, locating: false).isEmpty
    case .compare(let left, let comparison, let right):
      return try compare(try value(left, current), comparison, try value(right, current))
    case .matches(let text, let pattern, let whole): return try matches(text, pattern, whole, current)
    }
  }

  private func singular(_ query: JSONPathQuery, _ current: JSON) -> JSON? {
    query.singularValue(from: query.isRelative ? current : root)
  }

  /// The operand's value; nil is the RFC's Nothing.
  private mutating func value(_ operand: JSONPathOperand, _ current: JSON) throws(JSONPathLimit) -> JSON? {
    switch operand {
    case .literal(let value): return value
    case .query(let query): return singular(query, current)
    case .length(let inner): return length(try value(inner, current))
    case .count(let query): return .integer(Int64(try nodes(query, current: current, locating: false).count))
    case .value(let query):
      let found = try nodes(query, current: current, locating: false)
      return found.count == 1 ? found[0].value : nil
    }
  }

  private func length(_ value: JSON?) -> JSON? {
    switch value {
    case .string(let text): .integer(Int64(text.unicodeScalars.count))
    case .array(let items): .integer(Int64(items.count))
    case .object(let members): .integer(Int64(members.count))
    default: nil
    }
  }

  private mutating func compare(
    _ left: JSON?, _ comparison: JSONPathComparison, _ right: JSON?
  ) throws(JSONPathLimit) -> Bool {
    switch comparison {
    case .equal: return try isEqual(left, right)
    case .notEqual: return try !isEqual(left, right)
    case .less: return isLess(left, right)
    case .greater: return isLess(right, left)
    case .lessOrEqual: return isLess(left, right) ? true : try isEqual(left, right)
    case .greaterOrEqual: return isLess(right, left) ? true : try isEqual(left, right)
    }
  }

  private mutating func isEqual(_ left: JSON?, _ right: JSON?) throws(JSONPathLimit) -> Bool {
    guard let left, let right else { return left == nil && right == nil }
    var comparison = JSONEquality(isExact: false, limit: JSONPath.nodeBudget)
    let isSame = comparison.holds(left, right)
    try spend(comparison.cost)
    return isSame
  }

  private func isLess(_ left: JSON?, _ right: JSON?) -> Bool {
    guard let left, let right else { return false }
    if case .string(let a) = left, case .string(let b) = right { return a.utf8.lexicographicallyPrecedes(b.utf8) }
    return left.isLessNumber(than: right)
  }

  /// What one pattern search costs: 20,000 searches a selection, each with its own limits.
  private static let patternCost = 5

  private mutating func matches(
    _ text: JSONPathOperand, _ pattern: JSONPathPattern, _ whole: Bool, _ current: JSON
  ) throws(JSONPathLimit) -> Bool {
    try spend(Self.patternCost)
    guard case .string(let text) = try value(text, current) else { return false }
    let compiled: Pattern
    switch pattern {
    case .compiled(let pattern): compiled = pattern
    case .computed(let operand):
      guard case .string(let source) = try value(operand, current) else { return false }
      guard let pattern = try patterns.pattern(source, whole: whole) else { return false }
      compiled = pattern
    }
    do throws(PatternLimit) {
      return try compiled.hasMatch(in: text)
    } catch {
      throw JSONPathLimit(limit: error.limit, reason: .pattern)
    }
  }
}

/// Patterns that came from the document, compiled once each.
struct JSONPathPatternCache {
  private var known: [ExactName: Pattern?] = [:]
  /// A compilation takes some 50 µs; more than this many different patterns in one document are an attack.
  private static let limit = 100

  /// nil for a text that is no I-Regexp, which matches nothing (RFC 9535 section 2.4.6).
  mutating func pattern(_ source: String, whole: Bool) throws(JSONPathLimit) -> Pattern? {
    let key = ExactName((whole ? "m" : "s") + source)
    if let pattern = known[key] { return pattern }
    if known.count == Self.limit { throw JSONPathLimit(limit: Self.limit, reason: .pattern) }
    let pattern = source.utf8.count <= JSONPath.maximumLength ? try? IRegexp.compile(source, whole: whole) : nil
    known[key] = .some(pattern)
    return pattern
  }
}

internal import Patterns

extension JSONPathParser {
  /// `a || b`, where `&&` binds tighter.
  mutating func condition() throws(SyntaxError) -> JSONPathCondition {
    var alternatives = [try conjunction()]
    while operatorFollows("||") { alternatives.append(try conjunction()) }
    return alternatives.count == 1 ? alternatives[0] : .any(alternatives)
  }

  private mutating func conjunction() throws(SyntaxError) -> JSONPathCondition {
    var parts = [try basic()]
    while operatorFollows("&&") { parts.append(try basic()) }
    return parts.count == 1 ? parts[0] : .all(parts)
  }

  private mutating func operatorFollows(_ text: String) -> Bool {
    let before = scan.index
    scan.skipSpace()
    guard scan.take(text) else {
      scan.index = before
      return false
    }
    scan.skipSpace()
    return true
  }

  private mutating func basic() throws(SyntaxError) -> JSONPathCondition {
    if scan.take("!") {
      scan.skipSpace()
      return .not(scan.peek == "(" ? try parenthesized() : try test(try term()))
    }
    if scan.peek == "(" { return try parenthesized() }
    let start = scan.index
    let left = try term()
    let beforeOperator = scan.index
    scan.skipSpace()
    guard let comparison = try comparison() else {
      scan.index = beforeOperator
      return try test(left)
    }
    scan.skipSpace()
    let rightStart = scan.index
    let right = try term()
    return .compare(try operand(left, at: start), comparison, try operand(right, at: rightStart))
  }

  private mutating func parenthesized() throws(SyntaxError) -> JSONPathCondition {
    let opening = scan.index
    scan.index += 1
    scan.skipSpace()
    let inner = try nested { parser throws(SyntaxError) in try parser.condition() }
    scan.skipSpace()
    guard scan.take(")") else {
      throw scan.isAtEnd
        ? scan.problem("')' is missing", at: opening) : scan.problem("expected ')', found \(scan.described)")
    }
    return inner
  }

  private mutating func comparison() throws(SyntaxError) -> JSONPathComparison? {
    for comparison in JSONPathComparison.allCases where scan.take(comparison.rawValue) {
      if comparison == .equal, scan.peek == "=" {
        throw scan.problem("'===' is no operator", at: scan.index - 2, help: "did you mean '=='?")
      }
      return comparison
    }
    if scan.peek == "=" {
      let isPattern = scan.scalars[scan.index...].starts(with: "=~".unicodeScalars)
      throw scan.problem(
        "'\(isPattern ? "=~" : "=")' is no operator",
        help: isPattern ? "use search(@.a, 'pattern')" : "did you mean '=='?")
    }
    return nil
  }
}

/// What can stand on either side of an operator, before it is known how it is used.
enum JSONPathTerm {
  case literal(JSON)
  case query(JSONPathQuery)
  /// A function that gives a value: length, count, value.
  case valueCall(JSONPathOperand, name: String)
  /// A function that is true or false: match, search.
  case test(JSONPathCondition, name: String)
}

extension JSONPathParser {
  mutating func term() throws(SyntaxError) -> JSONPathTerm {
    guard let first = scan.peek else { throw scan.problem("the condition ends too early") }
    switch first {
    case "@", "$":
      let isRelative = first == "@"
      scan.index += 1
      return .query(JSONPathQuery(isRelative: isRelative, segments: try segments()))
    case "'", "\"": return .literal(.string(try scan.quotedString()))
    case "-", "0"..."9": return .literal(try scan.number())
    case "a"..."z": return try wordOrCall()
    default:
      throw scan.problem(
        "expected '@', '$', a function or a literal, found \(scan.described)",
        help: first == "." ? "did you mean '@.' (the node at hand)?" : nil)
    }
  }

  private mutating func wordOrCall() throws(SyntaxError) -> JSONPathTerm {
    let start = scan.index
    var name = ""
    while let scalar = scan.peek, scan.isDigit(scalar) || scalar == "_" || ("a"..."z").contains(scalar) {
      name.unicodeScalars.append(scalar)
      scan.index += 1
    }
    if scan.peek == "(" { return try call(name, at: start) }
    switch name {
    case "true": return .literal(.bool(true))
    case "false": return .literal(.bool(false))
    case "null": return .literal(.null)
    case "and": throw scan.problem("'and' is written '&&' in JSONPath", at: start)
    case "or": throw scan.problem("'or' is written '||' in JSONPath", at: start)
    default:
      throw scan.problem("'\(name)' means nothing here", at: start, help: "did you mean '@.\(name)' or '\"\(name)\"'?")
    }
  }

  /// A term that stands alone must be a query or a test.
  private func test(_ term: JSONPathTerm) throws(SyntaxError) -> JSONPathCondition {
    switch term {
    case .query(let query): return .exists(query)
    case .test(let condition, _): return condition
    case .literal: throw scan.problem("a literal alone is no condition", help: "compare it: @.a == 1")
    case .valueCall(_, let name):
      throw scan.problem("\(name)() gives a value, which must be compared", help: "write \(name)(…) > 0")
    }
  }

  /// A term in a comparison, or as an argument that must be a value.
  func operand(_ term: JSONPathTerm, at start: Int) throws(SyntaxError) -> JSONPathOperand {
    switch term {
    case .literal(let value): return .literal(value)
    case .valueCall(let call, _): return call
    case .query(let query):
      guard query.isSingular else {
        throw scan.problem(
          "a query that may give several nodes cannot be used as a value", at: start,
          help: "use only names and indices, or value(…), count(…)")
      }
      return .query(query)
    case .test(_, let name):
      throw scan.problem("\(name)() is true or false and cannot be compared or passed on", at: start)
    }
  }
}

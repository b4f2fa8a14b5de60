import Patterns

/// The functions of RFC 9535 section 2.4.
enum JSONPathFunction: String, CaseIterable {
  case length, count, match, search, value

  var parameterCount: Int {
    switch self {
    case .length, .count, .value: 1
    case .match, .search: 2
    }
  }
}

extension JSONPathParser {
  /// A call; the scanner stands on its opening parenthesis.
  mutating func call(_ name: String, at start: Int) throws(SyntaxError) -> JSONPathTerm {
    guard let function = JSONPathFunction(rawValue: name) else { throw unknownFunction(name, at: start) }
    let arguments = try nested { parser throws(SyntaxError) in try parser.arguments(function, at: start) }
    switch function {
    case .length: return .valueCall(.length(try value(arguments[0])), name: name)
    case .count: return .valueCall(.count(try query(arguments[0], name)), name: name)
    case .value: return .valueCall(.value(try query(arguments[0], name)), name: name)
    case .match, .search:
      let whole = function == .match
      let pattern = try pattern(arguments[1], whole: whole)
      return .test(.matches(try value(arguments[0]), pattern, whole: whole), name: name)
    }
  }

  struct Argument {
    var term: JSONPathTerm
    var start: Int
  }

  private mutating func arguments(_ function: JSONPathFunction, at start: Int) throws(SyntaxError) -> [Argument] {
    let opening = scan.index
    scan.index += 1
    scan.skipSpace()
    var arguments: [Argument] = []
    if scan.peek != ")" {
      repeat {
        scan.skipSpace()
        let start = scan.index
        arguments.append(Argument(term: try term(), start: start))
        scan.skipSpace()
      } while scan.take(",")
    }
    guard scan.take(")") else {
      throw scan.isAtEnd
        ? scan.problem("')' is missing", at: opening)
        : scan.problem("expected ',' or ')', found \(scan.described)")
    }
    guard arguments.count == function.parameterCount else {
      let wanted = function.parameterCount == 1 ? "one argument" : "two arguments"
      throw scan.problem("\(function.rawValue)() takes \(wanted), not \(arguments.count)", at: start)
    }
    return arguments
  }

  private func value(_ argument: Argument) throws(SyntaxError) -> JSONPathOperand {
    try operand(argument.term, at: argument.start)
  }

  private func query(_ argument: Argument, _ name: String) throws(SyntaxError) -> JSONPathQuery {
    guard case .query(let query) = argument.term else {
      throw scan.problem("\(name)() takes a query", at: argument.start, help: "write \(name)(@.a) or \(name)($..a)")
    }
    return query
  }

  private func pattern(_ argument: Argument, whole: Bool) throws(SyntaxError) -> JSONPathPattern {
    guard case .literal(.string(let source)) = argument.term else { return .computed(try value(argument)) }
    do {
      return .compiled(try IRegexp.compile(source, whole: whole))
    } catch {
      // Escapes make places in the pattern and in the path differ, so the path's place is the string's start.
      throw scan.problem("the pattern is not an I-Regexp: \(error.message)", at: argument.start, help: error.help)
    }
  }

  private func unknownFunction(_ name: String, at start: Int) -> SyntaxError {
    let known = JSONPathFunction.allCases.map { $0.rawValue + "()" }.joined(separator: ", ")
    let meant = ["size": "length", "len": "length", "regex": "search", "matches": "match", "contains": "search"][name]
    let near = meant ?? JSONPathFunction.allCases.map(\.rawValue).first { $0.hasPrefix(name) || name.hasPrefix($0) }
    let help = near.map { "did you mean '\($0)()'? functions: \(known)" } ?? "functions: \(known)"
    return scan.problem("unknown function '\(name)()'", at: start, help: help)
  }
}

import Diagnostics

/// Recursive descent over the tokens; types are checked as nodes are made.
struct ExpressionParser {
  /// A part of the expression with what is known of it.
  struct Part {
    var node: ExpressionNode
    var type: ExpressionType
    var offset: Int
  }

  static let keywords = ["and", "or", "not", "in", "matches", "true", "false", "null", "now"]

  let tokens: [ExpressionToken]
  let names: [String: ValueType]
  var used: Set<String> = []
  private var index = 0
  private var depth = 0

  init(tokens: [ExpressionToken], names: [String: ValueType]) {
    self.tokens = tokens
    self.names = names
  }

  private var token: ExpressionToken { tokens[index] }

  mutating func parse() throws(SyntaxError) -> Part {
    if case .end = token.kind { throw SyntaxError("an expression is expected", offset: 0, help: "as in start > now") }
    let whole = try disjunction()
    guard case .end = token.kind else {
      throw SyntaxError("an operator is expected before '\(token.text)'", offset: token.offset, help: nearKeyword())
    }
    return whole
  }

  /// `did you mean 'and'?` for a misspelt operator.
  private func nearKeyword() -> String? {
    let operators = ["and", "or", "in", "matches"]
    return didYouMean(token.text, among: operators).map { "did you mean '\($0)'?" }
      ?? "operators: == != < <= > >= in matches and or + -"
  }

  private mutating func takeWord(_ word: String) -> Bool {
    guard token.kind == .name(word) else { return false }
    index += 1
    return true
  }

  private mutating func takeSymbol(_ symbol: String) -> Bool {
    guard token.kind == .symbol(symbol) else { return false }
    index += 1
    return true
  }

  private mutating func nested<T>(
    _ parse: (inout ExpressionParser) throws(SyntaxError) -> T
  ) throws(SyntaxError) -> T {
    guard depth < Expression.deepest else {
      throw SyntaxError("an expression is nested at most \(Expression.deepest) deep", offset: token.offset)
    }
    depth += 1
    defer { depth -= 1 }
    return try parse(&self)
  }
}

extension ExpressionParser {
  private mutating func disjunction() throws(SyntaxError) -> Part {
    try logical("or", ExpressionNode.any) { (parser) throws(SyntaxError) in
      try parser.logical("and", ExpressionNode.all) { (parser) throws(SyntaxError) in try parser.negation() }
    }
  }

  /// Operands joined by `word`, kept as one flat node: a chain must not deepen the tree.
  private mutating func logical(
    _ word: String, _ make: ([ExpressionNode]) -> ExpressionNode,
    _ operand: (inout ExpressionParser) throws(SyntaxError) -> Part
  ) throws(SyntaxError) -> Part {
    let first = try operand(&self)
    guard case .name(word) = token.kind else { return first }
    try first.requireBoolean("'\(word)'")
    var operands = [first.node]
    while takeWord(word) {
      let next = try operand(&self)
      try next.requireBoolean("'\(word)'")
      operands.append(next.node)
    }
    return Part(node: make(operands), type: .known(.boolean), offset: first.offset)
  }

  private mutating func negation() throws(SyntaxError) -> Part {
    let offset = token.offset
    guard takeWord("not") else { return try comparison() }
    let operand = try nested { (parser) throws(SyntaxError) in try parser.negation() }
    try operand.requireBoolean("'not'")
    return Part(node: .not(operand.node), type: .known(.boolean), offset: offset)
  }

  private mutating func comparison() throws(SyntaxError) -> Part {
    let left = try sum()
    guard let node = try comparison(of: left) else { return left }
    if let again = comparisonSign(token) {
      throw SyntaxError(
        "comparisons do not chain", offset: token.offset, help: "join them with 'and': a < b and b \(again) c")
    }
    return Part(node: node, type: .known(.boolean), offset: left.offset)
  }

  private func comparisonSign(_ token: ExpressionToken) -> String? {
    switch token.kind {
    case .symbol(let symbol): ExpressionComparison(rawValue: symbol)?.rawValue
    case .name("in"), .name("matches"): token.text
    default: nil
    }
  }

  /// nil where no comparison follows.
  private mutating func comparison(of left: Part) throws(SyntaxError) -> ExpressionNode? {
    let sign = token
    switch sign.kind {
    case .symbol(let symbol):
      guard let comparison = ExpressionComparison(rawValue: symbol) else { return nil }
      index += 1
      return try compare(left, comparison, try sum(), at: sign.offset)
    case .name("in"):
      index += 1
      return try within(left, try sum(), at: sign.offset)
    case .name("not") where tokens[index + 1].kind == .name("in"):
      index += 2
      return .not(try within(left, try sum(), at: sign.offset))
    case .name("matches"):
      index += 1
      return try matches(left, at: sign.offset)
    default: return nil
    }
  }

  private mutating func matches(_ left: Part, at offset: Int) throws(SyntaxError) -> ExpressionNode {
    let right = token
    guard case .literal(.text(let pattern)) = right.kind else {
      throw SyntaxError("'matches' needs a pattern in quotes", offset: right.offset, help: "as in name matches '^دکتر'")
    }
    index += 1
    try left.requireText(at: offset)
    do {
      return .matches(left.node, try ExpressionPattern(pattern))
    } catch {
      // Within the quotes; a doubled quote before the mistake would move it by one.
      throw SyntaxError(error.message, offset: right.offset + 1 + error.offset, help: error.help)
    }
  }

  private mutating func sum() throws(SyntaxError) -> Part {
    var left = try postfix()
    while case .symbol(let sign) = token.kind, sign == "+" || sign == "-" {
      let offset = token.offset
      index += 1
      let right = try postfix()
      let type = try left.type(adding: right, negative: sign == "-", at: offset)
      left = Part(node: .sum(left.node, right.node, negative: sign == "-"), type: type, offset: left.offset)
    }
    return left
  }

  private mutating func postfix() throws(SyntaxError) -> Part {
    var part = try primary()
    while takeSymbol(".") {
      let name = token
      guard case .name(let word) = name.kind else {
        throw SyntaxError("a member's name is expected behind '.'", offset: name.offset, help: Part.members)
      }
      index += 1
      part = try part.member(word, at: name.offset)
    }
    return part
  }

  private mutating func primary() throws(SyntaxError) -> Part {
    let start = token
    index += start.kind == .end ? 0 : 1
    switch start.kind {
    case .literal(let value):
      return Part(node: .literal(value), type: ExpressionType(value.type), offset: start.offset)
    case .local(let date, let time):
      return Part(node: .local(date, time), type: .known(.instant), offset: start.offset)
    case .name(let name): return try named(name, start)
    case .symbol("("):
      let inner = try nested { (parser) throws(SyntaxError) in try parser.disjunction() }
      try close(")", start)
      return inner
    case .symbol("["): return try list(start)
    case .symbol("-"): return try negative(start)
    case .symbol, .end:
      let found = start.kind == .end ? "the end" : "'\(start.text)'"
      throw SyntaxError("a value is expected, not \(found)", offset: start.offset)
    }
  }

  private mutating func close(_ bracket: String, _ start: ExpressionToken) throws(SyntaxError) {
    guard takeSymbol(bracket) else {
      if token.kind == .end { throw SyntaxError("'\(start.text)' is not closed", offset: start.offset) }
      throw SyntaxError(
        "'\(bracket)' or an operator is expected before '\(token.text)'", offset: token.offset, help: nearKeyword())
    }
  }

  /// `-5`: only numbers have a sign.
  private mutating func negative(_ start: ExpressionToken) throws(SyntaxError) -> Part {
    let value: Value? =
      switch token.kind {
      case .literal(.integer(let number)): .integer(-number)
      case .literal(.decimal(let number)): number.multiplied(by: -1).map { .decimal($0) }
      default: nil
      }
    guard let value else { throw SyntaxError("a number is expected behind '-'", offset: start.offset) }
    index += 1
    return Part(node: .literal(value), type: ExpressionType(value.type), offset: start.offset)
  }

  private mutating func list(_ start: ExpressionToken) throws(SyntaxError) -> Part {
    var items: [ExpressionNode] = []
    if !takeSymbol("]") {
      repeat {
        let item = try nested { (parser) throws(SyntaxError) in try parser.sum() }
        if item.type == .null {
          throw SyntaxError("null is in no list", offset: item.offset, help: "ask for it with == null")
        }
        items.append(item.node)
      } while takeSymbol(",")
      try close("]", start)
    }
    return Part(node: .list(items), type: .list, offset: start.offset)
  }

  private mutating func named(_ name: String, _ start: ExpressionToken) throws(SyntaxError) -> Part {
    switch name {
    case "true", "false":
      return Part(node: .literal(.boolean(name == "true")), type: .known(.boolean), offset: start.offset)
    case "null": return Part(node: .literal(.null), type: .null, offset: start.offset)
    case "now" where names["now"] == nil: return Part(node: .now, type: .known(.instant), offset: start.offset)
    case "and", "or", "in", "matches":
      throw SyntaxError("a value is expected before '\(name)'", offset: start.offset)
    case "not":
      throw SyntaxError("'not' stands before a whole comparison", offset: start.offset, help: "as in not (a == b)")
    default: break
    }
    if names[name] == nil, let day = WeekdayWord.number(name) {
      return Part(node: .literal(.integer(day)), type: .known(.integer), offset: start.offset)
    }
    guard let type = names[name] else {
      let near = didYouMean(name, among: names.keys.sorted() + Self.keywords).map { "did you mean '\($0)'?" }
      let known = names.keys.sorted().joined(separator: ", ")
      let all = known.isEmpty ? "there are no names here; texts stand in 'quotes'" : "names here: " + known
      throw SyntaxError("unknown name '\(name)'", offset: start.offset, help: near ?? all)
    }
    used.insert(name)
    return Part(node: .name(name), type: ExpressionType(type), offset: start.offset)
  }
}

import Language

/// Recursive descent over the grammar of XPath 1.0; finds mistakes before libxml2 does, with a place and a way out.
struct XPathParser {
  private let tokens: [XPathToken]
  private var position = 0
  private var depth = 0

  /// libxml2 has a limit of its own that shrinks with the thread's stack; nobody writes a selector this deep.
  static let maxDepth = 64

  static func parse(_ text: [Unicode.Scalar]) throws(SyntaxError) -> XPathSyntax {
    var parser = XPathParser(tokens: try XPathLexer.tokens(of: text))
    if parser.next.kind == .end { throw SyntaxError("the path is empty", offset: 0) }
    let syntax = try parser.readExpression()
    guard parser.next.kind == .end else { throw parser.unexpected("an operator or the end") }
    return syntax
  }

  private init(tokens: [XPathToken]) { self.tokens = tokens }

  private mutating func readExpression() throws(SyntaxError) -> XPathSyntax {
    depth += 1
    defer { depth -= 1 }
    guard depth <= XPathParser.maxDepth else {
      throw SyntaxError("nested deeper than \(XPathParser.maxDepth)", offset: next.start)
    }
    return try readBinary(XPathParser.operators[...])
  }

  /// From the loosest to the tightest.
  private static let operators: [[String]] = [
    ["or"], ["and"], ["=", "!="], ["<", "<=", ">", ">="], ["+", "-"], ["*", "div", "mod"],
  ]

  private mutating func readBinary(_ levels: ArraySlice<[String]>) throws(SyntaxError) -> XPathSyntax {
    guard let level = levels.first else { return try readUnary() }
    var operands = [try readBinary(levels.dropFirst())]
    var operators: [String] = []
    while let name = nextOperator(in: level) {
      position += 1
      operators.append(name)
      operands.append(try readBinary(levels.dropFirst()))
    }
    return operands.count == 1 ? operands[0] : .operation(operands, operators)
  }

  private func nextOperator(in level: [String]) -> String? {
    switch next.kind {
    case .symbol(let name), .operatorName(let name): level.contains(name) ? name : nil
    default: nil
    }
  }

  private mutating func readUnary() throws(SyntaxError) -> XPathSyntax {
    var isNegated = false
    while accept("-") { isNegated = true }
    let operand = try readUnion()
    return isNegated ? .operation([operand], ["-"]) : operand
  }

  private mutating func readUnion() throws(SyntaxError) -> XPathSyntax {
    var parts = [try readPath()]
    while case let bar = next.start, accept("|") {
      if !parts[parts.count - 1].isNodes { throw SyntaxError("'|' joins paths only", offset: bar) }
      parts.append(try readPath())
      if !parts[parts.count - 1].isNodes { throw SyntaxError("'|' joins paths only", offset: bar) }
    }
    return parts.count == 1 ? parts[0] : .union(parts)
  }

  private mutating func readPath() throws(SyntaxError) -> XPathSyntax {
    let start = next.start
    if let primary = try readPrimary() { return try readFilter(primary, from: start) }
    var path = XPathPath(start: .context, steps: [], range: start..<start)
    if accept("//") {
      path.start = .root
      try readSteps(into: &path, isDeep: true)
    } else if accept("/") {
      path.start = .root
      if startsStep { try readSteps(into: &path, isDeep: false) }
    } else {
      guard startsStep else { throw unexpected("a path") }
      try readSteps(into: &path, isDeep: false)
    }
    path.range = start..<tokens[position - 1].end
    return .path(path)
  }

  private mutating func readFilter(_ primary: XPathSyntax, from start: Int) throws(SyntaxError) -> XPathSyntax {
    let predicates = try readPredicates()
    var path = XPathPath(start: .filter(primary, predicates: predicates), steps: [], range: start..<start)
    let mark = next.start
    if accept("//") {
      try readSteps(into: &path, isDeep: true)
    } else if accept("/") {
      try readSteps(into: &path, isDeep: false)
    } else if predicates.isEmpty {
      return primary
    }
    guard primary.isNodes else { throw SyntaxError("only nodes have steps and predicates", offset: mark) }
    path.range = start..<tokens[position - 1].end
    return .path(path)
  }

  private mutating func readPrimary() throws(SyntaxError) -> XPathSyntax? {
    switch next.kind {
    case .literal(let text):
      position += 1
      return .literal(text)
    case .number(let value):
      position += 1
      return .number(value)
    case .symbol("("):
      position += 1
      let inner = try readExpression()
      try expect(")")
      return inner
    case .name(let name)
    where tokens[position + 1].kind == .symbol("(") && !XPathParser.nodeTypes.contains(name):
      return try readCall(name)
    default: return nil
    }
  }

  private mutating func readCall(_ name: String) throws(SyntaxError) -> XPathSyntax {
    let offset = next.start
    position += 2
    var arguments: [XPathSyntax] = []
    if !accept(")") {
      repeat { arguments.append(try readExpression()) } while accept(",")
      try expect(")")
    }
    try XPathFunctions.check(name, arguments: arguments, at: offset)
    return .call(name, arguments: arguments)
  }

  static let nodeTypes = ["comment", "text", "processing-instruction", "node"]
}

extension XPathParser {
  private mutating func readSteps(into path: inout XPathPath, isDeep: Bool) throws(SyntaxError) {
    var isDeep = isDeep
    while true {
      path.steps.append(try readStep(isDeep: isDeep))
      if accept("//") {
        isDeep = true
      } else if accept("/") {
        isDeep = false
      } else {
        return
      }
    }
  }

  private var startsStep: Bool {
    switch next.kind {
    case .name: true
    case .symbol(let symbol): [".", "..", "@"].contains(symbol)
    default: false
    }
  }

  private mutating func readStep(isDeep: Bool) throws(SyntaxError) -> XPathStep {
    let start = next.start
    for (sign, axis) in [(".", "self"), ("..", "parent")] where accept(sign) {
      return XPathStep(
        axis: axis, test: .type("node"), predicates: [], isDeep: isDeep, range: start..<start + sign.count)
    }
    let axis = try readAxis()
    let test = try readNodeTest()
    let predicates = try readPredicates()
    return XPathStep(
      axis: axis, test: test, predicates: predicates, isDeep: isDeep, range: start..<tokens[position - 1].end)
  }

  private mutating func readAxis() throws(SyntaxError) -> String {
    if accept("@") { return "attribute" }
    guard case .name(let name) = next.kind, tokens[position + 1].kind == .symbol("::") else { return "child" }
    if name == "namespace" { throw SyntaxError("the namespace axis is not supported", offset: next.start) }
    guard XPathParser.axes.contains(name) else {
      throw SyntaxError(
        "unknown axis '\(name)'", offset: next.start,
        help: Nearest.help(for: name, among: XPathParser.axes, called: "axes"))
    }
    position += 2
    return name
  }

  private static let axes = [
    "ancestor", "ancestor-or-self", "attribute", "child", "descendant", "descendant-or-self", "following",
    "following-sibling", "parent", "preceding", "preceding-sibling", "self",
  ]

  private mutating func readNodeTest() throws(SyntaxError) -> XPathStep.Test {
    guard case .name(let name) = next.kind else { throw unexpected("a name, '*' or a test such as text()") }
    let offset = next.start
    position += 1
    if XPathParser.nodeTypes.contains(name), accept("(") {
      if name == "processing-instruction", case .literal = next.kind { position += 1 }
      try expect(")")
      return .type(name)
    }
    if next.kind == .symbol("(") { throw SyntaxError("'\(name)(' cannot stand in a step", offset: offset) }
    try XPathParser.checkPrefix(of: name, at: offset)
    return .name(name)
  }

  /// Specs declare no namespaces, so a prefix would fail when a page is read.
  private static func checkPrefix(of name: String, at offset: Int) throws(SyntaxError) {
    let parts = name.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, parts[0] != "xml" else { return }
    throw SyntaxError(
      "the prefix '\(parts[0])' is not declared", offset: offset,
      help: parts[1] == "*" ? nil : "write *[local-name()='\(parts[1])']")
  }

  private mutating func readPredicates() throws(SyntaxError) -> [XPathSyntax] {
    var predicates: [XPathSyntax] = []
    while accept("[") {
      predicates.append(try readExpression())
      try expect("]")
    }
    return predicates
  }

  private var next: XPathToken { tokens[position] }

  private mutating func accept(_ symbol: String) -> Bool {
    guard next.kind == .symbol(symbol) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ symbol: String) throws(SyntaxError) {
    guard accept(symbol) else { throw unexpected("'\(symbol)'") }
  }

  private func unexpected(_ wanted: String) -> SyntaxError {
    let found =
      switch next.kind {
      case .name(let text), .operatorName(let text), .symbol(let text): "'\(text)'"
      case .literal: "a text"
      case .number: "a number"
      case .end: "the end"
      }
    return SyntaxError("expected \(wanted), found \(found)", offset: next.start)
  }
}

extension XPathSyntax {
  /// Whether it gives nodes: paths, unions, and the one function that does.
  var isNodes: Bool {
    switch self {
    case .path, .union: true
    case .call(let name, _): name == "id"
    default: false
    }
  }
}

/// Turns the parse of an XPath into what is answered without a tree, or says what in it needs one.
struct StreamCompiler {
  /// Why an expression needs the tree.
  struct Unfit: Error {
    /// Continues "needs the tree: ".
    var reason: String
  }

  static func compile(_ syntax: XPathSyntax) throws(Unfit) -> StreamExpression {
    let compiled = try expression(syntax)
    switch compiled.kind {
    case .nodes, .text: break
    case .number:
      guard case .count = compiled else { throw Unfit(reason: "it is a number") }
    case .truth: throw Unfit(reason: "it is true or false")
    }
    if compiled.asksPosition { throw Unfit(reason: "a position outside of a predicate") }
    return compiled
  }

  private static func expression(_ syntax: XPathSyntax) throws(Unfit) -> StreamExpression {
    switch syntax {
    case .literal(let text): return .literal(Array(text.utf8))
    case .number(let value):
      guard let whole = Int(exactly: value), whole < 1 << 31 else { throw Unfit(reason: "a fraction") }
      return .number(whole)
    case .path(let path):
      return .path(try self.path(path))
    case .union(let parts): return .union(try paths(parts))
    case .call(let name, let arguments): return try call(name, arguments)
    case .operation(let operands, let operators): return try operation(operands, operators)
    }
  }

  private static func paths(_ parts: [XPathSyntax]) throws(Unfit) -> [StreamPath] {
    var paths: [StreamPath] = []
    for part in parts {
      guard case .path(let path) = part else { throw Unfit(reason: "a union of more than paths") }
      paths.append(try self.path(path))
    }
    return paths
  }

  private static func operation(
    _ operands: [XPathSyntax], _ operators: [String]
  ) throws(Unfit) -> StreamExpression {
    var values: [StreamExpression] = []
    for operand in operands { values.append(try expression(operand)) }
    guard let name = operators.first else { throw Unfit(reason: "an operation") }
    if name == "and" { return .and(values) }
    if name == "or" { return .or(values) }
    guard values.count == 2, operators.count == 1 else { throw Unfit(reason: "'\(name)'") }
    let (a, b) = (values[0], values[1])
    if name == "=" || name == "!=" {
      guard isComparable(a, b) else { throw Unfit(reason: "'\(name)' of these kinds") }
      return .equal(a, b, isNegated: name == "!=")
    }
    guard let order = StreamExpression.Order(rawValue: name), a.kind == .number, b.kind == .number else {
      throw Unfit(reason: "'\(name)'")
    }
    return .order(a, b, order)
  }

  /// Texts with texts, nodes with texts, and numbers with numbers: no conversion between them is made.
  private static func isComparable(_ a: StreamExpression, _ b: StreamExpression) -> Bool {
    switch (a.kind, b.kind) {
    case (.text, .text), (.nodes, .text), (.text, .nodes), (.number, .number): true
    default: false
    }
  }
}

extension StreamCompiler {
  private static func call(_ name: String, _ arguments: [XPathSyntax]) throws(Unfit) -> StreamExpression {
    var values: [StreamExpression] = []
    for argument in arguments { values.append(try expression(argument)) }
    switch (name, values.count) {
    case ("position", 0): return .position
    case ("last", 0): return .last
    case ("true", 0): return .truth(true)
    case ("false", 0): return .truth(false)
    case ("not", 1), ("boolean", 1):
      return name == "not" ? .not(values[0]) : .not(.not(values[0]))
    case ("count", 1):
      guard case .path(let path) = values[0] else { throw Unfit(reason: "count() of a union") }
      return .count(path)
    case ("contains", 2): return .contains(try text(values[0]), try text(values[1]))
    case ("starts-with", 2): return .startsWith(try text(values[0]), try text(values[1]))
    case ("substring-before", 2): return .substringBefore(try text(values[0]), try text(values[1]))
    case ("substring-after", 2): return .substringAfter(try text(values[0]), try text(values[1]))
    case ("concat", _):
      for value in values { _ = try text(value) }
      return .concat(values)
    case ("string", 0...1): return .string(try text(values.first ?? .path(.itself)))
    case ("normalize-space", 0...1): return .normalizeSpace(try text(values.first ?? .path(.itself)))
    case ("string-length", 0...1): return .stringLength(try text(values.first ?? .path(.itself)))
    default: throw Unfit(reason: "\(name)()")
    }
  }

  /// Where a text is asked for: numbers and truths would have to be written as libxml2 does.
  private static func text(_ value: StreamExpression) throws(Unfit) -> StreamExpression {
    guard value.kind == .text || value.kind == .nodes else { throw Unfit(reason: "a number or a truth as text") }
    return value
  }

  private static func path(_ path: XPathPath) throws(Unfit) -> StreamPath {
    var result = StreamPath(start: .context, steps: [])
    switch path.start {
    case .context: result.start = .context
    case .root: result.start = .root
    case .filter(let primary, let predicates):
      let inside: [StreamPath]
      switch primary {
      case .path(let path): inside = [try self.path(path)]
      case .union(let parts): inside = try paths(parts)
      default: throw Unfit(reason: "a path that begins with a function")
      }
      result.start = .filter(inside, predicates: try self.predicates(predicates))
    }
    for (index, step) in path.steps.enumerated() {
      result.steps.append(try self.step(step, isLast: index == path.steps.count - 1))
    }
    return result
  }

  private static func step(_ step: XPathStep, isLast: Bool) throws(Unfit) -> StreamStep {
    guard let axis = StreamStep.Axis(name: step.axis) else { throw Unfit(reason: "the axis \(step.axis)") }
    let test = try self.test(step.test, axis)
    if case .text = test, !isLast { throw Unfit(reason: "a step behind text()") }
    if axis == .attribute, !isLast { throw Unfit(reason: "a step behind an attribute") }
    return StreamStep(
      axis: axis, test: test, predicates: try predicates(step.predicates), isDeep: step.isDeep)
  }

  private static func test(_ test: XPathStep.Test, _ axis: StreamStep.Axis) throws(Unfit) -> StreamStep.Test {
    switch test {
    case .type("text"):
      guard axis == .child || axis == .descendant else { throw Unfit(reason: "text() on that axis") }
      return .text
    case .type("node"):
      guard axis == .`self` || axis == .parent else { throw Unfit(reason: "node()") }
      return .node
    case .type(let name): throw Unfit(reason: "\(name)()")
    case .name("*"):
      if axis == .attribute { throw Unfit(reason: "@*") }
      return .anyElement
    case .name(let name):
      // libxml2's tree has all names of HTML in lower case, and XPath minds case.
      let bytes = Array(name.utf8)
      guard bytes.map(CSSName.lowered) == bytes else { return .never }
      if name.contains(":") { throw Unfit(reason: "a name with a prefix") }
      return .name(TapeName(lower: bytes))
    }
  }

  private static func predicates(_ list: [XPathSyntax]) throws(Unfit) -> [StreamPredicate] {
    var predicates: [StreamPredicate] = []
    for syntax in list { predicates.append(StreamPredicate(try expression(syntax).simplified)) }
    return predicates
  }
}

extension StreamExpression {
  /// The same condition, with ``attribute(_:_:)`` where it is one.
  fileprivate var simplified: StreamExpression {
    switch self {
    case .and(let all): return .and(all.map(\.simplified))
    case .or(let all): return .or(all.map(\.simplified))
    case .not(let inner): return .not(inner.simplified)
    case .path(let path): return path.attributeName.map { .attribute($0, .exists) } ?? self
    case .equal(.path(let path), .literal(let text), let isNegated):
      return path.attributeName.map { .attribute($0, isNegated ? .differs(text) : .equals(text)) } ?? self
    case .contains(.path(let path), .literal(let text)):
      return path.attributeName.map { .attribute($0, .contains(text)) } ?? self
    case .startsWith(.path(let path), .literal(let text)):
      return path.attributeName.map { .attribute($0, .startsWith(text)) } ?? self
    default: return self
    }
  }
}

extension StreamPath {
  /// Of `@name`.
  fileprivate var attributeName: TapeName? {
    guard case .context = start, steps.count == 1, steps[0].axis == .attribute, !steps[0].isDeep else { return nil }
    guard steps[0].predicates.isEmpty, case .name(let name) = steps[0].test else { return nil }
    return name
  }
}

extension StreamPath {
  /// `.`
  static let itself = StreamPath(
    start: .context, steps: [StreamStep(axis: .`self`, test: .node, predicates: [], isDeep: false)])
}

extension StreamStep.Axis {
  fileprivate init?(name: String) {
    switch name {
    case "child": self = .child
    case "descendant": self = .descendant
    case "descendant-or-self": self = .descendantOrSelf
    case "self": self = .`self`
    case "parent": self = .parent
    case "ancestor": self = .ancestor
    case "ancestor-or-self": self = .ancestorOrSelf
    case "following-sibling": self = .followingSibling
    case "preceding-sibling": self = .precedingSibling
    case "attribute": self = .attribute
    default: return nil
    }
  }
}

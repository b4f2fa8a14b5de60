import Language

/// Reads a selector list; every mistake has its place.
struct CSSParser {
  var scanner: CSSScanner
  private var depth = 0
  private var nthCount = 0

  /// Pseudo-classes within pseudo-classes.
  static let maxDepth = 16

  static func parse(_ text: String) throws(SyntaxError) -> [CSSSelector] {
    var parser = CSSParser(scanner: CSSScanner(text))
    return try parser.readSelectors()
  }

  private init(scanner: CSSScanner) { self.scanner = scanner }

  private mutating func readSelectors() throws(SyntaxError) -> [CSSSelector] {
    try scanner.skipSpace()
    if scanner.current == nil { throw SyntaxError("the selector is empty", offset: 0) }
    var selectors: [CSSSelector] = []
    repeat {
      try scanner.skipSpace()
      var selector = CSSSelector(complex: try readComplex(), output: .element)
      selector.output = try readOutput()
      selectors.append(selector)
      try scanner.skipSpace()
    } while scanner.accept(",")
    guard scanner.current == nil else { throw scanner.unexpected("a combinator, ',' or the end") }
    return selectors
  }

  /// `a > b c`, ending before what cannot go on.
  private mutating func readComplex() throws(SyntaxError) -> CSSComplex {
    if let current = scanner.current, ">+~".unicodeScalars.contains(current) {
      throw SyntaxError(
        "a selector cannot begin with '\(current)'", offset: scanner.index, help: "write ':scope \(current) …'")
    }
    var complex = CSSComplex(subject: try readCompound())
    while let combinator = try readCombinator() {
      let next = try readCompound()
      complex.links.insert(CSSLink(combinator: combinator, compound: complex.subject), at: 0)
      complex.subject = next
    }
    return complex
  }

  /// nil where the complex selector ends; white space alone is one if a compound follows.
  private mutating func readCombinator() throws(SyntaxError) -> CSSCombinator? {
    let hadSpace = try scanner.skipSpace()
    switch scanner.current {
    case ">", "+", "~":
      let combinator = try readSign()
      try scanner.skipSpace()
      return combinator
    case nil, ",", ")": return nil
    // Scrapy's way to ask for all text below: `div ::text`.
    default:
      guard hadSpace else { return nil }
      return .descendant
    }
  }

  private mutating func readSign() throws(SyntaxError) -> CSSCombinator {
    defer { scanner.index += 1 }
    switch scanner.current {
    case ">": return .child
    case "+": return .next
    default: return .later
    }
  }

  private mutating func readCompound() throws(SyntaxError) -> CSSCompound {
    var compound = CSSCompound()
    let start = scanner.index
    try readType(into: &compound)
    while let current = scanner.current {
      switch current {
      case "#":
        scanner.index += 1
        compound.tests.append(.id(Array(try scanner.readName("an id").utf8)))
      case ".":
        scanner.index += 1
        compound.tests.append(.className(Array(try scanner.readName("a class").utf8)))
      case "[": compound.tests.append(.attribute(try readAttribute()))
      case ":" where scanner.peek() == ":":
        // `::text` alone stands for `*::text`.
        return compound
      case ":": try readPseudoClass(into: &compound)
      default:
        if scanner.index == start { throw scanner.unexpected("a selector") }
        return compound
      }
    }
    if scanner.index == start { throw scanner.unexpected("a selector") }
    return compound
  }

  private mutating func readType(into compound: inout CSSCompound) throws(SyntaxError) {
    guard let prefix = try readPrefix() else {
      if scanner.accept("*") { return }
      guard scanner.startsName else { return }
      compound.tests.append(.type(CSSName(try scanner.readName("a name")), withoutNamespace: false))
      return
    }
    let withoutNamespace = prefix == .none
    if scanner.accept("*") {
      if withoutNamespace { compound.tests.append(.withoutNamespace) }
      return
    }
    let name = try scanner.readName("a name or '*'")
    compound.tests.append(.type(CSSName(name), withoutNamespace: withoutNamespace))
  }

  /// `*|` or `|`; nil where there is no prefix. Any other cannot be declared in a spec.
  private mutating func readPrefix() throws(SyntaxError) -> CSSAttribute.Namespace? {
    let start = scanner.index
    if scanner.current == "*", scanner.peek() == "|", scanner.peek(2) != "=" {
      scanner.index += 2
      return .any
    }
    if scanner.current == "|", scanner.peek() != "=" {
      scanner.index += 1
      return CSSAttribute.Namespace.none
    }
    guard scanner.startsName else { return nil }
    var ahead = scanner
    let name = try ahead.readName("a name")
    guard ahead.current == "|", ahead.peek() != "=" else { return nil }
    throw SyntaxError("the prefix '\(name)' is not declared", offset: start, help: "write *| for any namespace")
  }
}

extension CSSParser {
  private mutating func readAttribute() throws(SyntaxError) -> CSSAttribute {
    try scanner.expect("[")
    try scanner.skipSpace()
    let namespace = try readPrefix() ?? .none
    let name = CSSName(try scanner.readName("the name of an attribute"))
    try scanner.skipSpace()
    var attribute = CSSAttribute(name: name, namespace: namespace, match: .exists, value: [], letterCase: .asHTML)
    if scanner.accept("]") { return attribute }
    attribute.match = try readMatch()
    try scanner.skipSpace()
    let isText = scanner.current == "\"" || scanner.current == "'"
    let value = isText ? try scanner.readText() : try scanner.readName("a name or a text in quotes")
    attribute.value = Array(value.utf8)
    try scanner.skipSpace()
    switch scanner.current {
    case "i", "I": attribute.letterCase = .blind
    case "s", "S": attribute.letterCase = .exact
    default: return try close(attribute)
    }
    scanner.index += 1
    try scanner.skipSpace()
    return try close(attribute)
  }

  private mutating func close(_ attribute: CSSAttribute) throws(SyntaxError) -> CSSAttribute {
    try scanner.expect("]")
    return attribute
  }

  private mutating func readMatch() throws(SyntaxError) -> CSSAttribute.Match {
    let matches: [(Unicode.Scalar, CSSAttribute.Match)] = [
      ("~", .word), ("|", .dash), ("^", .prefix), ("$", .suffix), ("*", .substring), ("!", .differs),
    ]
    if scanner.accept("=") { return .equals }
    for (sign, match) in matches where scanner.current == sign && scanner.peek() == "=" {
      scanner.index += 2
      return match
    }
    throw scanner.unexpected("']' or one of = ~= |= ^= $= *= !=")
  }

  /// `::text` and `::attr(name)`, as Scrapy has them, at the very end.
  private mutating func readOutput() throws(SyntaxError) -> CSSSelector.Output {
    guard scanner.current == ":", scanner.peek() == ":" else { return .element }
    let start = scanner.index
    scanner.index += 2
    let name = try scanner.readName("the name of a pseudo-element")
    switch name.lowercased() {
    case "text": return .text
    case "attr":
      try scanner.expect("(")
      try scanner.skipSpace()
      let attribute = CSSName(try scanner.readName("the name of an attribute"))
      try scanner.skipSpace()
      try scanner.expect(")")
      return .attribute(attribute)
    default:
      throw SyntaxError(
        "unknown pseudo-element '::\(name)'", offset: start,
        help: Nearest.help(for: name, among: ["attr(name)", "text"], called: "pseudo-elements"))
    }
  }

  /// The list within `:is(…)` and the like.
  mutating func readArguments() throws(SyntaxError) -> [CSSComplex] {
    try nested { (parser) throws(SyntaxError) in try parser.readComplex() }
  }

  /// The list within `:has(…)`: each may begin with a combinator, and is tied to the element asked of.
  mutating func readRelativeArguments() throws(SyntaxError) -> [CSSComplex] {
    try nested { (parser) throws(SyntaxError) in
      var combinator = CSSCombinator.descendant
      if let current = parser.scanner.current, ">+~".unicodeScalars.contains(current) {
        combinator = try parser.readSign()
        try parser.scanner.skipSpace()
      }
      var complex = try parser.readComplex()
      complex.links.append(CSSLink(combinator: combinator, compound: CSSCompound(tests: [.anchor])))
      return complex
    }
  }

  private mutating func nested(
    _ read: (inout CSSParser) throws(SyntaxError) -> CSSComplex
  ) throws(SyntaxError) -> [CSSComplex] {
    depth += 1
    defer { depth -= 1 }
    guard depth <= CSSParser.maxDepth else {
      throw SyntaxError("nested deeper than \(CSSParser.maxDepth)", offset: scanner.index)
    }
    var list: [CSSComplex] = []
    repeat {
      try scanner.skipSpace()
      list.append(try read(&self))
      if scanner.current == ":" { throw SyntaxError("pseudo-elements stand at the end only", offset: scanner.index) }
      try scanner.skipSpace()
    } while scanner.accept(",")
    return list
  }

  mutating func nextNthID() -> Int {
    nthCount += 1
    return nthCount
  }
}

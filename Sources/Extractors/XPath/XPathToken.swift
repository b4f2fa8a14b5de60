import Language

/// A word of an XPath expression (XPath 1.0, section 3.7).
struct XPathToken: Equatable {
  enum Kind: Equatable {
    /// A name, perhaps with a prefix: `div`, `xml:lang`, `svg:*`.
    case name(String)
    /// A name that stands where only an operator can: `and or div mod`, and `*` as a product.
    case operatorName(String)
    /// `/ // | + - = != < <= > >= * ( ) [ ] . .. @ , ::`
    case symbol(String)
    case literal(String)
    case number(Double)
    case end
  }

  var kind: Kind
  /// In Unicode scalars.
  var start: Int
  var end: Int
}

/// Cuts an expression into tokens.
struct XPathLexer {
  private let text: [Unicode.Scalar]
  private var index = 0
  private var tokens: [XPathToken] = []

  static func tokens(of text: [Unicode.Scalar]) throws(SyntaxError) -> [XPathToken] {
    var lexer = XPathLexer(text: text)
    while try lexer.readToken() {}
    return lexer.tokens
  }

  private init(text: [Unicode.Scalar]) { self.text = text }

  private mutating func readToken() throws(SyntaxError) -> Bool {
    while index < text.count, [" ", "\t", "\n", "\r"].contains(text[index]) { index += 1 }
    guard index < text.count else {
      tokens.append(XPathToken(kind: .end, start: index, end: index))
      return false
    }
    let start = index
    let kind = try readKind()
    tokens.append(XPathToken(kind: kind, start: start, end: index))
    return true
  }

  private mutating func readKind() throws(SyntaxError) -> XPathToken.Kind {
    let scalar = text[index]
    switch scalar {
    case "\"", "'": return try readLiteral(scalar)
    case "0"..."9": return readNumber()
    case "." where peek(1).map(XPathLexer.isDigit) == true: return readNumber()
    case "$":
      throw SyntaxError("variables are not known here", offset: index, help: "write the value itself into the path")
    case "*": return followsOperand ? take(1, as: XPathToken.Kind.operatorName) : take(1, as: XPathToken.Kind.name)
    default: break
    }
    for symbol in ["//", "::", "..", "!=", "<=", ">="] where matches(symbol) {
      return take(2, as: XPathToken.Kind.symbol)
    }
    if "/|+-=<>()[].@,".unicodeScalars.contains(scalar) { return take(1, as: XPathToken.Kind.symbol) }
    guard XPathLexer.startsName(scalar) else {
      throw SyntaxError("unexpected character '\(XPathLexer.shown(scalar))'", offset: index)
    }
    return readName()
  }

  private mutating func take(_ count: Int, as kind: (String) -> XPathToken.Kind) -> XPathToken.Kind {
    defer { index += count }
    return kind(string(index, index + count))
  }

  private mutating func readLiteral(_ quote: Unicode.Scalar) throws(SyntaxError) -> XPathToken.Kind {
    let start = index
    index += 1
    while index < text.count, text[index] != quote { index += 1 }
    guard index < text.count else { throw SyntaxError("the text is not closed with \(quote)", offset: start) }
    guard !text[start..<index].contains("\0") else { throw SyntaxError("a NUL in a text", offset: start) }
    index += 1
    return .literal(string(start + 1, index - 1))
  }

  /// libxml2 also takes an exponent, which XPath 1.0 does not have.
  private mutating func readNumber() -> XPathToken.Kind {
    let start = index
    while index < text.count, XPathLexer.isDigit(text[index]) { index += 1 }
    if index < text.count, text[index] == "." {
      index += 1
      while index < text.count, XPathLexer.isDigit(text[index]) { index += 1 }
    }
    if index < text.count, text[index] == "e" || text[index] == "E" {
      let sign = peek(1) == "-" || peek(1) == "+" ? 2 : 1
      if peek(sign).map(XPathLexer.isDigit) == true {
        index += sign
        while index < text.count, XPathLexer.isDigit(text[index]) { index += 1 }
      }
    }
    return .number(Double(string(start, index)) ?? .nan)
  }

  private mutating func readName() -> XPathToken.Kind {
    let start = index
    skipName()
    if index + 1 < text.count, text[index] == ":", text[index + 1] == "*" {
      index += 2
    } else if index + 1 < text.count, text[index] == ":", XPathLexer.startsName(text[index + 1]) {
      index += 1
      skipName()
    }
    let name = string(start, index)
    return followsOperand ? .operatorName(name) : .name(name)
  }

  private mutating func skipName() {
    while index < text.count, XPathLexer.continuesName(text[index]) { index += 1 }
  }

  /// After an operand a name or `*` can only be an operator (section 3.7 of the recommendation).
  private var followsOperand: Bool {
    switch tokens.last?.kind {
    case nil, .operatorName: false
    case .symbol(let symbol): [")", "]", ".", ".."].contains(symbol)
    default: true
    }
  }

  private func peek(_ distance: Int) -> Unicode.Scalar? {
    index + distance < text.count ? text[index + distance] : nil
  }

  private func matches(_ symbol: String) -> Bool { text[index...].starts(with: symbol.unicodeScalars) }

  private func string(_ start: Int, _ end: Int) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: text[start..<end])
    return String(view)
  }

  static func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar >= "0" && scalar <= "9" }

  static func startsName(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || scalar.properties.isIDStart
  }

  static func continuesName(_ scalar: Unicode.Scalar) -> Bool {
    startsName(scalar) || scalar == "-" || scalar == "." || scalar == "\u{B7}" || scalar.properties.isIDContinue
  }

  /// Control characters as their number, so that a message stays on its line.
  static func shown(_ scalar: Unicode.Scalar) -> String {
    scalar.value < 0x20 || scalar.value == 0x7F ? "U+\(String(scalar.value, radix: 16))" : String(Character(scalar))
  }
}

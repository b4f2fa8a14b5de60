import Language

/// Reads the small words of CSS: names with escapes, texts, numbers, white space (CSS Syntax Level 3, section 4).
struct CSSScanner {
  let text: [Unicode.Scalar]
  var index = 0

  init(_ text: String) { self.text = Array(text.unicodeScalars) }

  var current: Unicode.Scalar? { index < text.count ? text[index] : nil }
  func peek(_ distance: Int = 1) -> Unicode.Scalar? { index + distance < text.count ? text[index + distance] : nil }

  mutating func accept(_ scalar: Unicode.Scalar) -> Bool {
    guard current == scalar else { return false }
    index += 1
    return true
  }

  mutating func expect(_ scalar: Unicode.Scalar) throws(SyntaxError) {
    guard accept(scalar) else { throw unexpected("'\(scalar)'") }
  }

  /// Comments count as none. True where there was any white space.
  @discardableResult
  mutating func skipSpace() throws(SyntaxError) -> Bool {
    var skipped = false
    while let scalar = current {
      if CSSScanner.isSpace(scalar) {
        skipped = true
        index += 1
      } else if scalar == "/", peek() == "*" {
        let start = index
        index += 2
        while index < text.count, !(current == "*" && peek() == "/") { index += 1 }
        guard index < text.count else { throw SyntaxError("the comment is not closed", offset: start) }
        index += 2
      } else {
        break
      }
    }
    return skipped
  }

  var startsName: Bool {
    guard let current else { return false }
    if current == "-" {
      guard let next = peek() else { return false }
      return CSSScanner.isNameStart(next) || next == "-" || (next == "\\" && isEscape(at: index + 1))
    }
    return CSSScanner.isNameStart(current) || isEscape(at: index)
  }

  mutating func readName(_ what: String) throws(SyntaxError) -> String {
    guard startsName else { throw unexpected(what) }
    var name = String.UnicodeScalarView()
    while let scalar = current {
      if CSSScanner.isNameStart(scalar) || scalar == "-" || CSSScanner.isDigit(scalar) {
        name.append(scalar)
        index += 1
      } else if isEscape(at: index) {
        index += 1
        name.append(readEscape())
      } else {
        break
      }
    }
    return String(name)
  }

  mutating func readText() throws(SyntaxError) -> String {
    let start = index
    guard let quote = current, quote == "\"" || quote == "'" else { throw unexpected("a text in quotes") }
    index += 1
    var value = String.UnicodeScalarView()
    while let scalar = current, scalar != quote {
      if scalar == "\n" || scalar == "\r" || scalar == "\u{c}" { break }
      index += 1
      guard scalar == "\\" else {
        value.append(scalar == "\0" ? "\u{FFFD}" : scalar)
        continue
      }
      if current == "\r", peek() == "\n" {
        index += 2
      } else if current == "\n" || current == "\r" || current == "\u{c}" {
        index += 1
      } else if current != nil {
        value.append(readEscape())
      }
    }
    guard accept(quote) else { throw SyntaxError("the text is not closed with \(quote)", offset: start) }
    return String(value)
  }

  /// After the backslash: up to six hexadecimal digits and one white space, or any other character itself.
  private mutating func readEscape() -> Unicode.Scalar {
    guard let first = current else { return "\u{FFFD}" }
    guard first.properties.isASCIIHexDigit else {
      index += 1
      return first
    }
    var value: UInt32 = 0
    var count = 0
    while count < 6, let digit = current, digit.properties.isASCIIHexDigit {
      value = value * 16 + (UInt32(String(Character(digit)), radix: 16) ?? 0)
      index += 1
      count += 1
    }
    if current == "\r", peek() == "\n" { index += 1 }
    if let space = current, CSSScanner.isSpace(space) { index += 1 }
    return value == 0 ? "\u{FFFD}" : Unicode.Scalar(value) ?? "\u{FFFD}"
  }

  private func isEscape(at index: Int) -> Bool {
    index < text.count && text[index] == "\\" && index + 1 < text.count && text[index + 1] != "\n"
  }

  func unexpected(_ wanted: String) -> SyntaxError {
    guard let current else { return SyntaxError("expected \(wanted), found the end", offset: index) }
    return SyntaxError("expected \(wanted), found '\(XPathLexer.shown(current))'", offset: index)
  }

  static func isSpace(_ scalar: Unicode.Scalar) -> Bool { " \t\n\r\u{c}".unicodeScalars.contains(scalar) }
  static func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar >= "0" && scalar <= "9" }

  static func isNameStart(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || scalar.value >= 0x80 || (scalar >= "a" && scalar <= "z") || (scalar >= "A" && scalar <= "Z")
  }
}

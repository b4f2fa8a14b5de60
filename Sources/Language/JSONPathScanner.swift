/// The characters of a query, and the tokens that are the same everywhere.
struct JSONPathScanner {
  let scalars: [Unicode.Scalar]
  var index = 0

  init(_ source: String) { scalars = Array(source.unicodeScalars) }

  var isAtEnd: Bool { index >= scalars.count }
  var peek: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

  mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard peek == scalar else { return false }
    index += 1
    return true
  }

  mutating func take(_ text: String) -> Bool {
    let wanted = text.unicodeScalars
    guard scalars[index...].starts(with: wanted) else { return false }
    index += wanted.count
    return true
  }

  /// The RFC's blanks: space, tab, line feed, carriage return.
  mutating func skipSpace() {
    while let scalar = peek, scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r" { index += 1 }
  }

  func problem(_ message: String, at place: Int? = nil, help: String? = nil) -> SyntaxError {
    SyntaxError(message, offset: place ?? index, help: help)
  }

  /// What stands here, for messages.
  var described: String {
    guard let scalar = peek else { return "the end" }
    if scalar.value < 0x20 || scalar.value == 0x7F { return "character U+00" + hex(scalar.value, width: 2) }
    return "'\(scalar)'"
  }

  private func hex(_ value: UInt32, width: Int) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

extension JSONPathScanner {
  /// A name as it may stand after a dot; nil when there is none.
  mutating func shorthandName() -> String? {
    guard let first = peek, isNameFirst(first) else { return nil }
    var name = String.UnicodeScalarView()
    while let scalar = peek, isNameFirst(scalar) || isDigit(scalar) {
      name.append(scalar)
      index += 1
    }
    return String(name)
  }

  private func isNameFirst(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "_": true
    default: scalar.value >= 0x80
    }
  }

  func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar >= "0" && scalar <= "9" }

  /// An index or a bound; nil when there is none. Zero has no sign and nothing begins with zero.
  mutating func integer() throws(SyntaxError) -> Int? {
    let start = index
    let isNegative = take("-")
    var digits = ""
    while let scalar = peek, isDigit(scalar) {
      digits.unicodeScalars.append(scalar)
      index += 1
    }
    guard !digits.isEmpty else {
      if isNegative { throw problem("digits must follow '-'") }
      return nil
    }
    if digits.utf8.first == UInt8(ascii: "0"), digits.utf8.count > 1 || isNegative {
      throw problem(
        "'\(isNegative ? "-" : "")\(digits)' is no index", at: start, help: "write it without leading 0 or '-0'")
    }
    // RFC 9535 section 2.1: integers are within ±(2⁵³ − 1).
    guard let value = Int(digits), value < 1 << 53 else {
      throw problem("an index is at most 9007199254740991", at: start, help: "leave a bound out to go to the end: [0:]")
    }
    return isNegative ? -value : value
  }

  /// A number literal, which JSON reads.
  mutating func number() throws(SyntaxError) -> JSON {
    let start = index
    while let scalar = peek, isDigit(scalar) || "+-.eE".unicodeScalars.contains(scalar) { index += 1 }
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars[start..<index])
    guard isJSONNumber(String(text)), let value = try? JSON(parsing: String(text)) else {
      throw problem("'\(String(text))' is no number", at: start, help: "numbers are written as in JSON: 1, -0.5, 1e3")
    }
    return value
  }
}

extension JSONPathScanner {
  /// A string in single or double quotes; the scanner stands on the quote.
  mutating func quotedString() throws(SyntaxError) -> String {
    let start = index
    let quote = scalars[index]
    index += 1
    var text = String.UnicodeScalarView()
    while let scalar = peek {
      if scalar == quote {
        index += 1
        return String(text)
      }
      if scalar.value < 0x20 { throw problem("\(described) must be escaped inside a string") }
      if scalar == "\\" {
        text.append(try escape(quote))
      } else {
        text.append(scalar)
        index += 1
      }
    }
    throw problem("the string is not closed", at: start, help: "a closing \(quote) is missing")
  }

  private mutating func escape(_ quote: Unicode.Scalar) throws(SyntaxError) -> Unicode.Scalar {
    let start = index
    index += 1
    guard let scalar = peek else { throw problem("the string is not closed") }
    index += 1
    switch scalar {
    case "b": return "\u{08}"
    case "f": return "\u{0C}"
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "/", "\\", quote: return scalar
    case "u": return try unicodeEscape(start)
    default:
      throw problem("'\\\(scalar)' is no escape", at: start, help: "write '\\\\' for a backslash")
    }
  }

  private mutating func unicodeEscape(_ start: Int) throws(SyntaxError) -> Unicode.Scalar {
    let first = try hexDigits(start)
    if let scalar = Unicode.Scalar(first) { return scalar }
    if first < 0xDC00, take("\\u") {
      let second = try hexDigits(start)
      if (0xDC00...0xDFFF).contains(second),
        let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
      {
        return scalar
      }
    }
    throw problem("half of a surrogate pair", at: start, help: "write both halves: \\uD83D\\uDE00")
  }

  private mutating func hexDigits(_ start: Int) throws(SyntaxError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let scalar = peek, scalar.isASCII, let digit = hexValue(UInt8(scalar.value)) else {
        throw problem("four hexadecimal digits must follow '\\u'", at: start)
      }
      value = value << 4 | UInt32(digit)
      index += 1
    }
    return value
  }
}

/// A place in a text that is being parsed; offsets count Unicode scalars, as ``SyntaxError/offset`` does.
struct TextCursor {
  let scalars: [Unicode.Scalar]
  var offset = 0

  init(_ text: String) { scalars = Array(text.unicodeScalars) }

  var isAtEnd: Bool { offset >= scalars.count }
  var next: Unicode.Scalar? { peek(0) }

  func peek(_ distance: Int) -> Unicode.Scalar? {
    scalars.indices.contains(offset + distance) ? scalars[offset + distance] : nil
  }

  func text(from start: Int) -> String { String(String.UnicodeScalarView(scalars[start..<offset])) }

  mutating func skipSpace() {
    while let scalar = next, scalar.properties.isWhitespace { offset += 1 }
  }

  mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard next == scalar else { return false }
    offset += 1
    return true
  }

  mutating func take(_ text: String) -> Bool {
    for (distance, scalar) in text.unicodeScalars.enumerated() where peek(distance) != scalar { return false }
    offset += text.unicodeScalars.count
    return true
  }

  mutating func takeWhile(_ belongs: (Unicode.Scalar) -> Bool) -> String {
    let start = offset
    while let scalar = next, belongs(scalar) { offset += 1 }
    return text(from: start)
  }

  /// A name of a field, filter or operator: a letter or `_`, then also digits. Empty where there is none.
  mutating func takeName() -> String {
    guard let first = next, Self.startsName(first) else { return "" }
    return takeWhile { Self.startsName($0) || ("0"..."9").contains($0) }
  }

  static func startsName(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || scalar.properties.isAlphabetic
  }

  /// The text between quotes, `'it''s'` or `"it's"`: a doubled quote stands for itself. The cursor is at the first quote.
  mutating func takeQuoted() throws(SyntaxError) -> String {
    let start = offset
    let quote = scalars[offset]
    offset += 1
    var text = String.UnicodeScalarView()
    while let scalar = next {
      offset += 1
      if scalar != quote {
        text.append(scalar)
      } else if !take(quote) {
        return String(text)
      } else {
        text.append(quote)
      }
    }
    throw SyntaxError("the quote is not closed", offset: start, help: "end the text with \(quote)")
  }
}

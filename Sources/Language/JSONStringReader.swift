extension JSONReader {
  /// What lies between two quotes.
  struct StringSpan {
    var start: Int
    var end: Int
    var hasEscapes: Bool
  }

  /// Reads a string; the reader stands on its opening quote.
  mutating func string() throws(JSONSyntaxError) -> String {
    let span = try closingQuote()
    at = span.end + 1
    return span.hasEscapes ? try unescaped(span) : try text(span)
  }

  /// Reads a member's name and remembers its hash.
  mutating func name() throws(JSONSyntaxError) {
    let span = try closingQuote()
    at = span.end + 1
    if span.hasEscapes {
      let name = try unescaped(span)
      nameHashes.push(unescaped.withUnsafeBufferPointer { JSONNameCache.hash($0) })
      names.push(name)
      return
    }
    let slice = UnsafeBufferPointer(rebasing: bytes[span.start..<span.end])
    let hash = JSONNameCache.hash(slice)
    nameHashes.push(hash)
    if let known = knownNames[slice, hash] {
      names.push(known)
    } else {
      let name = try text(span)
      knownNames.remember(name, hash)
      names.push(name)
    }
  }

  /// Finds the quote that ends a string, eight bytes at a time: the first byte that is a quote, a backslash or a
  /// control character stops the walk.
  private mutating func closingQuote() throws(JSONSyntaxError) -> StringSpan {
    let start = at + 1
    var here = start
    var hasEscapes = false
    while true {
      here = firstSpecial(from: here)
      guard here < bytes.count else { throw truncated("the input ends inside a string") }
      switch bytes[here] {
      case UInt8(ascii: "\""): return StringSpan(start: start, end: here, hasEscapes: hasEscapes)
      case UInt8(ascii: "\\"):
        hasEscapes = true
        here += 2
      default:
        at = here
        throw malformed("\(describedByte()) must be escaped inside a string")
      }
    }
  }

  @inline(__always)
  private func firstSpecial(from start: Int) -> Int { bytes.firstOfString(from: start) }

  private mutating func text(_ span: StringSpan) throws(JSONSyntaxError) -> String {
    let slice = UnsafeBufferPointer(rebasing: bytes[span.start..<span.end])
    if let text = String(checking: slice) { return text }
    at = span.start
    throw invalidUTF8(in: span.start..<span.end)
  }

  /// Finds the first bytes that are not UTF-8; only called when there are some.
  private mutating func invalidUTF8(in range: Range<Int>) -> JSONSyntaxError {
    var parser = Unicode.UTF8.ForwardParser()
    var iterator = UnsafeBufferPointer(rebasing: bytes[range]).makeIterator()
    at = range.lowerBound
    while case .valid(let scalar) = parser.parseScalar(from: &iterator) { at += scalar.count }
    return malformed("\(describedByte()) is not UTF-8 here")
  }
}

extension JSONReader {
  /// The text of a string with escapes; the reader stands behind it.
  private mutating func unescaped(_ span: StringSpan) throws(JSONSyntaxError) -> String {
    unescaped.removeAll(keepingCapacity: true)
    let after = at
    at = span.start
    while at < span.end {
      let slash = nextBackslash(before: span.end)
      unescaped.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[at..<slash]))
      at = slash
      if at < span.end { try escape() }
    }
    at = after
    if let text = unescaped.withUnsafeBufferPointer({ String(checking: $0) }) { return text }
    throw invalidUTF8(in: span.start..<span.end)
  }

  private func nextBackslash(before end: Int) -> Int {
    var here = at
    while here < end, bytes[here] != UInt8(ascii: "\\") { here += 1 }
    return here
  }

  /// Reads one escape. The walk to the closing quote has made sure that a byte follows the backslash.
  private mutating func escape() throws(JSONSyntaxError) {
    at += 1
    let byte = bytes[at]
    at += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(byte)
    case UInt8(ascii: "b"): unescaped.append(0x08)
    case UInt8(ascii: "f"): unescaped.append(0x0C)
    case UInt8(ascii: "n"): unescaped.append(0x0A)
    case UInt8(ascii: "r"): unescaped.append(0x0D)
    case UInt8(ascii: "t"): unescaped.append(0x09)
    case UInt8(ascii: "u"): append(try unicodeEscape())
    default:
      at -= 1
      throw malformed("'\\' followed by \(describedByte()) is no escape")
    }
  }

  /// Reads the digits after `\u`, and a second escape when the first is the upper half of a pair.
  private mutating func unicodeEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
    let first = try hexDigits()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u")
    else {
      return "\u{FFFD}"
    }
    let before = at
    at += 2
    let second = try hexDigits()
    if (0xDC00...0xDFFF).contains(second),
      let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
    {
      return scalar
    }
    at = before
    return "\u{FFFD}"
  }

  private mutating func hexDigits() throws(JSONSyntaxError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard at < bytes.count else { throw truncated("the input ends inside an escape") }
      guard let digit = hexValue(bytes[at]) else { throw malformed("\(describedByte()) is no hexadecimal digit") }
      value = value << 4 | UInt32(digit)
      at += 1
    }
    return value
  }

  private mutating func append(_ scalar: Unicode.Scalar) {
    UTF8.encode(scalar).map { unescaped.append(contentsOf: $0) }
  }
}

extension String {
  /// nil for bytes that are not UTF-8. (`String(validating:as:)` is generic and looks up metadata on each call: a third
  /// of the time of reading a document.)
  fileprivate init?(checking bytes: UnsafeBufferPointer<UInt8>) {
    guard let text = try? UTF8Span(validating: bytes.span) else { return nil }
    self.init(copying: text)
  }
}

/// The value of an ASCII hexadecimal digit.
func hexValue(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
  default: nil
  }
}

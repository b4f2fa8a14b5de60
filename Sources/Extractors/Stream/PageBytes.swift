import Glibc

/// The bytes of a page, lent, and what is looked for in them. Of its own, for a scanner that asked itself would be copied
/// at each question.
struct PageBytes {
  let base: UnsafePointer<UInt8>
  let count: Int

  /// - Precondition: The index is below ``count``; only debug builds ask.
  @inline(__always)
  subscript(index: Int) -> UInt8 {
    assert(index >= 0 && index < count)
    return base[index]
  }

  @inline(__always)
  subscript(range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: base + range.lowerBound, count: range.count)
  }

  @inline(__always)
  func find(_ byte: UInt8, from start: Int) -> Int? {
    guard start < count, let found = memchr(base + start, Int32(byte), count &- start) else { return nil }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  func hasPrefix(_ text: StaticString, at index: Int) -> Bool {
    let length = text.utf8CodeUnitCount
    return index + length <= count && memcmp(base + index, text.utf8Start, length) == 0
  }

  /// In any case of letters.
  func hasName(_ name: StaticString, at index: Int) -> Bool {
    let length = name.utf8CodeUnitCount
    guard index + length <= count else { return false }
    for offset in 0..<length where CSSName.lowered(base[index + offset]) != name.utf8Start[offset] { return false }
    return true
  }

  func isBlank(_ start: Int, _ end: Int) -> Bool {
    for index in start..<end where !PageScanner.isBlank(base[index]) { return false }
    return true
  }

  @inline(__always)
  func skippingBlanks(_ start: Int) -> Int {
    var index = start
    // What is no blank is behind the space in ASCII, nearly always.
    if index < count, base[index] > 0x20 { return index }
    while index < count, PageScanner.isBlank(base[index]) { index &+= 1 }
    return index
  }

  /// How many letters of ASCII there are from here on: those of the next eight bytes, for what is longer is asked for
  /// again; none where the page has less than eight bytes left.
  @inline(__always)
  func letters(at index: Int) -> (count: Int, word: UInt64) {
    guard index &+ 8 <= count else { return (0, 0) }
    let word = word(at: index)
    return (ASCIIWord.letters(word), word)
  }

  /// - Precondition: The page has eight bytes from there on.
  @inline(__always)
  func word(at index: Int) -> UInt64 {
    UInt64(littleEndian: UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self))
  }

  /// Behind an attribute of a start tag and the blanks after it.
  @inline(__always)
  func endOfAttribute(from start: Int) throws(StreamDoubt) -> Int {
    // `class="…"` and the like.
    let length = letters(at: start).count
    if length > 0, length < 7, base[start &+ length] == UInt8(ascii: "="),
      base[start &+ length &+ 1] == UInt8(ascii: "\"")
    {
      guard let end = find(UInt8(ascii: "\""), from: start &+ length &+ 2) else { throw .cut }
      return skippingBlanks(end &+ 1)
    }
    return try endOfAnyAttribute(from: start)
  }

  private func endOfAnyAttribute(from start: Int) throws(StreamDoubt) -> Int {
    guard AttributeBytes.startsName(base[start]) else { throw .attributes }
    var index = start + 1
    while index < count, AttributeBytes.continuesName(base[index]) { index += 1 }
    guard index - start <= PageScanner.maxNameBytes else { throw .attributes }
    index = skippingBlanks(index)
    guard index < count, base[index] == UInt8(ascii: "=") else { return index }
    index = skippingBlanks(index + 1)
    guard index < count else { throw .cut }
    let quote = base[index]
    if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
      guard let end = find(quote, from: index + 1) else { throw .cut }
      return skippingBlanks(end + 1)
    }
    while index < count, base[index] != UInt8(ascii: ">"), !PageScanner.isBlank(base[index]) { index += 1 }
    guard index < count else { throw .cut }
    // `<a href=/x/>` is not closed for libxml2, and is for ``TagScan``.
    if base[index] == UInt8(ascii: ">"), base[index - 1] == UInt8(ascii: "/") { throw .attributes }
    return skippingBlanks(index)
  }

  /// `<` before a blank, a digit or the like is text; before what may be read either way, markup that is doubted.
  @inline(__always)
  func startsMarkup(_ index: Int) -> Bool {
    guard index &+ 1 < count else { return true }
    let next = self[index &+ 1]
    if PageScanner.isLetter(next) || next == UInt8(ascii: "/") { return true }
    switch next {
    case UInt8(ascii: "!"), UInt8(ascii: "?"), UInt8(ascii: "_"), UInt8(ascii: ":"),
      UInt8(ascii: "<"):
      return true
    default: return next >= 0x80
    }
  }

  /// Whether it is nothing but references to what is no character, for which libxml2 makes no text.
  func isNothing(_ start: Int, _ end: Int) -> Bool {
    guard start + 1 < end, self[start + 1] == UInt8(ascii: "#") else { return false }
    var decoded: [UInt8] = []
    References.decode(self[start..<end], to: &decoded, isValue: false)
    return decoded.isEmpty
  }
}

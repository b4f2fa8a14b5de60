internal import CLibXML2
import Glibc

extension TapeWalker {
  /// Where an attribute stands in the page.
  struct Attribute {
    var name: Range<Int>
    /// Without quotes; nil where there is no `=`.
    var value: Range<Int>?
    /// Of the next attribute, or of what ends the tag.
    var next: Int
  }

  /// The first of that name: libxml2 leaves out those that follow.
  ///
  /// - Parameter name: In lower case, as all names of HTML are in libxml2's tree.
  func attribute(_ name: TapeName, of element: Int32) -> Attribute? {
    let length = name.bytes.count
    guard length > 0, length <= 8 else { return attribute(name.bytes, of: element) }
    let mask = ASCIIWord.mask(length)
    var next = Int(elements[Int(element)].attributes)
    guard next > 0 else { return nil }
    while let attribute = attribute(at: next) {
      if attribute.name.count == length {
        // Of the bytes of names only letters have two cases, and no other two are the same but for that bit.
        if let word = word(at: attribute.name.lowerBound) {
          if (word | 0x2020_2020_2020_2020) & mask == (name.key.bits | 0x2020_2020_2020_2020) & mask {
            return attribute
          }
        } else if isSame(attribute.name, name.bytes) {
          return attribute
        }
      }
      next = attribute.next
    }
    return nil
  }

  /// nil where the page has less than eight bytes left.
  @inline(__always)
  private func word(at index: Int) -> UInt64? {
    guard let base = bytes.baseAddress, index + 8 <= bytes.count else { return nil }
    return UInt64(littleEndian: UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self))
  }

  /// The same by the bytes of the name, in lower case.
  func attribute(_ name: [UInt8], of element: Int32) -> Attribute? {
    var next = Int(self.element(element).attributes)
    guard next > 0 else { return nil }
    while let attribute = attribute(at: next) {
      if attribute.name.count == name.count, isSame(attribute.name, name) { return attribute }
      next = attribute.next
    }
    return nil
  }

  /// nil at the end of the tag. ``PageScanner`` has seen to it that the tag has one.
  @inline(__always)
  func attribute(at start: Int) -> Attribute? {
    // `class="…"` and the like.
    if let word = word(at: start), case let length = ASCIIWord.letters(word), length > 0, length < 7,
      bytes[start + length] == UInt8(ascii: "="), bytes[start + length + 1] == UInt8(ascii: "\"")
    {
      let first = start + length + 2
      let end = end(of: UInt8(ascii: "\""), from: first)
      return Attribute(name: start..<(start + length), value: first..<end, next: skippingBlanks(end + 1))
    }
    return anyAttribute(at: start)
  }

  private func anyAttribute(at start: Int) -> Attribute? {
    guard AttributeBytes.startsName(bytes[start]) else { return nil }
    var index = start + 1
    while AttributeBytes.continuesName(bytes[index]) { index += 1 }
    let name = start..<index
    index = skippingBlanks(index)
    guard bytes[index] == UInt8(ascii: "=") else { return Attribute(name: name, value: nil, next: index) }
    index = skippingBlanks(index + 1)
    let quote = bytes[index]
    guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
      let first = index
      while bytes[index] != UInt8(ascii: ">"), !PageScanner.isBlank(bytes[index]) { index += 1 }
      return Attribute(name: name, value: first..<index, next: skippingBlanks(index))
    }
    let end = self.end(of: quote, from: index + 1)
    return Attribute(name: name, value: (index + 1)..<end, next: skippingBlanks(end + 1))
  }

  private func end(of quote: UInt8, from start: Int) -> Int {
    guard let base = bytes.baseAddress, let found = memchr(base + start, Int32(quote), bytes.count - start) else {
      return bytes.count
    }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  private func skippingBlanks(_ start: Int) -> Int {
    var index = start
    while PageScanner.isBlank(bytes[index]) { index += 1 }
    return index
  }

  private func isSame(_ range: Range<Int>, _ name: [UInt8]) -> Bool {
    for (offset, byte) in name.enumerated() where CSSName.lowered(bytes[range.lowerBound + offset]) != byte {
      return false
    }
    return true
  }

  /// The value with its references decoded, lent. One without `=` is empty, or its own name where HTML 4 calls it
  /// boolean.
  func withValue<Answer>(
    ofAttributeAt start: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Answer
  ) -> Answer {
    guard let attribute = attribute(at: start) else { return body(UnsafeBufferPointer(start: nil, count: 0)) }
    return withValue(of: attribute, body)
  }

  func withValue<Answer>(of attribute: Attribute, _ body: (UnsafeBufferPointer<UInt8>) -> Answer) -> Answer {
    guard let range = attribute.value else { return withNameIfBoolean(attribute.name, body) }
    let raw = UnsafeBufferPointer(rebasing: bytes[range])
    guard References.areIn(raw) else { return body(raw) }
    var decoded: [UInt8] = []
    References.decode(raw, to: &decoded, isValue: true)
    return decoded.withUnsafeBufferPointer(body)
  }

  private func withNameIfBoolean<Answer>(
    _ range: Range<Int>, _ body: (UnsafeBufferPointer<UInt8>) -> Answer
  ) -> Answer {
    let name = bytes[range].map(CSSName.lowered)
    let isBoolean = (name + [0]).withUnsafeBufferPointer { htmlIsBooleanAttr($0.baseAddress) != 0 }
    return (isBoolean ? name : []).withUnsafeBufferPointer(body)
  }
}

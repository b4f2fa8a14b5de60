internal import CLibXML2
import Glibc
import Language

extension TapeWalker {
  /// The string-value of XPath.
  func text(of node: TapeNode) -> String {
    switch node.kind {
    case .attribute: return withValue(ofAttributeAt: Int(node.detail)) { String(decoding: $0, as: UTF8.self) }
    case .document, .element, .text:
      let pieces = pieces(within: node)
      // Most nodes asked for hold one text without entities: no buffer is needed for those.
      if pieces.count == 1, let plain = plainText(pieces.lowerBound) { return String(decoding: plain, as: UTF8.self) }
      var joined: [UInt8] = []
      append(pieces, to: &joined)
      return String(decoding: joined, as: UTF8.self)
    }
  }

  /// The same without white space at its ends.
  func trimmedText(of node: TapeNode) -> String {
    withText(of: node) { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      return isTrimmed(bytes) ? text : trimmed(text)
    }
  }

  /// The same in bytes, lent.
  func withText<Answer>(of node: TapeNode, _ body: (UnsafeBufferPointer<UInt8>) -> Answer) -> Answer {
    if node.kind == .attribute { return withValue(ofAttributeAt: Int(node.detail), body) }
    let pieces = pieces(within: node)
    if pieces.count == 1, let plain = plainText(pieces.lowerBound) { return body(plain) }
    var joined: [UInt8] = []
    append(pieces, to: &joined)
    return joined.withUnsafeBufferPointer(body)
  }

  /// The piece as it stands, where nothing in it needs decoding.
  private func plainText(_ index: UInt32) -> UnsafeBufferPointer<UInt8>? {
    let piece = pieces[Int(index)]
    let text = UnsafeBufferPointer(rebasing: bytes[Int(piece.start)..<Int(piece.end)])
    return piece.isRaw || !References.areIn(text) ? text : nil
  }

  private func append(_ range: Range<UInt32>, to text: inout [UInt8]) {
    for index in range {
      let piece = pieces[Int(index)]
      let part = UnsafeBufferPointer(rebasing: bytes[Int(piece.start)..<Int(piece.end)])
      if piece.isRaw { text.append(contentsOf: part) } else { References.decode(part, to: &text, isValue: false) }
    }
  }
}

/// Entities and character references, as libxml2 reads them: by its own table of HTML 4, a name only with its semicolon,
/// a number also without.
enum References {
  static func areIn(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let base = text.baseAddress else { return false }
    return memchr(base, Int32(UInt8(ascii: "&")), text.count) != nil
  }

  /// - Parameter isValue: Of an attribute: a number that is no character ends it, for libxml2 writes a NUL. In text
  ///   the reference is left out.
  static func decode(_ text: UnsafeBufferPointer<UInt8>, to result: inout [UInt8], isValue: Bool) {
    guard let base = text.baseAddress else { return }
    var index = 0
    while index < text.count {
      guard let found = memchr(base + index, Int32(UInt8(ascii: "&")), text.count - index) else { break }
      let start = UnsafeRawPointer(found) - UnsafeRawPointer(base)
      result.append(contentsOf: UnsafeBufferPointer(rebasing: text[index..<start]))
      index = start
      if index + 1 < text.count, text[index + 1] == UInt8(ascii: "#") {
        if let scalar = readNumber(text, &index) {
          append(scalar, to: &result)
        } else if isValue {
          return
        }
      } else if let scalar = readName(text, &index) {
        append(scalar, to: &result)
      } else {
        result.append(UInt8(ascii: "&"))
        index += 1
      }
    }
    if index < text.count { result.append(contentsOf: UnsafeBufferPointer(rebasing: text[index...])) }
  }

  /// nil for what is no character of XML.
  private static func readNumber(_ text: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> Unicode.Scalar? {
    index += 2
    var radix: UInt32 = 10
    if index < text.count, CSSName.lowered(text[index]) == UInt8(ascii: "x") {
      radix = 16
      index += 1
    }
    var value: UInt32 = 0
    while index < text.count, let digit = digit(text[index], radix) {
      // Beyond the last character it only stays there.
      if value < 0x110000 { value = value * radix + digit }
      index += 1
    }
    if index < text.count, text[index] == UInt8(ascii: ";") { index += 1 }
    let isCharacter =
      value == 9 || value == 10 || value == 13 || (value >= 0x20 && value <= 0xD7FF)
      || (value >= 0xE000 && value <= 0xFFFD) || (value >= 0x10000 && value <= 0x10FFFF)
    return isCharacter ? Unicode.Scalar(value) : nil
  }

  private static func digit(_ byte: UInt8, _ radix: UInt32) -> UInt32? {
    if byte &- UInt8(ascii: "0") < 10 { return UInt32(byte &- UInt8(ascii: "0")) }
    let letter = CSSName.lowered(byte) &- UInt8(ascii: "a")
    return radix == 16 && letter < 6 ? UInt32(letter) + 10 : nil
  }

  /// The longest names of HTML 4 (`thetasym`, `upsilon`) are well within.
  private static let maxNameBytes = 12

  /// nil, and nothing read, where there is no known name with a semicolon.
  private static func readName(_ text: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> Unicode.Scalar? {
    var end = index + 1
    while end < text.count, end - index <= maxNameBytes, AttributeBytes.continuesName(text[end]) { end += 1 }
    guard end > index + 1, end < text.count, text[end] == UInt8(ascii: ";") else { return nil }
    let name = UnsafeBufferPointer(rebasing: text[(index + 1)..<end])
    guard let scalar = entity(name) else { return nil }
    index = end + 1
    return scalar
  }

  private static func entity(_ name: UnsafeBufferPointer<UInt8>) -> Unicode.Scalar? {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: name.count + 1) { buffer in
      for (index, byte) in name.enumerated() { buffer[index] = byte }
      buffer[name.count] = 0
      guard let entity = htmlEntityLookup(buffer.baseAddress), entity.pointee.value > 0 else { return nil }
      return Unicode.Scalar(entity.pointee.value)
    }
  }

  private static func append(_ scalar: Unicode.Scalar, to text: inout [UInt8]) {
    UTF8.encode(scalar).map { text.append(contentsOf: $0) }
  }
}

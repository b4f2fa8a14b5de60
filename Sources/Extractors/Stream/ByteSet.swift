/// A set of ASCII characters that is asked of each byte of a page: two words, and one branch for all kinds of characters.
struct ByteSet {
  /// Bit n: character n.
  let low: UInt64
  /// Bit n: character 64 + n.
  let high: UInt64

  @inline(__always)
  func contains(_ byte: UInt8) -> Bool {
    ((byte < 64 ? low : high) &>> UInt64(byte & 63)) & 1 == 1 && byte < 0x80
  }

  /// What an element's name goes on with. libxml2 also takes `_ : .`, each in some places only: those are doubted.
  @inline(__always)
  static var elementName: ByteSet { ByteSet(low: digits | bit("-"), high: letters) }
  /// What an attribute's name begins with, by libxml2.
  @inline(__always)
  static var attributeStart: ByteSet { ByteSet(low: bit(":") | bit("."), high: letters | bit("_")) }
  @inline(__always)
  static var attributeName: ByteSet {
    ByteSet(low: digits | bit("-") | bit(":") | bit("."), high: letters | bit("_"))
  }

  /// In either case: 65 to 90 and 97 to 122.
  @inline(__always)
  private static var letters: UInt64 { 0x07FF_FFFE_07FF_FFFE }
  /// 48 to 57.
  @inline(__always)
  private static var digits: UInt64 { 0x03FF_0000_0000_0000 }

  @inline(__always)
  private static func bit(_ character: Unicode.Scalar) -> UInt64 { 1 << UInt64(character.value & 63) }
}

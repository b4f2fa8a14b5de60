/// Percent-encoding of UTF-8 (RFC 3986).
enum PercentEncoding {
  private static let digits = Array("0123456789ABCDEF".utf8)

  /// Everything but unreserved characters is encoded: for a path segment, a query name or value, a form field.
  static func component(_ text: String) -> String {
    encode(text) { byte in isUnreserved(byte) }
  }

  /// What may not stand in a URL at all (spaces, non-ASCII, quotes, braces) is encoded; what is there stays.
  static func url(_ text: String) -> String {
    encode(text) { byte in isUnreserved(byte) || reserved.contains(byte) || byte == UInt8(ascii: "%") }
  }

  private static let reserved = Set(":/?#[]@!$&'()*+,;=".utf8)

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "~"):
      true
    default: false
    }
  }

  private static func encode(_ text: String, keeping isKept: (UInt8) -> Bool) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      if isKept(byte) {
        bytes.append(byte)
      } else {
        bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// UTF-8 bytes as `%XX`, but for RFC 3986's unreserved characters and those of `keeping`.
///
/// - Parameter keeping: ASCII characters that stay as they are.
public func percentEncoded(_ text: String, keeping: String = "") -> String {
  let kept = Array(keeping.utf8)
  var encoded: [UInt8] = []
  encoded.reserveCapacity(text.utf8.count)
  for byte in text.utf8 {
    if byte.isUnreserved || kept.contains(byte) {
      encoded.append(byte)
    } else {
      encoded += [UInt8(ascii: "%"), hexadecimal(byte >> 4), hexadecimal(byte & 15)]
    }
  }
  return String(decoding: encoded, as: UTF8.self)
}

/// A URL with what may not stand in one at all (spaces, non-ASCII, quotes, braces) encoded; what is there stays.
public func percentEncoded(url: String) -> String { percentEncoded(url, keeping: ":/?#[]@!$&'()*+,;=%") }

private func hexadecimal(_ digit: UInt8) -> UInt8 { digit < 10 ? 0x30 + digit : 0x37 + digit }

extension UInt8 {
  fileprivate var isUnreserved: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "~"):
      true
    default: false
    }
  }
}

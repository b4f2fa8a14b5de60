/// UTF-8 with everything but RFC 3986's unreserved characters and `keeping` as `%XX`.
func percentEncoded(_ text: String, keeping: String = "") -> String {
  var encoded = ""
  for byte in text.utf8 {
    if byte.isUnreserved || keeping.utf8.contains(byte) {
      encoded.unicodeScalars.append(Unicode.Scalar(byte))
    } else {
      encoded += "%" + hexadecimal(byte >> 4) + hexadecimal(byte & 15)
    }
  }
  return encoded
}

/// A name or value of `application/x-www-form-urlencoded`, as the URL standard serialises it.
func formEncoded(_ text: String) -> String {
  percentEncoded(text, keeping: " *").replacing(" ", with: "+").replacing("~", with: "%7E")
}

private func hexadecimal(_ digit: UInt8) -> String { String(digit, radix: 16, uppercase: true) }

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

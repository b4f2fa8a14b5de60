/// A URL or form as it is compared: percent-decoded, its fields in an order that does not depend on who wrote them.
struct URLKey: Hashable {
  var origin: String
  var path: [UInt8]
  var query: [FormField]

  init(_ url: ParsedURL) {
    origin = url.origin
    path = percentDecoded(url.path.utf8, plusIsSpace: false)
    query = FormField.read((url.query ?? "").utf8).sorted()
  }
}

/// One field of a query or of a form body, decoded.
struct FormField: Hashable, Comparable {
  var name: [UInt8]
  var value: [UInt8]

  static func read(_ text: some Collection<UInt8>) -> [FormField] {
    text.split(separator: UInt8(ascii: "&")).map { pair in
      let equals = pair.firstIndex(of: UInt8(ascii: "="))
      let value = equals.map { pair[pair.index(after: $0)...] }
      return FormField(
        name: percentDecoded(pair[..<(equals ?? pair.endIndex)], plusIsSpace: true),
        value: value.map { percentDecoded($0, plusIsSpace: true) } ?? [])
    }
  }

  static func < (a: FormField, b: FormField) -> Bool {
    a.name == b.name ? a.value.lexicographicallyPrecedes(b.value) : a.name.lexicographicallyPrecedes(b.name)
  }
}

/// The fields of an `application/x-www-form-urlencoded` body, decoded, in their order.
public func formFields(_ body: [UInt8]) -> [(name: String, value: String)] {
  FormField.read(body).map { (String(decoding: $0.name, as: UTF8.self), String(decoding: $0.value, as: UTF8.self)) }
}

/// A `%` without two hex digits after it stands for itself.
func percentDecoded(_ text: some Collection<UInt8>, plusIsSpace: Bool) -> [UInt8] {
  let bytes = Array(text)
  var decoded: [UInt8] = []
  var index = 0
  while index < bytes.count {
    if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count, let high = hexDigit(bytes[index + 1]),
      let low = hexDigit(bytes[index + 2])
    {
      decoded.append(high << 4 | low)
      index += 3
    } else {
      decoded.append(plusIsSpace && bytes[index] == UInt8(ascii: "+") ? 0x20 : bytes[index])
      index += 1
    }
  }
  return decoded
}

private func hexDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
  default: nil
  }
}

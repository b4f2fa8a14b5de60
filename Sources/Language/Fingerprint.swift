/// FNV-1a of 64 bits in 16 hex digits: the same on every machine and in every version, so it can be stored. Tells versions
/// of a text apart, promises nothing against forgery. <https://www.rfc-editor.org/rfc/rfc9923>
public func fingerprint(_ bytes: [UInt8]) -> String { bytes.withUnsafeBufferPointer(fingerprint) }

/// As ``fingerprint(_:)-([UInt8])``, of a text's UTF-8.
public func fingerprint(_ text: String) -> String {
  var text = text
  return text.withUTF8(fingerprint)
}

private func fingerprint(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
  var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
  let digits = String(hash, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}

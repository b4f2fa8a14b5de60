import Glibc

/// An IPv4 or IPv6 address, without zone. An IPv4-mapped IPv6 address is the IPv4 address.
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
  /// 4 or 16 bytes, network order.
  public let bytes: [UInt8]

  public var isIPv4: Bool { bytes.count == 4 }

  /// nil unless there are 4 or 16 bytes.
  public init?(bytes: [UInt8]) {
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    let isMapped = bytes.count == 16 && bytes[..<12].elementsEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff])
    self.bytes = isMapped ? Array(bytes[12...]) : bytes
  }

  /// Reads `192.0.2.1`, `2001:db8::1` or `[2001:db8::1]`; no short, octal or hex forms, no zone.
  public init?(_ text: String) {
    var text = Substring(text)
    if text.hasPrefix("["), text.hasSuffix("]") { text = text.dropFirst().dropLast() }
    guard text.utf8.count < 64, !text.utf8.contains(0) else { return nil }
    let isIPv6 = text.contains(":")
    var bytes = [UInt8](repeating: 0, count: isIPv6 ? 16 : 4)
    guard inet_pton(isIPv6 ? AF_INET6 : AF_INET, String(text), &bytes) == 1 else { return nil }
    self.init(bytes: bytes)
  }

  public var description: String {
    var text = [CChar](repeating: 0, count: 64)
    var bytes = bytes
    guard inet_ntop(isIPv4 ? AF_INET : AF_INET6, &bytes, &text, socklen_t(text.count)) != nil else { return "?" }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// All addresses that share their first bits: `10.1.0.0/16`.
public struct AddressRange: Sendable, Hashable {
  public let first: IPAddress
  public let bits: Int

  public init?(_ first: IPAddress, bits: Int) {
    guard (0...first.bytes.count * 8).contains(bits) else { return nil }
    self.first = first
    self.bits = bits
  }

  /// Reads `10.1.0.0/16`; a plain address is the range of itself.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let address = parts.first.flatMap({ IPAddress(String($0)) }), parts.count <= 2 else { return nil }
    guard parts.count == 2 else {
      self.init(address, bits: address.bytes.count * 8)
      return
    }
    guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let bits = Int(parts[1]) else { return nil }
    self.init(address, bits: bits)
  }

  public func contains(_ address: IPAddress) -> Bool {
    guard address.bytes.count == first.bytes.count else { return false }
    let whole = bits / 8
    let rest = UInt8(bits % 8)
    guard address.bytes[..<whole] == first.bytes[..<whole] else { return false }
    return rest == 0 || (address.bytes[whole] ^ first.bytes[whole]) >> (8 - rest) == 0
  }
}

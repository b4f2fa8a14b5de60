/// Addresses that are not a public host's: IANA's special-purpose registries for IPv4 and IPv6, and the cloud metadata
/// services. An address that carries another one (6to4, NAT64, Teredo, ISATAP) is judged by what it carries.
enum SpecialAddresses {
  /// What is special about it, in words; nil for a public address.
  static func kind(of address: IPAddress) -> String? {
    if address.isIPv4 { return named(address, in: v4) }
    if let kind = named(address, in: v6) { return kind }
    for carried in carriedAddresses(of: address) {
      if let kind = kind(of: carried) { return "\(kind) inside IPv6" }
    }
    // Only 2000::/3 is handed out; 64:ff9b::/96 leads to an IPv4 address, judged above.
    return globalUnicast.contains(address) || nat64.contains(address) ? nil : "reserved"
  }

  private static func named(_ address: IPAddress, in list: [(AddressRange, String)]) -> String? {
    list.first { $0.0.contains(address) }?.1
  }

  /// IPv4 addresses that a router or tunnel would take out of this IPv6 address.
  private static func carriedAddresses(of address: IPAddress) -> [IPAddress] {
    let bytes = address.bytes
    var found: [[UInt8]] = []
    if compatible.contains(address) || nat64.contains(address) { found.append(Array(bytes[12...])) }
    if sixToFour.contains(address) { found.append(Array(bytes[2..<6])) }
    if teredo.contains(address) { found += [Array(bytes[4..<8]), bytes[12...].map { ~$0 }] }
    let isISATAP = bytes[8] & ~2 == 0 && bytes[9] == 0 && bytes[10] == 0x5e && bytes[11] == 0xfe
    if isISATAP { found.append(Array(bytes[12...])) }
    return found.compactMap { IPAddress(bytes: $0) }
  }

  private static func range(_ text: String) -> AddressRange {
    guard let range = AddressRange(text) else { preconditionFailure("\(text) in our own table is not a range") }
    return range
  }

  private static let compatible = range("::/96")
  private static let nat64 = range("64:ff9b::/96")
  private static let sixToFour = range("2002::/16")
  private static let teredo = range("2001::/32")
  private static let globalUnicast = range("2000::/3")

  private static let v4: [(AddressRange, String)] = [
    ("0.0.0.0/8", "unspecified"), ("10.0.0.0/8", "private"), ("100.64.0.0/10", "carrier-grade NAT"),
    ("127.0.0.0/8", "loopback"), ("168.63.129.16/32", "cloud metadata"), ("169.254.169.254/32", "cloud metadata"),
    ("169.254.0.0/16", "link-local"), ("172.16.0.0/12", "private"), ("192.0.0.0/24", "reserved"),
    ("192.0.2.0/24", "documentation"), ("192.88.99.0/24", "6to4 relay"), ("192.168.0.0/16", "private"),
    ("198.18.0.0/15", "benchmarking"), ("198.51.100.0/24", "documentation"), ("203.0.113.0/24", "documentation"),
    ("224.0.0.0/4", "multicast"), ("255.255.255.255/32", "broadcast"), ("240.0.0.0/4", "reserved"),
  ].map { (range($0.0), $0.1) }

  private static let v6: [(AddressRange, String)] = [
    ("::1/128", "loopback"), ("::/128", "unspecified"), ("fc00::/7", "private"), ("fe80::/10", "link-local"),
    ("fec0::/10", "site-local"), ("ff00::/8", "multicast"), ("100::/64", "discard"), ("2001:db8::/32", "documentation"),
    ("3fff::/20", "documentation"), ("2001:2::/48", "benchmarking"), ("2001:10::/28", "reserved"),
    ("2001:20::/28", "reserved"), ("64:ff9b:1::/48", "local NAT64"),
  ].map { (range($0.0), $0.1) }
}

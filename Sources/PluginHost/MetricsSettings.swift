import Glibc

/// An address and a port to listen on, given as numbers: nothing is looked up.
public struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
  /// 4 or 16 bytes, network order.
  public var bytes: [UInt8]
  /// 0 lets the system choose.
  public var port: UInt16
  /// As it was written.
  public var description: String

  /// Reads `127.0.0.1:9464` or `[::1]:9464`; nil for anything else, names included.
  public init?(_ text: String) {
    guard text.utf8.count < 64, !text.utf8.contains(0), let colon = text.lastIndex(of: ":") else { return nil }
    let digits = text[text.index(after: colon)...]
    guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits) else { return nil }
    var host = text[..<colon]
    let isIPv6 = host.hasPrefix("[") && host.hasSuffix("]")
    if isIPv6 { host = host.dropFirst().dropLast() }
    guard isIPv6 == host.contains(":") else { return nil }
    var bytes = [UInt8](repeating: 0, count: isIPv6 ? 16 : 4)
    guard inet_pton(isIPv6 ? AF_INET6 : AF_INET, String(host), &bytes) == 1 else { return nil }
    (self.bytes, self.port, description) = (bytes, port, text)
  }

  /// Whether only this machine can reach it.
  public var isLoopback: Bool {
    bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
  }
}

/// Where figures and health are served.
public struct MetricsSettings: Sendable, Hashable {
  public var listen: ListenAddress
  /// `slothunter.yaml:5:12`, for what is found wrong only when it is tried.
  public var place: String

  public init(listen: ListenAddress, place: String) {
    self.listen = listen
    self.place = place
  }
}

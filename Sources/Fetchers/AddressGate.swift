import PluginHost

/// The one gate for schemes, ports, forms of URL and addresses.
///
/// ``check(url:)`` runs when a URL is known, ``check(_:for:)`` when an address is about to be connected to or a kept
/// connection to be used again: a name may lead elsewhere the second time it is asked. Where a name leads to several
/// addresses, the refused ones are left out and the others used.
public struct AddressGate: Sendable {
  private let allowed: AllowList
  private let mapped: Set<String>

  /// - Parameters:
  ///   - allowed: What the configuration lets be private.
  ///   - origins: The targets of the map may be private too, on exactly their host and port.
  public init(allowed: AllowList = .none, origins: OriginMap = OriginMap()) {
    self.allowed = allowed
    mapped = Set(origins.targets.map { "\($0.plainHost) \($0.port)" })
  }

  /// - Returns: The URL in parts, as it will be sent.
  /// - Throws: `.refusedURL` for its form, scheme or port; `.refusedAddress` for a host that is not public.
  @discardableResult
  public func check(url: String) throws(FetchFailure) -> ParsedURL {
    let url = try ParsedURL(url)
    try check(url)
    return url
  }

  func check(_ url: ParsedURL) throws(FetchFailure) {
    guard !isMapped(url) else { return }
    guard url.port != 0 else { throw ParsedURL.refused("port 0 is never fetched") }
    if RefusedPorts.all.contains(url.port), !allowed.coversExactly(host: url.plainHost, port: url.port) {
      throw ParsedURL.refused("port \(url.port) on \(url.host) belongs to another protocol")
    }
    if let address = url.address {
      try check(address, for: url)
    } else if url.plainHost == "localhost" || url.plainHost.hasSuffix(".localhost"), !isAllowed(url) {
      throw Self.refused(url, "this machine")
    }
  }

  /// - Throws: `.refusedAddress` for an address that is not public and that nothing allows for this URL.
  public func check(_ address: IPAddress, for url: ParsedURL) throws(FetchFailure) {
    guard let kind = SpecialAddresses.kind(of: address) else { return }
    guard isMapped(url) || isAllowed(url) || allowed.covers(address, port: url.port) else {
      throw Self.refused(url, "a \(kind) address")
    }
  }

  /// What is special about an address (`loopback`, `private` …); nil for a public one.
  public static func specialKind(of address: IPAddress) -> String? { SpecialAddresses.kind(of: address) }

  private func isMapped(_ url: ParsedURL) -> Bool { mapped.contains("\(url.plainHost) \(url.port)") }
  private func isAllowed(_ url: ParsedURL) -> Bool { allowed.covers(host: url.plainHost, port: url.port) }

  private static func refused(_ url: ParsedURL, _ what: String) -> FetchFailure {
    FetchFailure(.refusedAddress, "\(url.origin) is \(what), which the configuration does not allow")
  }
}

/// Ports that speak another protocol, which a request in HTTP must not reach.
enum RefusedPorts {
  /// The "bad ports" of <https://fetch.spec.whatwg.org/#port-blocking>, and the stores and daemons that take a request
  /// line for a command or run without a password: Docker, MySQL, PostgreSQL, Redis, memcached, MongoDB.
  static let all: Set<Int> = [
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
    111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
    540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
    6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
    2375, 2376, 3306, 5432, 6379, 11211, 27017,
  ]
}

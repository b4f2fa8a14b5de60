import Language

/// Hosts that may be private or loopback, because the configuration says so.
///
/// An entry is a host (`intranet.example`), a host with a port (`127.0.0.1:8080`, `[::1]:8080`), all hosts below a name
/// (`*.example`), an address (`10.1.2.3`) or a range of addresses (`10.1.0.0/16`). An address or range also covers names
/// that lead to it; a name covers whatever it leads to.
public struct AllowList: Sendable, Hashable {
  enum Entry: Sendable, Hashable {
    case host(String, port: Int?)
    case below(String, port: Int?)
    case range(AddressRange, port: Int?)
  }

  let entries: [Entry]

  public static let none = AllowList(entries: [])

  init(entries: [Entry]) { self.entries = entries }

  /// - Throws: ``SyntaxError`` for the first entry that is none of the forms above.
  public init(parsing texts: [String]) throws(SyntaxError) {
    var entries: [Entry] = []
    for text in texts { entries.append(try Self.entry(text)) }
    self.entries = entries
  }

  /// Whether the host may lead anywhere on that port.
  func covers(host: String, port: Int) -> Bool {
    entries.contains { entry in
      switch entry {
      case .host(let name, let wanted): name == host && (wanted ?? port) == port
      case .below(let name, let wanted): host.hasSuffix("." + name) && (wanted ?? port) == port
      case .range(let range, let wanted):
        IPAddress(host).map { range.contains($0) } == true && (wanted ?? port) == port
      }
    }
  }

  /// Whether the entry names the port too, so that the list of refused ports does not count.
  func coversExactly(host: String, port: Int) -> Bool {
    entries.contains { entry in
      switch entry {
      case .host(let name, let wanted): name == host && wanted == port
      case .below(let name, let wanted): host.hasSuffix("." + name) && wanted == port
      case .range(let range, let wanted): wanted == port && IPAddress(host).map { range.contains($0) } == true
      }
    }
  }

  func covers(_ address: IPAddress, port: Int) -> Bool {
    entries.contains { entry in
      guard case .range(let range, let wanted) = entry else { return false }
      return range.contains(address) && (wanted ?? port) == port
    }
  }

  private static let forms = "a host, host:port, *.example, an address or a range like 10.1.0.0/16"

  private static func entry(_ text: String) throws(SyntaxError) -> Entry {
    if let range = AddressRange(text) { return .range(range, port: nil) }
    if text.contains("/") {
      let help = text.contains("://") ? "write the host without its scheme" : "accepted: \(forms)"
      throw SyntaxError("'\(text)' is not a range of addresses", offset: 0, help: help)
    }
    let isBelow = text.hasPrefix("*.")
    let host = isBelow ? String(text.dropFirst(2)) : text
    guard !host.contains("*"), !host.contains("@"), !host.contains("?"), !host.contains("#"),
      let url = try? ParsedURL("http://" + host)
    else { throw SyntaxError("'\(text)' is not a host", offset: 0, help: "accepted: \(forms)") }
    // Port 80 is the parser's default too, so the text itself is asked whether it names a port.
    let named = host.hasSuffix("]") ? nil : host.split(separator: ":").count > 1 ? url.port : nil
    if isBelow { return .below(url.plainHost, port: named) }
    if let address = url.address, let range = AddressRange(address, bits: address.bytes.count * 8) {
      return .range(range, port: named)
    }
    return .host(url.plainHost, port: named)
  }
}

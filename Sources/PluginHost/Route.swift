import Language

/// How a site's requests travel where it is not straight there: through proxies, with certificates of their own.
///
/// A class, so that a request that has one stays small.
public final class Route: Sendable, Hashable {
  /// Used in turn; empty for none.
  public let proxies: [ProxyAddress]
  public let tls: ClientTLS?

  public init(proxies: [ProxyAddress] = [], tls: ClientTLS? = nil) {
    self.proxies = proxies
    self.tls = tls
  }

  /// For another origin, which is not shown who asks: nil where nothing is left.
  public var withoutTLS: Route? { proxies.isEmpty ? nil : Route(proxies: proxies) }

  public static func == (a: Route, b: Route) -> Bool { a === b || (a.proxies == b.proxies && a.tls == b.tls) }
  public func hash(into hasher: inout Hasher) { hasher.combine(proxies) }
}

/// What proves who asks, and whom is believed. Files are read when a connection is made.
public struct ClientTLS: Sendable, Hashable {
  /// PEM: these authorities instead of the system's.
  public var authorities: String?
  /// PEM: our certificate, with those that lead to its authority behind it.
  public var certificate: String?
  /// PEM: its private key; nil where it stands in the certificate's file.
  public var key: String?
  /// Of the key.
  public var password: Secret?

  public init(authorities: String? = nil, certificate: String? = nil, key: String? = nil, password: Secret? = nil) {
    self.authorities = authorities
    self.certificate = certificate
    self.key = key
    self.password = password
  }
}

/// `http://proxy.example:3128` or `socks5://user:password@proxy.example:1080`.
public struct ProxyAddress: Sendable, Hashable, CustomStringConvertible {
  public enum Scheme: String, Sendable, Hashable, CaseIterable {
    /// Asked by CONNECT for https, for the whole URL otherwise (RFC 9110, 9.3.6).
    case http
    /// RFC 1928 and 1929.
    case socks5
  }

  public var scheme: Scheme
  public var host: String
  public var port: Int
  public var user: Secret?
  public var password: Secret?
  /// As it stands in the spec, who logs in blotted out: what logs and messages call it.
  public let description: String
  /// A `${…}` of it stands for nothing here: it is never used, and nothing goes past it either.
  public private(set) var isUnresolved = false

  public init(unresolved written: String) {
    (scheme, host, port) = (.http, "", 0)
    description = ProxyAddress.blotted(written)
    isUnresolved = true
  }

  /// User and password are taken as they stand, without decoding.
  ///
  /// - Parameter written: As it stands in the file; `text` where nil.
  /// - Throws: With an offset into `text`; the message shows neither user nor password.
  public init(_ text: String, written: String? = nil) throws(SyntaxError) {
    guard let colon = text.firstRange(of: "://") else {
      throw SyntaxError("a proxy is a URL", offset: 0, help: ProxyAddress.forms)
    }
    let name = text[..<colon.lowerBound].lowercased()
    // Names are always resolved by the proxy, which is what curl calls socks5h.
    guard let scheme = Scheme(rawValue: name == "socks5h" ? "socks5" : name) else {
      throw SyntaxError(
        "a proxy's URL begins with http://, socks5:// or socks5h://", offset: 0, help: ProxyAddress.forms)
    }
    self.scheme = scheme
    var rest = text[colon.upperBound...]
    if rest.hasSuffix("/") { rest = rest.dropLast() }
    guard !rest.contains(where: { "/?#\\ \t\r\n".contains($0) }) else {
      throw SyntaxError("a proxy's URL has no path, query or blank", offset: 0, help: ProxyAddress.forms)
    }
    if let at = rest.lastIndex(of: "@") {
      let login = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      user = Secret(String(login[0]))
      password = login.count > 1 ? Secret(String(login[1])) : nil
      rest = rest[rest.index(after: at)...]
    }
    guard let end = rest.lastIndex(of: ":"), let port = Int(rest[rest.index(after: end)...]),
      (1...65_535).contains(port),
      rest[..<end].hasPrefix("[") == rest[..<end].hasSuffix("]"), end > rest.startIndex
    else {
      throw SyntaxError("a proxy's URL ends with its host and port", offset: 0, help: ProxyAddress.forms)
    }
    host = rest[..<end].lowercased()
    self.port = port
    description = ProxyAddress.blotted(written ?? text)
  }

  private static let forms = "write http://proxy.example:3128 or socks5://${USER}:${PASSWORD}@proxy.example:1080"

  /// The user and password of a URL as dots.
  public static func blotted(_ text: String) -> String {
    guard let scheme = text.firstRange(of: "://"), let at = text.lastIndex(of: "@"), at >= scheme.upperBound else {
      return text
    }
    return text[..<scheme.upperBound] + "•••" + text[at...]
  }
}

extension ProxyAddress {
  /// Everything of it that no log may show.
  public var secrets: [Secret] { [user, password].compactMap(\.self) }
}

extension Route {
  public var secrets: [Secret] { proxies.flatMap(\.secrets) + [tls?.password].compactMap(\.self) }
}

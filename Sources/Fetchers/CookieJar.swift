import Language
import PluginHost

/// The cookies of one jar (RFC 6265), kept in memory under the site's own URLs, so that a mapped origin changes nothing.
///
/// There is no public suffix list: a jar belongs to one watch, so a cookie set for a whole suffix can reach only hosts
/// that the same watch visits.
struct CookieJar {
  private struct Cookie {
    var name: String
    var value: String
    var domain: String
    var isHostOnly: Bool
    var path: String
    var isSecure: Bool
    /// nil lives as long as the jar.
    var expires: Instant?
  }

  /// As browsers have it (RFC 6265, 6.1, asks for at least 50 a domain and 4096 bytes a cookie).
  static let maxCookies = 180
  static let maxCookieBytes = 4096

  /// Oldest first.
  private var cookies: [Cookie] = []

  /// The value of a Cookie header, nil where no cookie fits.
  func header(for url: ParsedURL, now: Instant) -> String? {
    let fitting = cookies.filter { cookie in
      cookie.expires.map { $0 > now } ?? true && (!cookie.isSecure || url.scheme == "https")
        && Self.domain(cookie.domain, hostOnly: cookie.isHostOnly, fits: url.plainHost)
        && Self.path(cookie.path, fits: url.path)
    }
    guard !fitting.isEmpty else { return nil }
    // Longer paths first, else in order of arrival; the standard library's sort is stable.
    return fitting.sorted { $0.path.utf8.count > $1.path.utf8.count }.map { "\($0.name)=\($0.value)" }
      .joined(separator: "; ")
  }

  /// Takes one Set-Cookie line; one that can't be accepted is left out.
  mutating func store(_ line: String, from url: ParsedURL, now: Instant) {
    guard line.utf8.count <= Self.maxCookieBytes, !line.utf8.contains(where: { $0 < 0x20 && $0 != 9 || $0 == 0x7f }),
      let cookie = Self.parse(line, from: url, now: now)
    else { return }
    cookies.removeAll { $0.name == cookie.name && $0.domain == cookie.domain && $0.path == cookie.path }
    cookies.removeAll { $0.expires.map { $0 <= now } ?? false }
    if cookie.expires.map({ $0 > now }) ?? true { cookies.append(cookie) }
    if cookies.count > Self.maxCookies { cookies.removeFirst(cookies.count - Self.maxCookies) }
  }

  private static func parse(_ line: String, from url: ParsedURL, now: Instant) -> Cookie? {
    let parts = line.split(separator: ";", omittingEmptySubsequences: false).map { trimmingBlanks(String($0)) }
    guard let pair = parts.first, let equals = pair.firstIndex(of: "=") else { return nil }
    let name = String(trimmingBlanks(String(pair[..<equals])))
    guard !name.isEmpty else { return nil }
    var cookie = Cookie(
      name: name, value: String(trimmingBlanks(String(pair[pair.index(after: equals)...]))), domain: url.plainHost,
      isHostOnly: true, path: defaultPath(of: url), isSecure: false, expires: nil)
    var maxAge: Instant?
    for part in parts.dropFirst() {
      let equals = part.firstIndex(of: "=")
      let key = trimmingBlanks(String(part[..<(equals ?? part.endIndex)])).lowercased()
      let value = equals.map { String(trimmingBlanks(String(part[part.index(after: $0)...]))) } ?? ""
      switch key {
      case "secure": cookie.isSecure = true
      case "expires": cookie.expires = httpDate(value)
      case "max-age": maxAge = Int64(value).map { now + .seconds(min(max($0, 0), 400 * 86_400)) }
      case "path" where value.hasPrefix("/"): cookie.path = value
      case "domain" where !value.isEmpty: guard setDomain(value, of: &cookie, from: url) else { return nil }
      default: break
      }
    }
    if let maxAge { cookie.expires = maxAge }
    if cookie.isSecure, url.scheme != "https" { return nil }
    return cookie
  }

  private static func setDomain(_ value: String, of cookie: inout Cookie, from url: ParsedURL) -> Bool {
    let domain = (value.hasPrefix(".") ? String(value.dropFirst()) : value).lowercased()
    if domain == url.plainHost {
      cookie.isHostOnly = url.address != nil
      return true
    }
    // A name without a dot (com, localhost) is nobody's to set cookies for.
    guard url.address == nil, domain.contains("."), url.plainHost.hasSuffix("." + domain) else { return false }
    cookie.domain = domain
    cookie.isHostOnly = false
    return true
  }

  private static func defaultPath(of url: ParsedURL) -> String {
    guard let slash = url.path.lastIndex(of: "/"), slash > url.path.startIndex else { return "/" }
    return String(url.path[..<slash])
  }

  private static func domain(_ domain: String, hostOnly: Bool, fits host: String) -> Bool {
    host == domain || (!hostOnly && host.hasSuffix("." + domain))
  }

  private static func path(_ path: String, fits wanted: String) -> Bool {
    wanted == path || (wanted.hasPrefix(path) && (path.hasSuffix("/") || wanted.dropFirst(path.count).hasPrefix("/")))
  }
}

/// All jars by name; the ones that were not used for longest go first.
struct CookieJars {
  /// Ten times the watches with cookies that one machine is expected to have.
  static let maxJars = 10_000

  private var jars: [String: (jar: CookieJar, used: UInt64)] = [:]
  private var clock: UInt64 = 0

  mutating func header(of name: String, for url: ParsedURL, now: Instant) -> String? {
    touch(name)?.header(for: url, now: now)
  }

  mutating func store(_ lines: [String], in name: String, from url: ParsedURL, now: Instant) {
    guard !lines.isEmpty else { return }
    var jar = touch(name) ?? CookieJar()
    for line in lines { jar.store(line, from: url, now: now) }
    jars[name] = (jar, clock)
    if jars.count > Self.maxJars { dropOldest() }
  }

  private mutating func touch(_ name: String) -> CookieJar? {
    clock += 1
    jars[name]?.used = clock
    return jars[name]?.jar
  }

  /// A tenth at once, so that the cost is shared by a thousand insertions.
  private mutating func dropOldest() {
    let oldest = jars.sorted { $0.value.used < $1.value.used }.prefix(Self.maxJars / 10)
    for entry in oldest { jars[entry.key] = nil }
  }
}

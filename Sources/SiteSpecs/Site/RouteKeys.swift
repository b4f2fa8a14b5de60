import Diagnostics
import Language
import PluginHost

/// `proxy:`, `proxies:` and `tls:` of a site's `request:`.
struct RouteDraft {
  var proxies: [ProxyAddress] = []
  var proxyKey: Entry?
  var tls: ClientTLS?

  var route: Route? { proxies.isEmpty && tls == nil ? nil : Route(proxies: proxies, tls: tls) }
}

extension Key where Target == RequestDefaults {
  static let routeKeys: [Key] = [
    Key("proxy", "The proxy that every request goes through.", .proxy) { entry, target, context in
      context.set(Reading<ProxyAddress>.proxy(entry, context).map { [$0] }, entry, &target.route)
    },
    Key("proxies", "Proxies used in turn; one that fails is rested.", .list(.proxy, atLeast: 1)) {
      entry, target, context in
      context.set(Reading<ProxyAddress>.proxy.list(atLeast: 1)(entry, context), entry, &target.route)
    },
    Key("tls", "Whom to trust, and a certificate of our own.", .table("tls")) { entry, target, context in
      target.route.tls = context.tls(entry)
    },
  ]
}

extension Shape {
  static let proxy = Shape.form(
    name: "proxy", example: "socks5://${USER}:${PASSWORD}@proxy.example:1080",
    pattern: notEmpty)
  static let reference = Shape.form(
    name: "reference", example: "${KEY_PASSWORD}", pattern: #"\$\{"#, takes: .text)
  static let file = Shape.form(name: "file", example: "certificates/client.pem", pattern: notEmpty)
}

extension Reading where Value == ProxyAddress {
  static let proxy = Reading(.proxy) { entry, context in
    guard let written = Reading<String>.text(entry, context) else { return nil }
    let hidden = HiddenNames(written)
    guard context.refuseWrittenPassword(hidden.text, entry),
      let resolved = Reading<Substitution.Result>.resolved(entry, context)
    else { return nil }
    if resolved.text.contains("${") { return ProxyAddress(unresolved: written) }
    do throws(SyntaxError) {
      if written.hasPrefix("${") { return try ProxyAddress(resolved.text, written: written) }
      // In parts, so that a password with '@' or '/' in it is no other URL.
      var proxy = try ProxyAddress(hidden.text, written: written)
      func part(_ text: String) -> String { (try? context.substitution?.resolve(hidden.shown(text)).text) ?? text }
      proxy.host = part(proxy.host)
      proxy.user = proxy.user.map { Secret(part($0.reveal())) }
      proxy.password = proxy.password.map { Secret(part($0.reveal())) }
      return proxy
    } catch {
      context.report(error, .badProxy, at: entry)
      return nil
    }
  }
}

/// A text in which each `${…}` is one character of the private use area, so that what is in it is no part of a URL.
private struct HiddenNames {
  private(set) var text = ""
  private var names: [Character: String] = [:]

  init(_ written: String) {
    var rest = Substring(written)
    while let start = rest.firstRange(of: "${"), let end = rest[start.upperBound...].firstIndex(of: "}") {
      text += rest[..<start.lowerBound]
      // U+E000 and on; a text is at most as long as a spec's line, and has not 6,000 names in it.
      let stand = Character(Unicode.Scalar(UInt32(0xE000 + names.count % 6_000)) ?? "?")
      names[stand] = String(rest[start.lowerBound...end])
      text.append(stand)
      rest = rest[rest.index(after: end)...]
    }
    text += rest
  }

  func shown(_ part: String) -> String { part.map { names[$0] ?? String($0) }.joined() }
}

struct TLSDraft {
  var tls = ClientTLS()
}

extension KeyTable where Target == TLSDraft {
  static let tls = KeyTable(
    "tls",
    [
      Key("ca", "Authorities to trust instead of the system's: a PEM file.", .file) { entry, draft, context in
        draft.tls.authorities = context.pemFile(entry, holding: "CERTIFICATE")
      },
      Key("cert", "Our certificate: a PEM file.", .file) { entry, draft, context in
        draft.tls.certificate = context.pemFile(entry, holding: "CERTIFICATE")
      },
      Key("key", "Its private key: a PEM file; not needed where 'cert' holds it.", .file) { entry, draft, context in
        draft.tls.key = context.pemFile(entry, holding: "PRIVATE KEY")
      },
      Key("password", "Of the key: ${NAME} or ${file:/path}.", .reference) { entry, draft, context in
        draft.tls.password = context.keyPassword(entry)
      },
    ], rules: [.needs("key", oneOf: ["cert"]), .needs("password", oneOf: ["key", "cert"])])
}

extension SpecContext {
  fileprivate func set(_ proxies: [ProxyAddress]?, _ entry: Entry, _ draft: inout RouteDraft) {
    if let first = draft.proxyKey {
      refuseBoth(first, entry, help: "keep 'proxies'")
    }
    draft.proxyKey = entry
    draft.proxies = proxies ?? []
  }

  /// Specs are shared, kept in the store and shown: a password has no place in one.
  ///
  /// - Parameter text: With every `${…}` hidden.
  fileprivate func refuseWrittenPassword(_ text: String, _ entry: Entry) -> Bool {
    guard let scheme = text.firstRange(of: "://"), let at = text.lastIndex(of: "@"), at >= scheme.upperBound,
      case let login = text[scheme.upperBound..<at], let colon = login.firstIndex(of: ":"),
      case let password = login[login.index(after: colon)...], !password.isEmpty,
      !password.unicodeScalars.contains(where: { (0xE000...0xF8FF).contains($0.value) })
    else { return true }
    secrets.append(entry.node.start..<max(entry.node.end, entry.node.start))
    error(
      .writtenPassword, "a proxy's password is not written into a spec", at: entry,
      help: "write ${NAME} or ${file:/path} in its place")
    return false
  }

  fileprivate func keyPassword(_ entry: Entry) -> Secret? {
    guard let written = Reading<String>.text(entry, self) else { return nil }
    guard written.contains("${") else {
      secrets.append(entry.node.start..<max(entry.node.end, entry.node.start))
      error(
        .writtenPassword, "a key's password is not written into a spec", at: entry,
        help: "write ${NAME} or ${file:/path}")
      return nil
    }
    return Reading<Substitution.Result>.resolved(entry, self).map { Secret($0.text) }
  }

  fileprivate func tls(_ entry: Entry) -> ClientTLS? {
    var draft = TLSDraft()
    guard let given = KeyTable<TLSDraft>.tls.read(entry, into: &draft, self) else { return nil }
    if let key = given["key"], given["cert"] == nil {
      error(
        .lonelyKey, "a 'key' without its 'cert'", at: key.atKey, help: "cert: the certificate that goes with the key")
    }
    if let password = given["password"], given["key"] == nil, given["cert"] == nil {
      error(.lonelyKey, "a 'password' without a 'key'", at: password.atKey)
    }
    return draft.tls
  }

  /// A PEM file, from the spec's folder, that holds what it is to hold.
  fileprivate func pemFile(_ entry: Entry, holding what: String) -> String? {
    guard let name = Reading<String>.text(entry, self) else { return nil }
    let folder = source.file.lastIndex(of: "/").map { String(source.file[...$0]) } ?? ""
    let path = name.hasPrefix("/") ? name : folder + name
    // Where secrets need not be there, keys need not either.
    guard let substitution, !substitution.isLenient else { return path }
    switch substitution.files.read(path, SpecContext.longestPEM + 1) {
    case .failure(let problem):
      error(
        .unreadableFile, "can't read \(quoted(path)): \(problem.reason)", at: entry,
        help: "paths start from the spec's own folder")
      return nil
    case .success(let bytes):
      guard bytes.count <= SpecContext.longestPEM else {
        error(.unreadableFile, "\(quoted(path)) is over 1 MiB", at: entry)
        return nil
      }
      let text = String(decoding: bytes, as: UTF8.self)
      guard text.split(separator: "\n").contains(where: { $0.hasPrefix("-----BEGIN ") && $0.contains(what) }) else {
        error(
          .unreadableFile, "\(quoted(path)) holds no \(what.lowercased()) in PEM", at: entry,
          help: "it begins -----BEGIN \(what)-----")
        return nil
      }
      return path
    }
  }

  /// All authorities of a system are a fifth of it.
  private static let longestPEM = 1 << 20
}

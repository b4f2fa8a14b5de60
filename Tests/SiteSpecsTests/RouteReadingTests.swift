import Diagnostics
import PluginHost
import Testing

@testable import SiteSpecs

/// `proxy:`, `proxies:` and `tls:` under `request:`.
struct RouteReadingTests {
  private static let pem = "-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n"
  private static let keyPEM = "-----BEGIN PRIVATE KEY-----\nAA\n-----END PRIVATE KEY-----\n"

  private static func read(_ request: String, strict: Bool = true) -> (spec: SiteSpec?, diagnostics: [Diagnostic]) {
    let reader = SpecReader(
      catalog: catalog, environment: ["USER": "ali", "PASSWORD": "p@ss:/w#rd", "PROXY": "socks5://u:p@all.example:1"],
      files: SpecFiles([
        "sites/tls/ca.pem": pem, "sites/tls/key.pem": keyPEM, "/etc/both.pem": pem + keyPEM,
        "/run/pass": "from a file\n",
      ]), ignoresSecrets: !strict)
    return reader.readSite(file: "sites/shop.yaml", text: siteText(head: "request: \(request)"))
  }

  private static func problems(_ request: String) -> [String] {
    read(request).diagnostics.map { "\($0.location.line):\($0.location.column) \($0.keyPath) \($0.message)" }
  }

  @Test func `proxies are read, their logins resolved one by one and shown to nobody`() throws {
    let (spec, diagnostics) = Self.read(
      """
      { proxies: ["http://proxy.example:3128", "socks5h://${USER}:${PASSWORD}@Proxy.Example:1080", "${PROXY}",
        "http://x:${file:/run/pass}@[2001:db8::1]:8080/"] }
      """)
    #expect(diagnostics.isEmpty)
    let route = try #require(spec?.route)
    #expect(route.proxies.map(\.scheme) == [.http, .socks5, .socks5, .http])
    #expect(route.proxies.map(\.host) == ["proxy.example", "proxy.example", "all.example", "[2001:db8::1]"])
    #expect(route.proxies.map(\.port) == [3128, 1080, 1, 8080])
    #expect(route.proxies.map { $0.user?.reveal() } == [nil, "ali", "u", "x"])
    #expect(route.proxies.map { $0.password?.reveal() } == [nil, "p@ss:/w#rd", "p", "from a file"])
    #expect(
      route.proxies.map { "\($0)" } == [
        "http://proxy.example:3128", "socks5h://•••@Proxy.Example:1080", "${PROXY}", "http://•••@[2001:db8::1]:8080/",
      ])
    let printed = String(describing: route.proxies) + String(reflecting: spec)
    for secret in ["p@ss:/w#rd", "from a file"] { #expect(!printed.contains(secret)) }
    #expect(Set(route.secrets.map { $0.reveal() }).isSuperset(of: ["ali", "p@ss:/w#rd", "from a file"]))
  }

  @Test func `one proxy is enough, and none is none`() throws {
    #expect(Self.read("{ proxy: http://proxy.example:3128 }").spec?.route?.proxies.count == 1)
    #expect(Self.read("{ timeout: 5s }").spec.map { $0.route == nil } == true)
  }

  @Test(arguments: [
    ("{ proxy: proxy.example:3128 }", "a proxy is a URL"),
    ("{ proxy: https://proxy.example:3128 }", "a proxy's URL begins with http://, socks5:// or socks5h://"),
    ("{ proxy: http://proxy.example }", "a proxy's URL ends with its host and port"),
    ("{ proxy: http://proxy.example:99999 }", "a proxy's URL ends with its host and port"),
    ("{ proxy: http://proxy.example:1/path }", "a proxy's URL has no path, query or blank"),
    ("{ proxy: \"http://ali:geheim@proxy.example:1\" }", "a proxy's password is not written into a spec"),
    ("{ proxy: \"http://${NOBODY}@proxy.example:1\" }", "environment variable NOBODY is not set"),
    ("{ proxies: [] }", "'proxies': expected at least 1 in the list, found a list"),
    ("{ tls: { ca: missing.pem } }", "can't read 'sites/missing.pem': No such file or directory"),
    ("{ tls: { ca: tls/key.pem } }", "'sites/tls/key.pem' holds no certificate in PEM"),
    ("{ tls: { cert: tls/ca.pem, key: tls/ca.pem } }", "'sites/tls/ca.pem' holds no private key in PEM"),
    ("{ tls: { key: tls/key.pem } }", "a 'key' without its 'cert'"),
    ("{ tls: { ca: tls/ca.pem, password: \"${PASSWORD}\" } }", "a 'password' without a 'key'"),
    ("{ tls: { cert: /etc/both.pem, password: geheim } }", "a key's password is not written into a spec"),
  ])
  func `a mistake is told at its line`(_ request: String, _ message: String) throws {
    let (spec, diagnostics) = Self.read(request)
    let problem = try #require(diagnostics.first)
    #expect(spec == nil && diagnostics.count == 1, "\(rendered(diagnostics))")
    #expect(problem.message == message && problem.location.line == 5)
    #expect(problem.keyPath.hasPrefix("request."))
    #expect(!rendered(diagnostics).contains("geheim"))
  }

  @Test func `a mistake shows its file, line and column, and no password`() {
    let (_, diagnostics) = Self.read("{ proxy: http://ali:geheim@proxy.example:1 }")
    let text = rendered(diagnostics)
    #expect(text.contains("sites/shop.yaml:5:19: error: a proxy's password is not written into a spec"))
    #expect(text.contains("•••") && !text.contains("geheim"))
  }

  @Test func `proxy and proxies exclude each other`() {
    let found = Self.problems("{ proxy: http://a.example:1, proxies: [http://b.example:2] }")
    #expect(found.count == 1 && found[0].contains("'proxy' and 'proxies' exclude each other"))
  }

  @Test func `certificates and keys are looked for from the spec's folder`() throws {
    let (spec, diagnostics) = Self.read(
      "{ tls: { ca: tls/ca.pem, cert: /etc/both.pem, key: tls/key.pem, password: \"${PASSWORD}\" } }")
    #expect(diagnostics.isEmpty)
    let tls = try #require(spec?.route?.tls)
    #expect(
      tls.authorities == "sites/tls/ca.pem" && tls.certificate == "/etc/both.pem" && tls.key == "sites/tls/key.pem")
    #expect(tls.password?.reveal() == "p@ss:/w#rd")
  }

  @Test func `without secrets a spec is read, and its proxy is never gone past`() throws {
    let (spec, diagnostics) = Self.read(
      "{ proxy: \"http://${NOBODY}@proxy.example:1\", tls: { ca: missing.pem } }", strict: false)
    #expect(diagnostics.isEmpty)
    #expect(spec?.route?.proxies.map(\.isUnresolved) == [true])
  }
}

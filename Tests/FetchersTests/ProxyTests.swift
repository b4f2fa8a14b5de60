import Language
import LoopbackServer
import PluginHost
import TestSupport
import Testing

@testable import Fetchers

/// Through proxies, real ones on loopback.
@Suite(.timeLimit(.minutes(5)))
struct ProxyTests {
  private let time = ManualTime()

  private func fetcher(_ mapping: [String] = [], authorities: String? = nil) throws -> CurlFetcher {
    var configuration = try CurlFetcher.Configuration(
      origins: OriginMap(parsing: mapping), allowedHosts: ["127.0.0.1"])
    configuration.certificateAuthorities = authorities
    configuration.time = time
    return CurlFetcher(configuration: configuration)
  }

  private func route(_ proxies: String...) throws -> Route { Route(proxies: try proxies.map { try ProxyAddress($0) }) }

  private func server(_ text: String = "site") throws -> RecordingServer {
    let server = try RecordingServer()
    server.on("GET", "/page", .text(text))
    server.on("POST", "/page", .text(text))
    return server
  }

  @Test(arguments: [ProxyStandIn.Kind.http, .socks5])
  func `a request goes through its proxy, which resolves the name`(_ kind: ProxyStandIn.Kind) async throws {
    let server = try server()
    let proxy = try ProxyStandIn(kind, to: server.port)
    let route = try route("\(kind)://127.0.0.1:\(proxy.port)")
    let fetcher = try fetcher()
    let response = try await fetcher.exchange(Request(url: "http://site.example/page", route: route))
    #expect(response.text == "site" && response.url == "http://site.example/page")
    #expect(proxy.targets == ["site.example:80"])
    #expect(server.requests.first?.header("Host") == "site.example")
    #expect(server.requests.first?.header("Proxy-Authorization") == nil)
  }

  @Test(arguments: [ProxyStandIn.Kind.http, .socks5])
  func `a proxy gets its login, and the site never does`(_ kind: ProxyStandIn.Kind) async throws {
    let server = try server()
    let proxy = try ProxyStandIn(kind, to: server.port, login: "ali:pa$$ wörd")
    var address = try ProxyAddress("\(kind)://127.0.0.1:\(proxy.port)")
    (address.user, address.password) = (Secret("ali"), Secret("pa$$ wörd"))
    let fetcher = try fetcher()
    let request = Request(url: "http://site.example/page", route: Route(proxies: [address]))
    #expect(try await fetcher.exchange(request).text == "site")
    #expect(server.requests.allSatisfy { $0.header("Proxy-Authorization") == nil })
    address.password = Secret("wrong")
    let failure = await fetcher.failure(
      of: Request(url: "http://site.example/page", route: Route(proxies: [address])))
    #expect(failure?.reason == .proxy)
    #expect(failure?.message.contains("wrong") == false && failure?.message.contains("ali") == false)
    #expect(server.requests.count == 1)
  }

  @Test(
    .enabled(if: TestCertificates.canBeMade, "\(TestCertificates.notHere)"),
    arguments: [ProxyStandIn.Kind.http, .socks5])
  func `TLS is spoken with the site, not with the proxy`(_ kind: ProxyStandIn.Kind) async throws {
    let certificates = try await TestCertificates()
    let server = try RecordingServer(identity: try certificates.identity(.good))
    server.on("GET", "/page", .text("safe"))
    let proxy = try ProxyStandIn(kind, to: server.port)
    let fetcher = try fetcher(["https://site.example=\(server.origin)"], authorities: certificates.authorities)
    let request = Request(
      url: "https://site.example/page?token=SECRET", headers: [.init("X-Key", "SECRET")],
      route: try route("\(kind)://127.0.0.1:\(proxy.port)"))
    let response = try await fetcher.exchange(request)
    #expect(response.text == "safe")
    #expect(response.header("X-Proxy") == nil)
    #expect(proxy.targets == ["127.0.0.1:\(server.port)"])
    #expect(!proxy.heads.joined().contains("SECRET"))
  }

  @Test func `proxies take turns`() async throws {
    // So that each request shows as a connection.
    let server = try FaultServer(
      .readHead, .send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx"), .close)
    let proxies = try (0..<3).map { _ in try ProxyStandIn(.http, to: server.port) }
    let route = Route(proxies: try proxies.map { try ProxyAddress("http://127.0.0.1:\($0.port)") })
    let fetcher = try fetcher()
    for _ in 0..<6 { _ = try await fetcher.exchange(Request(url: "http://site.example/page", route: route)) }
    #expect(proxies.map(\.targets.count) == [2, 2, 2])
    // Who shares cookies keeps to one address.
    for _ in 0..<6 {
      _ = try await fetcher.exchange(Request(url: "http://site.example/page", cookieJar: "w", route: route))
    }
    #expect(proxies.map(\.targets.count).sorted() == [2, 2, 8])
  }

  @Test(arguments: [Request.Method.get, .post])
  func `a proxy that fails is rested, and the next one takes the request, whatever its method`(
    _ method: Request.Method
  ) async throws {
    let server = try server()
    let (dead, busy, good) = (
      try RefusingPort(), try ProxyStandIn(.socks5, to: server.port, .replies(1)),
      try ProxyStandIn(.http, to: server.port)
    )
    let route = try route(
      "http://127.0.0.1:\(dead.port)", "socks5://127.0.0.1:\(busy.port)", "http://127.0.0.1:\(good.port)")
    let fetcher = try fetcher()
    for _ in 0..<6 {
      let request = Request(method: method, url: "http://site.example/page", route: route)
      #expect(try await fetcher.exchange(request).text == "site")
    }
    #expect(server.requests.count == 6)
    #expect(busy.connections == 1)
    // Rested for half a minute, it is tried again, and then works for good.
    busy.behaviour = .works
    await time.advance(by: ProxyRotation.firstRest)
    for _ in 0..<6 {
      _ = try await fetcher.exchange(Request(method: method, url: "http://site.example/page", route: route))
    }
    #expect(busy.connections > 1)
  }

  @Test func `with every proxy at rest nothing is sent, straight to the site least of all`() async throws {
    let server = try server()
    let dead = try RefusingPort()
    let fetcher = try fetcher(["http://site.example=\(server.origin)"])
    let request = Request(url: "http://site.example/page", route: try route("http://127.0.0.1:\(dead.port)"))
    let first = await fetcher.failure(of: request)
    #expect(first?.reason == .proxy && first?.message.contains("no proxy could be used") == true)
    let second = await fetcher.failure(of: request)
    #expect(second?.reason == .proxy && second?.message.contains("rests") == true)
    #expect(server.requests.isEmpty)
  }

  @Test func `a proxy that says the site is unreachable is not rested for it`() async throws {
    let server = try server()
    let proxy = try ProxyStandIn(.socks5, to: server.port, .replies(4))
    let route = try route("socks5://127.0.0.1:\(proxy.port)")
    let fetcher = try fetcher()
    for count in 1...3 {
      let failure = await fetcher.failure(of: Request(url: "http://site.example/page", route: route))
      #expect(
        failure?.reason == .connect && failure?.message.contains("can't reach the site") == true, "\(failure as Any)")
      #expect(proxy.connections == count)
    }
  }

  @Test func `a proxy that says nothing ends with the time of the request`() async throws {
    let server = try server()
    let proxy = try ProxyStandIn(.socks5, to: server.port, .stalls)
    let request = Request(
      url: "http://site.example/page", timeout: .milliseconds(300), route: try route("socks5://127.0.0.1:\(proxy.port)")
    )
    let fetcher = try fetcher()
    for count in 1...2 {
      let failure = await fetcher.failure(of: request)
      #expect(failure?.reason == .connect && failure?.message.contains("no answer in time") == true)
      // It is asked again: what was silent may be the site.
      #expect(proxy.connections == count)
    }
  }

  @Test func `a site that says nothing through a proxy does not rest it for the others, two sites do`() throws {
    let rotation = ProxyRotation()
    let proxies = [try ProxyAddress("http://proxy.example:1")]
    for second in 0..<9 {
      rotation.fellSilent(proxies[0], for: "https://a.example", now: .seconds(second))
      #expect(rotation.candidates(proxies, jar: nil, now: .seconds(second)) == proxies)
    }
    // Something worked in between.
    rotation.worked(proxies[0])
    rotation.fellSilent(proxies[0], for: "https://b.example", now: .seconds(10))
    #expect(rotation.candidates(proxies, jar: nil, now: .seconds(10)) == proxies)
    rotation.fellSilent(proxies[0], for: "https://a.example", now: .seconds(11))
    #expect(rotation.candidates(proxies, jar: nil, now: .seconds(12)).isEmpty)
    #expect(rotation.candidates(proxies, jar: nil, now: .seconds(42)) == proxies)
  }

  @Test func `a proxy with a private address must be allowed, and so must what is asked of it`() async throws {
    let server = try server()
    let proxy = try ProxyStandIn(.http, to: server.port)
    let strict = CurlFetcher(configuration: try CurlFetcher.Configuration())
    let route = try route("http://127.0.0.1:\(proxy.port)")
    let refused = await strict.failure(of: Request(url: "http://site.example/page", route: route))
    #expect(refused?.reason == .refusedAddress)
    // The proxy may be spoken to; the metadata service behind it may not.
    for url in ["http://169.254.169.254/latest", "http://10.0.0.1/", "http://localhost/", "http://[::1]/"] {
      let failure = try await fetcher().failure(of: Request(url: url, route: route))
      #expect(failure?.reason == .refusedAddress, "\(url)")
    }
    #expect(proxy.connections == 0)
  }

  @Test func `a connection through a proxy is never used for a request that goes straight`() async throws {
    let server = try server()
    let proxy = try ProxyStandIn(.http, to: server.port)
    let fetcher = try fetcher(["http://site.example=\(server.origin)"])
    let through = try route("http://127.0.0.1:\(proxy.port)")
    for route in [through, nil, through, nil] {
      _ = try await fetcher.exchange(Request(url: "http://site.example/page", route: route))
    }
    #expect(proxy.connections == 1 && fetcher.socketsOpened == 2)
  }

  @Test func `a proxy whose secret is not set is never gone past`() async throws {
    let server = try server()
    let fetcher = try fetcher(["http://site.example=\(server.origin)"])
    let route = Route(proxies: [ProxyAddress(unresolved: "http://a:${PASSWORD}@proxy.example:1")])
    let failure = await fetcher.failure(of: Request(url: "http://site.example/page", route: route))
    #expect(failure?.reason == .refusedURL && failure?.message.contains("http://•••@proxy.example:1") == true)
    #expect(server.requests.isEmpty)
  }
}

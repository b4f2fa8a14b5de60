import LoopbackServer
import PluginHost
import TestSupport
import Testing

@testable import Fetchers

/// Certificates of a site's own, and many requests over one connection.
@Suite(.enabled(if: TestCertificates.canBeMade, "\(TestCertificates.notHere)"), .timeLimit(.minutes(5)))
struct ReachTests {
  private func fetcher(to origin: String) throws -> CurlFetcher {
    CurlFetcher(
      configuration: try CurlFetcher.Configuration(origins: OriginMap(parsing: ["https://site.example=\(origin)"])))
  }

  @Test func `authorities of a site's own are trusted for that site, in place of the system's`() async throws {
    let certificates = try await TestCertificates()
    let server = try RecordingServer(identity: try certificates.identity(.good))
    server.on("GET", "/", .text("safe"))
    let fetcher = try fetcher(to: server.origin)
    let trusting = Route(tls: ClientTLS(authorities: certificates.authorities))
    #expect(try await fetcher.exchange(Request(url: "https://site.example/", route: trusting)).text == "safe")
    // The connection that is open was made for another trust.
    #expect(await fetcher.failure(of: Request(url: "https://site.example/"))?.reason == .tls)
    let other = Route(tls: ClientTLS(authorities: certificates.files(.selfSigned).certificate))
    #expect(await fetcher.failure(of: Request(url: "https://site.example/", route: other))?.reason == .tls)
    #expect(server.requests.count == 1)
  }

  @Test func `a server that asks who we are is shown our certificate`() async throws {
    let certificates = try await TestCertificates()
    let known = certificates.files(.good)
    let server = try OpenSSLServer(certificates, clients: certificates.authorities)
    let fetcher = try fetcher(to: server.origin)
    func request(_ tls: ClientTLS) -> Request { Request(url: "https://site.example/", route: Route(tls: tls)) }
    var tls = ClientTLS(authorities: certificates.authorities, certificate: known.certificate, key: known.key)
    #expect(try await fetcher.exchange(request(tls)).status == 200)
    // One that it does not know, and none at all.
    let stranger = certificates.files(.selfSigned)
    (tls.certificate, tls.key) = (stranger.certificate, stranger.key)
    #expect(await fetcher.failure(of: request(tls)) != nil)
    #expect(await fetcher.failure(of: request(ClientTLS(authorities: certificates.authorities))) != nil)
  }

  @Test func `a locked key is opened with its password, and never asks for one`() async throws {
    let certificates = try await TestCertificates()
    let known = certificates.files(.good)
    let key = try await certificates.lockedKey(.good, password: "pass phrase")
    let server = try OpenSSLServer(certificates, clients: certificates.authorities)
    let fetcher = try fetcher(to: server.origin)
    func request(_ password: String?) -> Request {
      Request(
        url: "https://site.example/",
        route: Route(
          tls: ClientTLS(
            authorities: certificates.authorities, certificate: known.certificate, key: key,
            password: password.map { Secret($0) })))
    }
    #expect(try await fetcher.exchange(request("pass phrase")).status == 200)
    for wrong in ["wrong words", nil] {
      let fresh = try self.fetcher(to: server.origin)
      let failure = await fresh.failure(of: request(wrong))
      #expect(failure?.reason == .tls, "\(failure as Any)")
      #expect(failure?.message.contains("wrong words") == false)
    }
  }

  @Test(.enabled(if: NginxStandIn.program != nil, "\(NginxStandIn.notHere)"))
  func `requests at once share one connection where the server has HTTP 2`() async throws {
    let certificates = try await TestCertificates()
    let server = try NginxStandIn(certificates, server: "location / { return 200 \"$server_protocol $request_uri\"; }")
    var configuration = try CurlFetcher.Configuration(
      origins: OriginMap(parsing: ["https://site.example=\(server.origin)"]))
    configuration.certificateAuthorities = certificates.authorities
    let fetcher = CurlFetcher(configuration: configuration)
    try await withThrowingTaskGroup(of: (Int, String).self) { group in
      for number in 0..<50 {
        group.addTask { (number, try await fetcher.exchange(Request(url: "https://site.example/\(number)")).text) }
      }
      for try await (number, text) in group { #expect(text == "HTTP/2.0 /\(number)") }
    }
    #expect(fetcher.socketsOpened == 1)
  }

  @Test func `requests at once to a server without HTTP 2 open connections beside each other`() async throws {
    let certificates = try await TestCertificates()
    let server = try RecordingServer(identity: try certificates.identity(.good))
    server.on("GET", "/", ServerResponse(body: Array("x".utf8), delay: .milliseconds(200)))
    var configuration = try CurlFetcher.Configuration(
      origins: OriginMap(parsing: ["https://site.example=\(server.origin)"]))
    configuration.certificateAuthorities = certificates.authorities
    let fetcher = CurlFetcher(configuration: configuration)
    try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<4 { group.addTask { try await fetcher.exchange(Request(url: "https://site.example/")).text } }
      for try await text in group { #expect(text == "x") }
    }
    #expect(fetcher.socketsOpened > 1)
  }
}

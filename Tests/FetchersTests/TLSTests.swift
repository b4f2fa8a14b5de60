import LoopbackServer
import PluginHost
import TestSupport
import Testing

@testable import Fetchers

/// HTTPS against certificates made for the test: only a good one is spoken to.
@Suite(.enabled(if: TestCertificates.canBeMade, "\(TestCertificates.notHere)"), .timeLimit(.minutes(10)))
struct TLSTests {
  private func fetcher(to origin: String, _ certificates: TestCertificates) throws -> CurlFetcher {
    var configuration = try CurlFetcher.Configuration(
      origins: OriginMap(parsing: ["https://site.example=\(origin)"]))
    configuration.certificateAuthorities = certificates.authorities
    return CurlFetcher(configuration: configuration)
  }

  @Test func `a certificate in order is spoken to, over one connection`() async throws {
    let certificates = try await TestCertificates()
    let server = try RecordingServer(identity: try certificates.identity(.good))
    server.on("POST", "/", .text("safe"))
    let fetcher = try fetcher(to: server.origin, certificates)
    for _ in 0..<3 {
      let request = Request(method: .post, url: "https://site.example/", body: [65])
      #expect(try await fetcher.exchange(request).text == "safe")
    }
    #expect(fetcher.socketsOpened == 1)
    #expect(server.requests.map(\.body) == [[65], [65], [65]])
  }

  @Test(arguments: [
    (TestCertificates.Kind.wrongName, "subject name"), (.expired, "expired"), (.selfSigned, "self-signed"),
  ])
  func `a bad certificate is tls, says what is wrong with it, and gets no request`(
    _ kind: TestCertificates.Kind, _ words: String
  ) async throws {
    let certificates = try await TestCertificates()
    let server = try RecordingServer(identity: try certificates.identity(kind))
    let fetcher = try fetcher(to: server.origin, certificates)
    let failure = await fetcher.failure(of: Request(url: "https://site.example/?token=SECRET"))
    #expect(failure?.reason == .tls)
    #expect(failure?.message.replacing("self signed", with: "self-signed").contains(words) == true, "\(failure as Any)")
    #expect(failure?.message.contains("SECRET") == false)
    #expect(server.requests.isEmpty)
  }

  @Test func `without our own authorities only the system's count`() async throws {
    let certificates = try await TestCertificates()
    let server = try RecordingServer(identity: try certificates.identity(.good))
    let fetcher = try FetchersTests.fetcher(to: server.origin)
    #expect(await fetcher.failure(of: Request(url: "https://site.example/"))?.reason == .tls)
  }

  /// Time that runs out before the request has left is no `timeout`: nothing can have been acted upon.
  @Test(arguments: [
    (FaultProxy.Fault.stall, [FetchFailure.Reason.connect]), (.blackhole, [.connect]), (.cut(after: 50), [.tls]),
    (.cut(after: 0), [.tls]), (.resetAtConnect, [.tls, .connect]), (.garbage, [.tls]),
  ])
  func `a handshake that breaks is tls, one that stalls is connect`(
    _ fault: FaultProxy.Fault, _ reasons: [FetchFailure.Reason]
  ) async throws {
    let certificates = try await TestCertificates()
    let server = try RecordingServer(identity: try certificates.identity(.good))
    let proxy = try FaultProxy(to: server.port, fault)
    let fetcher = try fetcher(to: "https://127.0.0.1:\(proxy.port)", certificates)
    let request = Request(method: .post, url: "https://site.example/", body: [65], timeout: .seconds(2))
    let reason = await fetcher.failure(of: request)?.reason
    #expect(reason.map { reasons.contains($0) } == true, "\(reason as Any)")
    #expect(server.requests.isEmpty)
  }
}

/// A server that has HTTP/2 is spoken to in it, and its ways to fail have the same labels.
@Suite(.enabled(if: TestCertificates.canBeMade, "\(TestCertificates.notHere)"), .timeLimit(.minutes(10)))
struct HTTP2Tests {
  private func exchange(
    _ behaviour: HTTP2StandIn.Behaviour, method: Request.Method = .get, timeout: Duration = .seconds(30)
  ) async throws -> (answer: Result<Response, FetchFailure>, requests: Int) {
    let certificates = try await TestCertificates()
    let server = try HTTP2StandIn(certificates, behaviour)
    var configuration = try CurlFetcher.Configuration(
      origins: OriginMap(parsing: ["https://site.example=\(server.origin)"]))
    configuration.certificateAuthorities = certificates.authorities
    let fetcher = CurlFetcher(configuration: configuration)
    let request = Request(
      method: method, url: "https://site.example/", body: method == .post ? [65, 66] : nil, timeout: timeout)
    do throws(FetchFailure) {
      let answer = try await fetcher.exchange(request)
      return (.success(answer), server.requests)
    } catch {
      return (.failure(error), server.requests)
    }
  }

  @Test(arguments: [Request.Method.get, .post]) func `HTTP/2 is spoken where the server has it`(
    _ method: Request.Method
  )
    async throws
  {
    let (answer, requests) = try await exchange(.answer("two"), method: method)
    let response = try answer.get()
    #expect(response.status == 200 && response.text == "two")
    #expect(requests == 1)
  }

  @Test func `a stream or connection that the server gives up is reset, and a POST is not repeated`() async throws {
    for behaviour in [HTTP2StandIn.Behaviour.resetStream, .goAway] {
      let (answer, requests) = try await exchange(behaviour, method: .post, timeout: .seconds(20))
      #expect(throws: FetchFailure.self) { try answer.get() }
      if case .failure(let failure) = answer { #expect(failure.reason == .reset, "\(failure)") }
      #expect(requests == 1)
    }
  }

  @Test func `silence over HTTP/2 is timeout`() async throws {
    let (answer, requests) = try await exchange(.stall, timeout: .seconds(5))
    if case .failure(let failure) = answer { #expect(failure.reason == .timeout) } else { Issue.record("answered") }
    #expect(requests == 1)
  }
}

import LoopbackServer
import PluginHost
import TestSupport
import Testing

@testable import Fetchers

struct SlowAnswerTests {
  /// A POST that is given up may have been accepted, and would be sent again.
  @Test func `a POST waits for its answer as long as it says, not only as long as an answer may stall`() async throws {
    let server = try LoopbackServer { _ in ServerResponse(delay: .seconds(2)) }
    var configuration = try CurlFetcher.Configuration(
      origins: OriginMap(parsing: ["https://site.example=\(server.origin)"]))
    configuration.slowSeconds = 1
    let fetcher = CurlFetcher(configuration: configuration)
    let request = Request(method: .post, url: "https://site.example/", body: [0x7B, 0x7D], timeout: .seconds(30))
    #expect(try await fetcher.exchange(request).status == 200)
  }

  @Test func `an answer that stalls after its head is cut, to a POST too`() async throws {
    let server = try FaultServer(.readHead, .send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx"), .stall)
    var configuration = try CurlFetcher.Configuration(
      origins: OriginMap(parsing: ["https://site.example=\(server.origin)"]))
    configuration.slowSeconds = 1
    let fetcher = CurlFetcher(configuration: configuration)
    let request = Request(method: .post, url: "https://site.example/", body: [0x7B, 0x7D], timeout: .seconds(3600))
    #expect(await fetcher.failure(of: request)?.reason == .timeout)
  }
}

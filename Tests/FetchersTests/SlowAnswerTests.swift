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

  /// RELIABILITY.md 3.2, slow servers: each would go on for the hour that the request may take.
  @Test(arguments: [
    [FaultServer.Step.readHead, .stall],
    [
      .readHead,
      .drip(Array(("HTTP/1.1 200 OK\r\nX: " + String(repeating: "y", count: 9_999)).utf8), every: .milliseconds(200)),
    ],
    [.readHead, .send("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"), .stall],
    [
      .readHead, .send("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"),
      .drip([UInt8](repeating: 65, count: 9_999), every: .milliseconds(200)),
    ],
    [.readHead, .send("HTTP/1.1 200 OK\r\n\r\nno end"), .stall],
  ])
  func `an answer slower than 100 bytes a second is cut long before the time is over`(_ steps: [FaultServer.Step])
    async throws
  {
    let server = try FaultServer(scripts: [steps])
    var configuration = try CurlFetcher.Configuration(
      origins: OriginMap(parsing: ["https://site.example=\(server.origin)"]))
    configuration.slowSeconds = 1
    let fetcher = CurlFetcher(configuration: configuration)
    let failure = await fetcher.failure(of: Request(url: "https://site.example/", timeout: .seconds(3600)))
    #expect(failure?.reason == .timeout)
  }

  @Test func `a connection that never comes about ends with its own time`() async throws {
    let server = try FaultServer(.stall)
    let fetcher = CurlFetcher(
      configuration: try CurlFetcher.Configuration(
        origins: OriginMap(parsing: ["https://site.example=https://127.0.0.1:\(server.port)"])))
    // TLS is greeted and nothing comes back.
    let request = Request(
      url: "https://site.example/", timeout: .seconds(3600), connectTimeout: .milliseconds(500))
    #expect(await fetcher.failure(of: request)?.reason == .connect)
  }

  @Test func `the patience with slow answers is ten seconds of under 100 bytes a second`() throws {
    let settings = try CurlFetcher.Configuration().settings
    #expect(settings.slowSeconds == 10 && settings.slowBytesPerSecond == 100)
    #expect(Request(url: "https://site.example/").timeout == .seconds(30))
    #expect(Request(url: "https://site.example/").connectTimeout == .seconds(10))
  }
}

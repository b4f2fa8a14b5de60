import Glibc
import Language
import PluginHost
import TestSupport
import Testing

@testable import Fetchers

/// What a wait is called depends on how far the exchange came, since whoever sends again must know whether the first
/// request can have been acted upon.
@Suite(.timeLimit(.minutes(10)))
struct PhaseTests {
  /// The queue of a listener that accepts nothing is filled; the kernel then lets further connections wait.
  @Test func `a connection that does not come about in time is connect, not timeout`() async throws {
    let full = try FullQueue()
    let fetcher = try fetcher(to: full.origin)
    let request = Request(
      method: .post, url: "https://site.example/", body: [65], timeout: .seconds(60), connectTimeout: .seconds(1))
    let failure = await fetcher.failure(of: request)
    #expect(failure?.reason == .connect, "\(failure as Any)")
    #expect(
      await fetcher.failure(of: Request(url: "https://site.example/", timeout: .milliseconds(300)))?.reason == .connect)
  }

  @Test func `an exchange that waits for a connection in vain is connect: nothing was sent`() async throws {
    let stalled = try FaultServer(.readHead, .stall)
    var configuration = try CurlFetcher.Configuration(
      origins: OriginMap(parsing: ["https://site.example=\(stalled.origin)"]))
    configuration.maxConnections = 1
    let fetcher = CurlFetcher(configuration: configuration)
    let first = Task {
      await fetcher.failure(of: Request(method: .post, url: "https://site.example/", timeout: .seconds(3600)))
    }
    while stalled.connections == 0 { await Task.yield() }
    let second = await fetcher.failure(of: Request(url: "https://site.example/", timeout: .milliseconds(300)))
    #expect(second?.reason == .connect, "\(second as Any)")
    #expect(stalled.connections == 1)
    first.cancel()
    #expect(await first.value?.reason == .cancelled)
  }

  /// The kernel may tell the end before libcurl has seen the connection (`connect`) or after (`reset`).
  @Test func `a reset at once is connect or reset`() async throws {
    let server = try FaultServer(.reset)
    let fetcher = try fetcher(to: server.origin)
    for _ in 0..<20 {
      let reason = await fetcher.failure(of: Request(url: "https://site.example/"))?.reason
      #expect(reason == .connect || reason == .reset)
    }
  }

  /// libcurl reports success for them. A webhook whose answer begins with "200" would count as delivered.
  @Test(arguments: [
    "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Ha", "HTTP/1.1 200 OK\r\nX: y\r\n",
    "HTTP/1.1 204 No Content\r\nX: y", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 200 OK\r\nX: y\r\n\r",
  ])
  func `a head that is cut off is no answer`(_ head: String) async throws {
    for method in [Request.Method.get, .head, .post] {
      let server = try FaultServer(.readHead, .send(head), .close)
      let fetcher = try fetcher(to: server.origin)
      #expect(await fetcher.failure(of: Request(method: method, url: "https://site.example/"))?.reason == .reset)
    }
  }

  /// A label of more than 63 letters: the C library refuses it without asking anybody.
  @Test func `a name that can't be asked for is dns`() async throws {
    let fetcher = CurlFetcher(configuration: try .init())
    let name = String(repeating: "a", count: 64) + ".example"
    let failure = await fetcher.failure(of: Request(url: "http://\(name)/"))
    #expect(failure?.reason == .dns || failure?.reason == .refusedURL, "\(failure as Any)")
    #expect(fetcher.socketsOpened == 0)
  }

  @Test(arguments: [
    [FaultServer.Step.stall], [.readHead, .stall], [.readHead, .send("HTTP/1.1 200 OK\r\nX: "), .stall],
    [
      .readHead, .send("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"),
      .drip([UInt8](repeating: 65, count: 999), every: .milliseconds(100)),
    ],
  ])
  func `an answer below 100 bytes a second ends long before its whole time`(_ steps: [FaultServer.Step]) async throws {
    let server = try FaultServer(scripts: [steps])
    var configuration = try CurlFetcher.Configuration(
      origins: OriginMap(parsing: ["https://site.example=\(server.origin)"]))
    configuration.slowSeconds = 1
    let fetcher = CurlFetcher(configuration: configuration)
    let failure = await fetcher.failure(of: Request(url: "https://site.example/", timeout: .seconds(3600)))
    #expect(failure?.reason == .timeout)
  }

  @Test func `an answer slow but above the limit is waited for`() async throws {
    // 25 bytes each 50 ms are 500 a second, for 3 s.
    let chunk = FaultServer.Step.send(String(repeating: "a", count: 25))
    var steps: [FaultServer.Step] = [.readHead, .send("HTTP/1.1 200 OK\r\nContent-Length: 1560\r\n\r\n")]
    for _ in 0..<60 { steps += [chunk, .drip([65], every: .milliseconds(50))] }
    let server = try FaultServer(scripts: [steps + [.close]])
    var configuration = try CurlFetcher.Configuration(
      origins: OriginMap(parsing: ["https://site.example=\(server.origin)"]))
    configuration.slowSeconds = 2
    let fetcher = CurlFetcher(configuration: configuration)
    #expect(try await fetcher.exchange(Request(url: "https://site.example/")).body.count == 1560)
  }

  /// A handle that was set up with names and never started must not bring them to its next exchange.
  @Test func `exchanges with fixed addresses that are cancelled at once leave nothing behind`() async throws {
    let server = try RecordingServer()
    server.on("GET", "/", .text("ok"))
    var configuration = try CurlFetcher.Configuration(allowedHosts: ["127.0.0.0/8"])
    configuration.fixedAddresses = ["fixed.test": ["127.0.0.1"]]
    let fetcher = CurlFetcher(configuration: configuration)
    for round in 0..<200 {
      let task = Task { await fetcher.failure(of: Request(url: "http://fixed.test:\(server.port)/")) }
      if round % 3 == 0 { await Task.yield() }
      task.cancel()
      _ = await task.value
      #expect(try await fetcher.exchange(Request(url: "http://127.0.0.1:\(server.port)/")).text == "ok")
    }
  }

  @Test(arguments: Request.Header.engineOwned.sorted())
  func `every header of the engine's is refused before anything is sent`(_ name: String) async throws {
    let fetcher = try fetcher(to: try FaultServer.refusingOrigin())
    let request = Request(url: "https://site.example/", headers: [Request.Header(name.uppercased(), "x")])
    #expect(await fetcher.failure(of: request)?.reason == .garbled)
    #expect(fetcher.socketsOpened == 0)
  }
}

/// A listener whose queue is full.
private final class FullQueue: Sendable {
  let origin: String
  private let sockets: [Int32]

  init() throws {
    let listener = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    var sockets = [listener]
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        // Room for one more than the 0 that is asked for; what comes beyond waits for its SYN to be answered.
        guard bind(listener, $0, size) == 0, listen(listener, 0) == 0, getsockname(listener, $0, &size) == 0 else {
          return
        }
        for _ in 0..<4 {
          let client = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
          _ = connect(client, $0, size)
          sockets.append(client)
        }
      }
    }
    self.sockets = sockets
    origin = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
  }

  deinit { for socket in sockets { close(socket) } }
}

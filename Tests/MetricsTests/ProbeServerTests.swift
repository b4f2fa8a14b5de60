import Dispatch
import Glibc
import LoopbackServer
import Synchronization
import TestSupport
import Testing

struct ProbeServerTests {
  private static func server(port: UInt16 = 0) throws -> ProbeServer {
    try ProbeServer(address: [127, 0, 0, 1], port: port) { path in
      path == "/hello" ? .text("hello\n") : .notFound
    }
  }

  @Test func `it answers GET and HEAD, and ends each connection with its answer`() async throws {
    let server = try Self.server()
    let answer = try #require(await ask("/hello?who=me", port: server.port))
    #expect(answer.status == 200 && answer.body == "hello\n")
    #expect(answer.head.lowercased().contains("connection: close"))
    let head = try #require(await ask("/hello", port: server.port, method: "HEAD"))
    #expect(head.status == 200 && head.body.isEmpty)
    #expect(await ask("/other", port: server.port)?.status == 404)
  }

  @Test(arguments: ["POST", "DELETE", "BREW"])
  func `nothing else is answered, and no body is waited for`(_ method: String) throws {
    let server = try Self.server()
    let connection = try #require(RawConnection(port: server.port))
    connection.send("\(method) /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n")
    let answer = try #require(RawAnswer(connection.rest()))
    #expect(answer.status == 405 && answer.head.contains("Allow: GET, HEAD"))
  }

  /// Connections that send a byte of their request every now and then, so that none of them is ever idle for long.
  private final class Drips: Sendable {
    private let state = Mutex((connections: [RawConnection](), isOver: false))

    init() {
      DispatchQueue.global().async { [self] in
        while let connections = state.withLock({ $0.isOver ? nil : $0.connections }) {
          for connection in connections { connection.send("x") }
          usleep(300_000)
        }
      }
    }

    func add(_ connection: RawConnection) { state.withLock { $0.connections.append(connection) } }
    func end() { state.withLock { $0 = ([], true) } }
  }

  @Test func `a hundred connections that drip their request keep nobody out`() async throws {
    let server = try Self.server()
    var slow: [RawConnection] = []
    let drips = Drips()
    defer { drips.end() }
    for number in 0..<100 {
      let connection = try #require(RawConnection(port: server.port))
      connection.send("GET /hello HTTP/1.1\r\nX-Slow: ")
      slow.append(connection)
      drips.add(connection)
      if number % 10 == 9 { #expect(await ask("/hello", port: server.port)?.status == 200, "after \(number)") }
    }
    // The oldest was ended to make room, and not answered.
    #expect(slow[0].rest().isEmpty)
  }

  @Test func `a flood of connections leaves a server that answers`() async throws {
    let server = try Self.server()
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      for _ in 0..<200 { RawConnection(port: server.port)?.send("GET /") }
    }
    #expect(await ask("/hello", port: server.port)?.status == 200)
  }

  @Test func `a head without end is refused`() async throws {
    let server = try Self.server()
    let connection = try #require(RawConnection(port: server.port))
    connection.send("GET /hello HTTP/1.1\r\n")
    let line = "X-Filler: " + String(repeating: "x", count: 1000) + "\r\n"
    for _ in 0..<200 where !connection.send(line) { break }
    let answer = RawAnswer(connection.rest())
    #expect(answer.map { $0.status >= 400 } ?? true)
    #expect(await ask("/hello", port: server.port)?.status == 200)
  }

  @Test func `it stops with connections open, and its port is free again`() async throws {
    let server = try Self.server()
    let idle = try (0..<5).map { _ in try #require(RawConnection(port: server.port)) }
    #expect(await ask("/hello", port: server.port)?.status == 200)
    server.stop()
    server.stop()
    #expect(idle.allSatisfy { $0.rest().isEmpty })
    #expect(await ask("/hello", port: server.port) == nil)
    let next = try Self.server(port: server.port)
    #expect(await ask("/hello", port: next.port)?.status == 200)
  }

  @Test func `a port in use is an error that says so`() throws {
    let server = try Self.server()
    let problem = #expect(throws: ProbeServer.StartFailure.self) { _ = try Self.server(port: server.port) }
    #expect(problem?.number == EADDRINUSE)
  }

  @Test(.enabled(if: LoopbackSockets.hasIPv6, "needs IPv6"))
  func `it listens on IPv6 where it is told to`() throws {
    let server = try ProbeServer(address: [UInt8](repeating: 0, count: 15) + [1], port: 0) { _ in .notFound }
    #expect(server.port != 0)
  }
}

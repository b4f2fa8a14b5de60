import Glibc
import LoopbackServer
import Synchronization

/// A loopback server that answers by script and remembers every request.
///
///     let server = try RecordingServer()
///     server.on("GET", "/dr/x/", .html("…"), .text("busy", status: 429))   // the last one repeats
///     … server.requests, server.requests(to: "/dr/x/")
///
/// A request that nothing was scripted for gets 404 and is remembered too.
public final class RecordingServer: Sendable {
  public struct Recorded: Sendable {
    public var request: ServerRequest
    /// Monotonic, since the server was made.
    public var at: Duration
  }

  public typealias Answer = @Sendable (ServerRequest) -> ServerResponse

  private struct Route: Hashable {
    var method: String
    var path: String
  }

  private struct State {
    var scripts: [Route: [Answer]] = [:]
    var recorded: [Recorded] = []
  }

  private final class Script: Sendable {
    let state = Mutex(State())
    let started = ContinuousClock.now
  }

  private let script: Script
  public let server: LoopbackServer
  public var origin: String { server.origin }
  public var port: UInt16 { server.port }

  /// - Parameter identity: To serve over TLS; ``TestCertificates`` makes them.
  public init(address: LoopbackServer.Address = .ipv4, identity: LoopbackServer.Identity? = nil) throws {
    _ = LoopbackSockets.manyFiles
    let script = Script()
    self.script = script
    server = try LoopbackServer(address: address, identity: identity) { request in
      let answer = script.state.withLock { state -> Answer? in
        state.recorded.append(Recorded(request: request, at: ContinuousClock.now - script.started))
        let route = Route(method: request.method, path: request.path)
        guard let answers = state.scripts[route], let first = answers.first else { return nil }
        if answers.count > 1 { state.scripts[route] = Array(answers.dropFirst()) }
        return first
      }
      return answer?(request) ?? .notFound
    }
  }

  /// Replaces what is answered to `method path` (raw path, no query): one after the other, the last one for ever.
  public func on(_ method: String, _ path: String, _ responses: ServerResponse...) {
    set(method, path, responses.map { response in { _ in response } })
  }

  /// The same, computed from the request.
  public func on(_ method: String, _ path: String, answer: @escaping Answer) { set(method, path, [answer]) }

  private func set(_ method: String, _ path: String, _ answers: [Answer]) {
    script.state.withLock { $0.scripts[Route(method: method, path: path)] = answers }
  }

  /// All requests in order of arrival.
  public var recorded: [Recorded] { script.state.withLock { $0.recorded } }
  public var requests: [ServerRequest] { recorded.map(\.request) }
  public func requests(to path: String) -> [ServerRequest] { requests.filter { $0.path == path } }
  public func forget() { script.state.withLock { $0.recorded = [] } }
  public func stop() { server.stop() }
}

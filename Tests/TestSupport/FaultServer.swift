import Glibc
import Synchronization

/// A TCP server on 127.0.0.1 that misbehaves by script: for tests of what a client makes of a bad network.
///
///     let server = try FaultServer(.readHead, .send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), .close)
///
/// Every connection is played the same steps, or its own where several scripts are given (the last one repeats).
public final class FaultServer: Sendable {
  public enum Step: Sendable, CustomStringConvertible {
    /// Reads until the empty line that ends a request's headers.
    case readHead
    case send([UInt8])
    /// One byte after the other, with a wait before each.
    case drip([UInt8], every: Duration)
    /// Sends the same bytes until the client has enough.
    case sendForever([UInt8])
    /// Holds the connection open, silent, until the client leaves or the server stops.
    case stall
    /// Says that nothing more will come, but keeps reading.
    case halfClose
    /// Ends the connection by RST.
    case reset
    case close

    public static func send(_ text: String) -> Step { .send(Array(text.utf8)) }

    /// Short, because a failed test prints its arguments.
    public var description: String {
      switch self {
      case .readHead: "read head"
      case .send(let bytes): "send \(bytes.count) bytes"
      case .drip(let bytes, let wait): "drip \(bytes.count) bytes every \(wait)"
      case .sendForever: "send for ever"
      case .stall: "stall"
      case .halfClose: "half-close"
      case .reset: "reset"
      case .close: "close"
      }
    }
  }

  public let port: UInt16
  public var origin: String { "http://127.0.0.1:\(port)" }
  private let shared: Shared
  private let thread: Mutex<TestThread?>

  public convenience init(_ steps: Step...) throws { try self.init(scripts: [steps]) }

  public init(scripts: [[Step]]) throws {
    let (socket, port) = try LoopbackSockets.bind(listening: true)
    self.port = port
    let shared = Shared(socket: socket, scripts: scripts)
    self.shared = shared
    thread = Mutex(TestThread { FaultWork(shared: shared).acceptAll() })
  }

  /// Connections accepted so far.
  public var connections: Int { shared.state.withLock { $0.accepted } }

  public func stop() {
    shared.state.withLock { $0.isStopped = true }
    shutdown(shared.socket, Int32(SHUT_RDWR))
    let accepting = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    guard let accepting else { return }
    accepting.join()
    for worker in shared.state.withLock({ $0.workers }) { worker.join() }
    Glibc.close(shared.socket)
  }

  deinit { stop() }

  /// An origin where nothing listens: connections are refused for as long as the process runs.
  public static func refusingOrigin() throws -> String { try refusing.get().origin }

  private static let refusing = Result { try RefusingPort() }

  fileprivate final class Shared: Sendable {
    struct State {
      var accepted = 0
      var isStopped = false
      var workers: [TestThread] = []
    }

    let socket: Int32
    let scripts: [[Step]]
    let state = Mutex(State())

    init(socket: Int32, scripts: [[Step]]) {
      self.socket = socket
      self.scripts = scripts
    }

    var isStopped: Bool { state.withLock { $0.isStopped } }
  }
}

/// What the threads of the server do: accept, or play a script on a connection.
private struct FaultWork: Sendable {
  let shared: FaultServer.Shared

  func acceptAll() {
    while let socket = LoopbackSockets.accept(shared.socket) {
      shared.state.withLock { state in
        let script = shared.scripts[min(state.accepted, shared.scripts.count - 1)]
        state.accepted += 1
        state.workers.append(
          TestThread {
            play(script, on: socket)
            Glibc.close(socket)
          })
      }
    }
  }

  private func play(_ script: [FaultServer.Step], on socket: Int32) {
    for step in script {
      switch step {
      case .readHead: guard readHead(socket) else { return }
      case .send(let bytes): guard LoopbackSockets.sendAll(bytes, to: socket) else { return }
      case .drip(let bytes, let wait):
        for byte in bytes {
          guard !leaves(socket, within: wait), LoopbackSockets.sendAll([byte], to: socket) else { return }
        }
      case .sendForever(let bytes): while !shared.isStopped, LoopbackSockets.sendAll(bytes, to: socket) {}
      case .stall: while !leaves(socket, within: .milliseconds(20)) {}
      case .halfClose: shutdown(socket, Int32(SHUT_WR))
      case .reset:
        LoopbackSockets.resetOnClose(socket)
        return
      case .close: return
      }
    }
  }

  /// Waits, reading what comes; true when the client left or the server stops.
  private func leaves(_ socket: Int32, within wait: Duration) -> Bool {
    if LoopbackSockets.readable([socket], within: wait)[0], LoopbackSockets.receive(socket).isEmpty { return true }
    return shared.isStopped
  }

  private func readHead(_ socket: Int32) -> Bool {
    var last: [UInt8] = []
    var byte: UInt8 = 0
    while last != Array("\r\n\r\n".utf8) {
      while !LoopbackSockets.readable([socket], within: .milliseconds(20))[0] {
        guard !shared.isStopped else { return false }
      }
      guard recv(socket, &byte, 1, 0) == 1 else { return false }
      last = last.suffix(3) + [byte]
    }
    return true
  }
}

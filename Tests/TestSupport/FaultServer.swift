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
  private let thread: Mutex<pthread_t?>

  public convenience init(_ steps: Step...) throws { try self.init(scripts: [steps]) }

  public init(scripts: [[Step]]) throws {
    let (socket, port) = try listenOnLoopback()
    self.port = port
    shared = Shared(socket: socket, scripts: scripts)
    thread = Mutex(startThread(FaultWork(shared: shared, connection: nil)))
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
    pthread_join(accepting, nil)
    for worker in shared.state.withLock({ $0.workers }) { pthread_join(worker, nil) }
    Glibc.close(shared.socket)
  }

  deinit { stop() }

  /// An origin where nothing listens: connections are refused.
  public static func refusingOrigin() throws -> String {
    let (socket, port) = try listenOnLoopback()
    Glibc.close(socket)
    return "http://127.0.0.1:\(port)"
  }

  fileprivate final class Shared: Sendable {
    struct State {
      var accepted = 0
      var isStopped = false
      var workers: [pthread_t] = []
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

/// What a thread of the server does: accept (no connection), or play a script on a connection.
private final class FaultWork: Sendable {
  let shared: FaultServer.Shared
  let connection: (socket: Int32, script: [FaultServer.Step])?

  init(shared: FaultServer.Shared, connection: (socket: Int32, script: [FaultServer.Step])?) {
    self.shared = shared
    self.connection = connection
  }

  func run() {
    guard let connection else { return acceptAll() }
    play(connection.script, on: connection.socket)
    Glibc.close(connection.socket)
  }

  private func acceptAll() {
    while case let socket = accept(shared.socket, nil, nil), socket >= 0 {
      // A client that reads no more must not keep stop() waiting.
      var patience = timeval(tv_sec: 0, tv_usec: 100_000)
      setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
      shared.state.withLock { state in
        let script = shared.scripts[min(state.accepted, shared.scripts.count - 1)]
        state.accepted += 1
        state.workers.append(startThread(FaultWork(shared: shared, connection: (socket, script))))
      }
    }
  }

  private func play(_ script: [FaultServer.Step], on socket: Int32) {
    for step in script {
      switch step {
      case .readHead: guard readHead(socket) else { return }
      case .send(let bytes): guard sendAll(bytes, to: socket) else { return }
      case .drip(let bytes, let wait):
        for byte in bytes { guard !leaves(socket, within: wait), sendAll([byte], to: socket) else { return } }
      case .sendForever(let bytes): while !shared.isStopped, sendAll(bytes, to: socket) {}
      case .stall: while !leaves(socket, within: .milliseconds(20)) {}
      case .halfClose: shutdown(socket, Int32(SHUT_WR))
      case .reset:
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        return
      case .close: return
      }
    }
  }

  /// Waits, reading what comes; true when the client left or the server stops.
  private func leaves(_ socket: Int32, within wait: Duration) -> Bool {
    var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    let milliseconds = Int32(wait.components.seconds * 1000 + wait.components.attoseconds / 1_000_000_000_000_000)
    if poll(&waiting, 1, milliseconds) > 0 {
      var bytes = [UInt8](repeating: 0, count: 4096)
      if recv(socket, &bytes, bytes.count, 0) <= 0 { return true }
    }
    return shared.isStopped
  }

  private func readHead(_ socket: Int32) -> Bool {
    var last: [UInt8] = []
    var byte: UInt8 = 0
    while last != Array("\r\n\r\n".utf8) {
      var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
      while poll(&waiting, 1, 20) == 0 { guard !shared.isStopped else { return false } }
      guard recv(socket, &byte, 1, 0) == 1 else { return false }
      last = last.suffix(3) + [byte]
    }
    return true
  }

  private func sendAll(_ bytes: [UInt8], to socket: Int32) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { bytes in
        Glibc.send(socket, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }
}

private func startThread(_ work: FaultWork) -> pthread_t {
  var thread = pthread_t()
  let context = Unmanaged.passRetained(work).toOpaque()
  let failed = pthread_create(&thread, nil, threadMain, context)
  precondition(failed == 0, "no thread for a test server")
  return thread
}

private func threadMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let context { Unmanaged<FaultWork>.fromOpaque(context).takeRetainedValue().run() }
  return nil
}

private struct SocketProblem: Error { var number: Int32 }

private func listenOnLoopback() throws -> (socket: Int32, port: UInt16) {
  let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  guard socket >= 0 else { throw SocketProblem(number: errno) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  let done = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(socket, $0, size) == 0 && listen(socket, 64) == 0 && getsockname(socket, $0, &size) == 0
    }
  }
  guard done else {
    let number = errno
    close(socket)
    throw SocketProblem(number: number)
  }
  return (socket, UInt16(bigEndian: address.sin_port))
}

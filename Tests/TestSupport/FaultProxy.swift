import Glibc
import Synchronization

/// A TCP relay on 127.0.0.1 that spoils what passes through it: for tests of what a client makes of a bad network while
/// the server behind it is well, and knows what it was asked.
///
///     let proxy = try FaultProxy(to: server.port, .cut(after: 20))
///     … fetcher(to: proxy.origin) …
///
/// Knows nothing of HTTP but the empty line that ends a head, so TLS passes as well as anything else.
public final class FaultProxy: Sendable {
  /// What happens to a connection. Bytes are counted from the server's side, after TLS was put on.
  public enum Fault: Sendable, Hashable {
    case none
    /// RST as soon as it is accepted; the server hears nothing.
    case resetAtConnect
    /// RST once the head of the answer has passed.
    case resetAfterHead
    /// Closed after so many bytes of the answer.
    case cut(after: Int)
    /// Nothing more comes after so many bytes of the answer, but the client may go on.
    case halfClose(after: Int)
    /// The server hears the request, the client never hears the answer.
    case stall
    /// The connection is accepted and the server never hears of it.
    case blackhole
    /// The answer byte by byte, with a wait before each.
    case drip(every: Duration)
    /// The answer comes so much later.
    case latency(Duration)
    /// So many of 100 connections are as ``resetAtConnect``; which ones is decided by the seed.
    case drop(percent: Int)
    /// Noise in place of the answer, then the end.
    case garbage
  }

  public let port: UInt16
  public var origin: String { "http://127.0.0.1:\(port)" }
  private let shared: Shared
  private let thread: Mutex<TestThread?>

  /// - Parameter upstream: A port of 127.0.0.1.
  public init(to upstream: UInt16, _ fault: Fault = .none, seed: UInt64 = 1) throws {
    let (socket, port) = try LoopbackSockets.bind(listening: true)
    self.port = port
    let shared = Shared(socket: socket, upstream: upstream, fault: fault, seed: seed)
    self.shared = shared
    thread = Mutex(TestThread { shared.acceptAll() })
  }

  /// What happens to connections made from now on.
  public var fault: Fault {
    get { shared.state.withLock { $0.fault } }
    set { shared.state.withLock { $0.fault = newValue } }
  }

  /// Connections accepted so far, and those of them that ``Fault/drop(percent:)`` hit.
  public var connections: Int { shared.state.withLock { $0.accepted } }
  public var dropped: Int { shared.state.withLock { $0.dropped } }

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
    close(shared.socket)
  }

  deinit { stop() }

  fileprivate final class Shared: Sendable {
    struct State {
      var fault: Fault
      var dice: SplitMix
      var accepted = 0
      var dropped = 0
      var isStopped = false
      var workers: [TestThread] = []
    }

    let socket: Int32
    let upstream: UInt16
    let state: Mutex<State>

    init(socket: Int32, upstream: UInt16, fault: Fault, seed: UInt64) {
      self.socket = socket
      self.upstream = upstream
      state = Mutex(State(fault: fault, dice: SplitMix(seed: seed)))
    }

    var isStopped: Bool { state.withLock { $0.isStopped } }

    func acceptAll() {
      while let client = LoopbackSockets.accept(socket) {
        state.withLock { state in
          state.accepted += 1
          let fault = state.next()
          state.workers.append(TestThread { [self] in Relay(client: client, shared: self, fault: fault).run() })
        }
      }
    }
  }
}

extension FaultProxy.Shared.State {
  /// What happens to the next connection, chance decided.
  mutating func next() -> FaultProxy.Fault {
    guard case .drop(let percent) = fault else { return fault }
    guard dice.next(below: 100) < percent else { return .none }
    dropped += 1
    return .resetAtConnect
  }
}

/// One connection through the proxy, on a thread of its own.
private struct Relay {
  let client: Int32
  let shared: FaultProxy.Shared
  let fault: FaultProxy.Fault

  /// How often a waiting relay looks whether the proxy stops.
  private static let patience: Duration = .milliseconds(20)

  func run() {
    defer { close(client) }
    switch fault {
    case .resetAtConnect: LoopbackSockets.resetOnClose(client)
    case .blackhole: linger()
    default:
      guard let server = LoopbackSockets.connect(to: shared.upstream) else {
        LoopbackSockets.resetOnClose(client)
        return
      }
      defer { close(server) }
      relay(server)
    }
  }

  private func relay(_ server: Int32) {
    var answer = SpoiledAnswer(fault: fault)
    while !shared.isStopped {
      let readable = LoopbackSockets.readable([client, server], within: Self.patience)
      if readable[0] {
        let bytes = LoopbackSockets.receive(client)
        guard !bytes.isEmpty, LoopbackSockets.sendAll(bytes, to: server) else { return }
      }
      if readable[1] {
        let bytes = LoopbackSockets.receive(server)
        guard !bytes.isEmpty else { return }
        guard pass(bytes, &answer) else { return }
      }
    }
  }

  /// - Returns: false at the end of the connection.
  private func pass(_ bytes: [UInt8], _ answer: inout SpoiledAnswer) -> Bool {
    let (passed, then) = answer.spoil(bytes)
    if case .latency(let wait) = fault, !waits(wait) { return false }
    if case .drip(let wait) = fault {
      for byte in passed { guard waits(wait), LoopbackSockets.sendAll([byte], to: client) else { return false } }
    } else if !LoopbackSockets.sendAll(passed, to: client) {
      return false
    }
    switch then {
    case .goOn: return true
    case .close: return false
    case .reset:
      LoopbackSockets.resetOnClose(client)
      return false
    case .halfClose:
      shutdown(client, Int32(SHUT_WR))
      linger()
      return false
    }
  }

  /// Reads and forgets until the client leaves or the proxy stops.
  private func linger() {
    while !shared.isStopped {
      guard LoopbackSockets.readable([client], within: Self.patience)[0] else { continue }
      if LoopbackSockets.receive(client).isEmpty { return }
    }
  }

  private var hasLeft: Bool {
    var byte: UInt8 = 0
    return recv(client, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) == 0
  }

  /// - Returns: false where the client left or the proxy stopped meanwhile.
  private func waits(_ wait: Duration) -> Bool {
    let end = ContinuousClock.now + wait
    while !shared.isStopped {
      let left = end - .now
      guard left > .zero else { return true }
      if hasLeft { return false }
      usleep(UInt32(min(left, Self.patience).components.attoseconds / 1_000_000_000_000))
    }
    return false
  }
}

/// What becomes of the bytes of one answer. Pure but for its memory of what has passed.
private struct SpoiledAnswer {
  enum Then { case goOn, close, reset, halfClose }

  let fault: FaultProxy.Fault
  private var passed = 0
  private var head: [UInt8] = []

  init(fault: FaultProxy.Fault) { self.fault = fault }

  mutating func spoil(_ bytes: [UInt8]) -> (passed: [UInt8], then: Then) {
    switch fault {
    case .cut(let limit): return upTo(limit, bytes, .close)
    case .halfClose(let limit): return upTo(limit, bytes, .halfClose)
    case .stall: return ([], .goOn)
    case .garbage: return (Array("\u{16}\u{3}\u{1} noise, no protocol \u{0}\u{1}\r\n\r\n".utf8), .close)
    case .resetAfterHead:
      head += bytes
      guard let end = head.firstRange(of: Array("\r\n\r\n".utf8)) else { return (bytes, .goOn) }
      return (Array(bytes.prefix(max(0, end.upperBound - (head.count - bytes.count)))), .reset)
    default: return (bytes, .goOn)
    }
  }

  private mutating func upTo(_ limit: Int, _ bytes: [UInt8], _ then: Then) -> ([UInt8], Then) {
    let rest = bytes.prefix(limit - passed)
    passed += rest.count
    return (Array(rest), passed == limit ? then : .goOn)
  }
}

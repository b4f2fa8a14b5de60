import Glibc
import PluginHost

/// What the misbehaving servers of the tests have in common: sockets of 127.0.0.1 and threads.
public enum LoopbackSockets {
  struct Problem: Error { var number: Int32 }

  /// Whether this machine can listen on ::1.
  public static let hasIPv6: Bool = {
    let socket = Glibc.socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
    guard socket >= 0 else { return false }
    defer { close(socket) }
    var address = sockaddr_in6()
    address.sin6_family = sa_family_t(AF_INET6)
    address.sin6_addr = in6addr_loopback
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in6>.size)) == 0
      }
    }
  }()

  /// Swift Testing begins every test at once, each with its servers: more than the 1,024 files that a shell allows.
  static let manyFiles: UInt64 = OpenFiles.raiseLimit()

  /// A socket bound to a port of the system's choice; it refuses connections unless it listens.
  static func bind(listening: Bool) throws -> (socket: Int32, port: UInt16) {
    _ = manyFiles
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { throw Problem(number: errno) }
    var address = loopback(port: 0)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let done = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.bind(socket, $0, size) == 0 && (!listening || listen(socket, 64) == 0)
          && getsockname(socket, $0, &size) == 0
      }
    }
    guard done else {
      let number = errno
      close(socket)
      throw Problem(number: number)
    }
    return (socket, UInt16(bigEndian: address.sin_port))
  }

  /// A connection to `port`, nil when it is refused.
  static func connect(to port: UInt16) -> Int32? {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { return nil }
    var address = loopback(port: port)
    let done = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard done else {
      close(socket)
      return nil
    }
    return socket
  }

  /// The next connection, nil when the socket was shut down. A peer that reads no more must not keep a server from
  /// stopping, so a send waits 100 ms at most.
  static func accept(_ listener: Int32) -> Int32? {
    var socket: Int32
    repeat {
      socket = Glibc.accept(listener, nil, nil)
      // Anything else (no descriptor left, a client that gave up) passes.
      if socket < 0, errno == EINVAL || errno == EBADF { return nil }
    } while socket < 0
    var patience = timeval(tv_sec: 0, tv_usec: 100_000)
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    return socket
  }

  /// Makes the next `close` end the connection by RST.
  static func resetOnClose(_ socket: Int32) {
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
  }

  static func sendAll(_ bytes: some Collection<UInt8>, to socket: Int32) -> Bool {
    let bytes = Array(bytes)
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

  /// What has come, up to 64 KiB; empty when the peer is done or gone.
  static func receive(_ socket: Int32) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(socket, &bytes, bytes.count, 0)
    return count > 0 ? Array(bytes[..<count]) : []
  }

  /// Which of the sockets have something to read (an end counts), after at most `wait`.
  static func readable(_ sockets: [Int32], within wait: Duration) -> [Bool] {
    var waiting = sockets.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    let milliseconds = Int32(wait.components.seconds * 1000 + wait.components.attoseconds / 1_000_000_000_000_000)
    guard poll(&waiting, nfds_t(waiting.count), milliseconds) > 0 else { return sockets.map { _ in false } }
    return waiting.map { $0.revents != 0 }
  }

  private static func loopback(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    return address
  }
}

/// A thread that must be joined; for work that blocks, which tasks must not.
struct TestThread: Sendable {
  private let thread: pthread_t

  private final class Work: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  init(_ run: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let failed = pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().run() }
        return nil
      }, Unmanaged.passRetained(Work(run)).toOpaque())
    precondition(failed == 0, "no thread for a test server")
    self.thread = thread
  }

  func join() { pthread_join(thread, nil) }
}

/// A port of 127.0.0.1 that refuses every connection for as long as this lives.
///
/// It is bound and does not listen, so that no other test's server can be given the port meanwhile.
public final class RefusingPort: Sendable {
  public let port: UInt16
  public var origin: String { "http://127.0.0.1:\(port)" }
  private let socket: Int32

  public init() throws { (socket, port) = try LoopbackSockets.bind(listening: false) }

  deinit { close(socket) }
}

import Dispatch
import Glibc
import Language

/// A connection to a server of 127.0.0.1 over which a test sends what no client would. Closed with its last reference.
public final class RawConnection: Sendable {
  private let socket: Int32

  /// nil where it is refused.
  public init?(port: UInt16) {
    _ = LoopbackSockets.manyFiles
    guard let socket = LoopbackSockets.connect(to: port) else { return nil }
    self.socket = socket
    // For a server that never answers; nothing is measured by it.
    var patience = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(socket) }

  /// Whether all of it was taken.
  @discardableResult
  public func send(_ text: String) -> Bool { LoopbackSockets.sendAll(Array(text.utf8), to: socket) }

  /// All that comes until the server ends the connection.
  public func rest() -> String {
    var all: [UInt8] = []
    while case let more = LoopbackSockets.receive(socket), !more.isEmpty { all += more }
    return String(decoding: all, as: UTF8.self)
  }
}

/// An answer as it came.
public struct RawAnswer: Sendable {
  public var status: Int
  public var head: String
  public var body: String

  public init?(_ text: String) {
    let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let word = parts[0].split(separator: " ").dropFirst().first, let status = Int(word) else {
      return nil
    }
    (self.status, head, body) = (status, String(parts[0]), String(parts[1]))
  }
}

/// One request on a connection of its own, on a thread of its own; nil where nobody answers.
public func ask(_ path: String, port: UInt16, method: String = "GET") async -> RawAnswer? {
  await withCheckedContinuation { continuation in
    DispatchQueue.global().async {
      guard let connection = RawConnection(port: port) else { return continuation.resume(returning: nil) }
      connection.send("\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
      continuation.resume(returning: RawAnswer(connection.rest()))
    }
  }
}

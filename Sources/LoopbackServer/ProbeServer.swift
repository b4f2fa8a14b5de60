internal import CLibMicroHTTPD
import Glibc
import Language
import Synchronization

/// A small HTTP server for machines that ask how things are: GET and HEAD, one thread, every answer whole and at once.
///
/// Whoever can reach it must not be able to hurt the process: each connection is for one request, the oldest makes room
/// for a newcomer, so that connections which send nothing or a byte at a time keep nobody out, and a request's head is
/// bounded. It is stopped by ``stop()`` or with its last reference.
public final class ProbeServer: Sendable {
  /// Nobody listens there.
  public struct StartFailure: Error, Sendable {
    /// As `errno`.
    public var number: Int32
    public var reason: String { String(cString: strerror(number)) }
  }

  /// Called on the server's thread with the path as sent, without its query; must not call ``stop()``.
  public typealias Handler = @Sendable (_ path: String) -> ServerResponse

  /// The port that was bound.
  public let port: UInt16
  private let running: Mutex<Running?>

  private struct Running {
    var daemon: OpaquePointer
    var core: Unmanaged<ProbeCore>
  }

  /// Starts listening; requests are served when this returns.
  ///
  /// - Parameters:
  ///   - address: 4 or 16 bytes in network order.
  ///   - port: 0 lets the system choose.
  public init(address: [UInt8], port: UInt16, handler: @escaping Handler) throws(StartFailure) {
    precondition(address.count == 4 || address.count == 16, "an address has 4 or 16 bytes")
    let core = Unmanaged.passRetained(ProbeCore(handler: handler))
    let callbacks = mhd_probe_callbacks(
      context: core.toOpaque(), handle: probeHandleCallback, connection: probeConnectionCallback)
    errno = 0
    let daemon = mhd_start_probe(
      address, address.count, port, ProbeLimits.idleSeconds, ProbeLimits.acceptedConnections, ProbeLimits.head,
      ProbeLimits.stack, callbacks)
    guard let daemon else {
      let number = errno
      core.release()
      throw StartFailure(number: number == 0 ? EADDRINUSE : number)
    }
    self.port = mhd_bound_port(daemon)
    running = Mutex(Running(daemon: daemon, core: core))
  }

  /// Ends all connections and returns when no handler runs any more. Calling it again does nothing.
  public func stop() {
    running.withLock { running in
      guard let ending = running else { return }
      MHD_stop_daemon(ending.daemon)
      ending.core.release()
      running = nil
    }
  }

  deinit { stop() }
}

/// Chosen, not measured: a scraper and a few probes have a connection each for some milliseconds.
enum ProbeLimits {
  /// Of those, the oldest is ended when another one comes.
  static let connections = 32
  /// More than ``connections``, or the library would stop accepting before the oldest can make room.
  static let acceptedConnections: UInt32 = 64
  /// Without a byte in either direction.
  static let idleSeconds: UInt32 = 5
  /// For a request's line and headers, and the answer's headers.
  static let head = 8 << 10
  /// Handlers write a megabyte of text, not deeply.
  static let stack = 1 << 20
}

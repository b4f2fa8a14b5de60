internal import CLibMicroHTTPD
import Glibc
import Synchronization

/// An HTTP/1.1 server on a loopback address, for demos, tests and local stand-ins; over TLS where it is given an
/// ``Identity``.
///
/// Every connection has a thread of its own, so a handler may block without holding up another connection. The server
/// runs until ``stop()`` or until the last reference to it goes.
public final class LoopbackServer: Sendable {
  public enum Address: Sendable, Hashable { case ipv4, ipv6 }

  /// The server could not be started.
  public struct StartFailure: Error, Sendable, CustomStringConvertible {
    public var port: UInt16
    public var number: Int32
    public var description: String { "can't listen on loopback port \(port): \(String(cString: strerror(number)))" }
  }

  /// What a server over TLS shows: PEM texts. Held in memory only.
  public struct Identity: Sendable {
    public var key: String
    public var certificate: String
    public init(key: String, certificate: String) {
      self.key = key
      self.certificate = certificate
    }
  }

  /// Whether the libmicrohttpd of this machine can serve over TLS.
  public static var canServeTLS: Bool { mhd_has_tls() != 0 }

  public typealias Handler = @Sendable (ServerRequest) -> ServerResponse

  public let port: UInt16
  /// `http://127.0.0.1:PORT`, or `http://[::1]:PORT`; `https:` where it was given an identity.
  public let origin: String
  private let running: Mutex<Running?>

  private struct Running {
    var daemon: OpaquePointer
    var core: Unmanaged<ServerCore>
    /// Key and certificate, which the daemon reads for as long as it runs.
    var texts: [UnsafeMutablePointer<CChar>?]
  }

  /// Starts listening; requests are served when this returns.
  ///
  /// - Parameters:
  ///   - port: 0 lets the system choose.
  ///   - maxBody: Largest request body in bytes; a larger one is answered with 413 or cut off.
  ///   - handler: Called on connection threads, many at once. Must not call ``stop()``.
  public init(
    address: Address = .ipv4, port: UInt16 = 0, maxBody: Int = 8 << 20, identity: Identity? = nil,
    handler: @escaping Handler
  ) throws(StartFailure) {
    let core = Unmanaged.passRetained(ServerCore(maxBody: maxBody, handler: handler))
    let callbacks = mhd_server_callbacks(
      context: core.toOpaque(), handle: handleCallback, target: targetCallback, completed: completedCallback)
    // The daemon keeps the addresses of the two texts while it runs.
    let texts = identity.map { (key: strdup($0.key), certificate: strdup($0.certificate)) }
    guard
      let daemon = mhd_start_loopback(
        address == .ipv6 ? 1 : 0, port, ServerLimits.idleSeconds, ServerLimits.connections, ServerLimits.stack,
        ServerLimits.head, texts?.key, texts?.certificate, callbacks)
    else {
      let number = errno
      core.release()
      for text in [texts?.key, texts?.certificate] { free(text ?? nil) }
      throw StartFailure(port: port, number: number)
    }
    let bound = mhd_bound_port(daemon)
    self.port = bound
    let scheme = identity == nil ? "http" : "https"
    origin = scheme + (address == .ipv6 ? "://[::1]:\(bound)" : "://127.0.0.1:\(bound)")
    running = Mutex(Running(daemon: daemon, core: core, texts: [texts?.key ?? nil, texts?.certificate ?? nil]))
  }

  /// Ends all connections and returns when no handler runs any more. Calling it again does nothing.
  public func stop() {
    running.withLock { running in
      guard let ending = running else { return }
      ending.core.takeUnretainedValue().pause.cancel()
      MHD_stop_daemon(ending.daemon)
      ending.core.release()
      for text in ending.texts { free(text) }
      running = nil
    }
  }

  deinit { stop() }
}

/// Limits of a server that only this machine can reach; chosen, not measured.
enum ServerLimits {
  static let idleSeconds: UInt32 = 60
  static let connections: UInt32 = 512
  /// Enough for handlers that parse JSON recursively; the default of 8 MiB a connection is not needed.
  static let stack = 1 << 20
  /// For a request's line and headers, and the answer's headers.
  static let head = 256 << 10
}

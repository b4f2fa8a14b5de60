internal import CLibMicroHTTPD
import Glibc
import Synchronization

/// What the C callbacks of a ``ProbeServer`` share. They all run on its one thread.
final class ProbeCore: Sendable {
  let handler: ProbeServer.Handler
  /// Open sockets, the oldest first.
  private let sockets = Mutex<[Int32]>([])

  init(handler: @escaping ProbeServer.Handler) { self.handler = handler }

  /// The oldest goes where there are too many: it is the one least likely to be a request that is just being answered.
  func opened(_ socket: Int32) {
    let oldest = sockets.withLock { sockets -> Int32? in
      sockets.append(socket)
      return sockets.count > ProbeLimits.connections ? sockets.removeFirst() : nil
    }
    // The library sees its end and closes it; it is not ours to close.
    if let oldest { shutdown(oldest, Int32(SHUT_RDWR)) }
  }

  func closed(_ socket: Int32) { sockets.withLock { $0.removeAll { $0 == socket } } }
}

let probeConnectionCallback:
  @convention(c) (
    UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    MHD_ConnectionNotificationCode
  ) -> Void = { context, connection, _, what in
    guard let context, let connection else { return }
    let core = Unmanaged<ProbeCore>.fromOpaque(context).takeUnretainedValue()
    let socket = mhd_socket_of(connection)
    if what == .CONNECTION_NOTIFY_STARTED { core.opened(socket) } else { core.closed(socket) }
  }

let probeHandleCallback:
  @convention(c) (
    UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<CChar>?,
    UnsafePointer<CChar>?, UnsafeMutablePointer<Int>?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?
  ) -> MHD_Result = { context, connection, path, method, _, _, _, requestContext in
    guard let context, let connection, let path, let method, let requestContext else { return mhd_no() }
    let core = Unmanaged<ProbeCore>.fromOpaque(context).takeUnretainedValue()
    let isReading = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0
    if requestContext.pointee == nil, isReading {
      // The first call of each request only announces it; anything but nil says that it was made.
      requestContext.pointee = context
      return mhd_yes()
    }
    // Answered at the first call where it is no GET: a body is neither waited for nor read.
    return queue(isReading ? core.handler(String(cString: path)) : .onlyReading, on: connection)
  }

extension ServerResponse {
  fileprivate static let onlyReading = ServerResponse(
    status: 405, headers: [ServerHeader("Allow", "GET, HEAD"), ServerHeader("Content-Type", "text/plain")],
    body: Array("only GET and HEAD\n".utf8))
}

private func queue(_ response: ServerResponse, on connection: OpaquePointer) -> MHD_Result {
  let copied = response.body.withUnsafeBytes { mhd_copied_response($0.baseAddress, $0.count) }
  guard let copied else { return mhd_no() }
  defer { MHD_destroy_response(copied) }
  for header in response.headers { _ = MHD_add_response_header(copied, header.name, header.value) }
  _ = MHD_add_response_header(copied, "Connection", "close")
  return MHD_queue_response(connection, UInt32(clamping: response.status), copied)
}

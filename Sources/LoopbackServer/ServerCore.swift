internal import CLibMicroHTTPD

/// What the C callbacks share: the handler and its limits.
final class ServerCore: Sendable {
  let maxBody: Int
  let handler: LoopbackServer.Handler
  let pause = Pause()

  init(maxBody: Int, handler: @escaping LoopbackServer.Handler) {
    self.maxBody = maxBody
    self.handler = handler
  }
}

/// One request while it arrives; used by its connection's thread only.
private final class Incoming {
  var request: ServerRequest
  /// The first call of the handler only announces the request.
  var announced = false

  init(target: String) { request = ServerRequest(method: "", target: target) }
}

extension ServerRequest {
  /// Splits a raw target; the absolute form (`GET http://host/path`) is cut to its path.
  fileprivate init(method: String, target: String) {
    var rest = Substring(target)
    if let scheme = rest.firstRange(of: "://"), !rest[..<scheme.lowerBound].contains("/") {
      let authority = rest[scheme.upperBound...]
      rest = authority.firstIndex(of: "/").map { authority[$0...] } ?? "/"
    }
    let mark = rest.firstIndex(of: "?")
    let query = mark.map { String(rest[rest.index(after: $0)...]) }
    self.init(method: method, path: String(rest[..<(mark ?? rest.endIndex)]), query: query)
  }
}

/// libmicrohttpd unescapes the path before the handler sees it, so the raw one is taken here.
let targetCallback:
  @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?) ->
    UnsafeMutableRawPointer? = { _, uri, _ in
      Unmanaged.passRetained(Incoming(target: uri.map { String(cString: $0) } ?? "/")).toOpaque()
    }

let completedCallback:
  @convention(c) (
    UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    MHD_RequestTerminationCode
  ) -> Void = { _, _, context, _ in
    guard let context, let incoming = context.pointee else { return }
    Unmanaged<Incoming>.fromOpaque(incoming).release()
    context.pointee = nil
  }

let handleCallback:
  @convention(c) (
    UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<CChar>?,
    UnsafePointer<CChar>?, UnsafeMutablePointer<Int>?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?
  ) -> MHD_Result = { context, connection, _, method, _, upload, uploadCount, requestContext in
    guard let context, let connection, let method, let uploadCount, let pointer = requestContext?.pointee else {
      return mhd_no()
    }
    let core = Unmanaged<ServerCore>.fromOpaque(context).takeUnretainedValue()
    let incoming = Unmanaged<Incoming>.fromOpaque(pointer).takeUnretainedValue()
    if !incoming.announced {
      incoming.announced = true
      incoming.request.method = String(cString: method)
      incoming.request.headers = readHeaders(of: connection)
      let announcedLength = incoming.request.header("Content-Length").flatMap { Int($0) } ?? 0
      return announcedLength > core.maxBody ? send(.text("too large\n", status: 413), on: connection) : mhd_yes()
    }
    if uploadCount.pointee > 0 {
      // An answer can't be queued amid an upload, so a chunked body over the limit loses its connection.
      guard let upload, incoming.request.body.count + uploadCount.pointee <= core.maxBody else { return mhd_no() }
      incoming.request.body.append(contentsOf: UnsafeRawBufferPointer(start: upload, count: uploadCount.pointee))
      uploadCount.pointee = 0
      return mhd_yes()
    }
    let response = core.handler(incoming.request)
    core.pause.wait(response.delay)
    return send(response, on: connection)
  }

private func readHeaders(of connection: OpaquePointer) -> [ServerHeader] {
  var headers: [ServerHeader] = []
  withUnsafeMutablePointer(to: &headers) { list in
    _ = MHD_get_connection_values(
      connection, .HEADER_KIND,
      { list, _, name, value in
        guard let list, let name else { return mhd_no() }
        let header = ServerHeader(String(cString: name), value.map { String(cString: $0) } ?? "")
        list.assumingMemoryBound(to: [ServerHeader].self).pointee.append(header)
        return mhd_yes()
      }, list)
  }
  return headers
}

private func send(_ response: ServerResponse, on connection: OpaquePointer) -> MHD_Result {
  guard response.ending != .abort else { return mhd_no() }
  let copied = response.body.withUnsafeBytes { mhd_copied_response($0.baseAddress, $0.count) }
  guard let copied else { return mhd_no() }
  defer { MHD_destroy_response(copied) }
  for header in response.headers where !framing.contains(header.name.lowercased()) {
    guard MHD_add_response_header(copied, header.name, header.value) == mhd_yes() else {
      return send(.text("a handler's header can't be sent: \(header.name)\n", status: 500), on: connection)
    }
  }
  if response.ending == .close { _ = MHD_add_response_header(copied, "Connection", "close") }
  return MHD_queue_response(connection, UInt32(clamping: response.status), copied)
}

/// Headers that only the server can know, also when a recorded answer brings its own.
private let framing: Set<String> = ["content-length", "transfer-encoding", "connection", "keep-alive", "date"]

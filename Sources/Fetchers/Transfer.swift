internal import CLibCurl
import Language
import PluginHost

/// A request that passed every check, ready for the curl thread.
struct PreparedRequest: Sendable {
  var request: Request
  /// As the caller knows it.
  var site: ParsedURL
  /// Where it is really sent.
  var target: ParsedURL
  var headerLines: [String]
  /// What it goes through; nil where it goes straight to the target.
  var proxy: PreparedProxy?
}

/// A proxy, with its place as the gate judges it.
struct PreparedProxy: Sendable {
  var address: ProxyAddress
  var url: ParsedURL
}

/// One exchange on the curl thread, which alone touches it. libcurl's callbacks get it as their context.
final class Transfer {
  let prepared: PreparedRequest
  let gate: AddressGate
  let easy: UnsafeMutableRawPointer
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private var nameList: UnsafeMutablePointer<curl_slist>?
  private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
  private(set) var head = ResponseHead()
  private var body: [UInt8] = []
  private var decoding: ContentDecoding?
  /// Set by a callback that stopped the exchange; wins over libcurl's code.
  private var stopped: FetchFailure?
  private var refused: FetchFailure?
  private(set) var socketsOpened = 0
  private var timesSent = 0
  /// How long an answer may stall, to be set when it begins; nil where it is set.
  private var slowSecondsOfAnswer: Int?

  init(_ prepared: PreparedRequest, gate: AddressGate, easy: UnsafeMutableRawPointer) {
    self.prepared = prepared
    self.gate = gate
    self.easy = easy
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  /// Takes back from the handle all that points into this transfer.
  ///
  /// `curl_easy_reset` forgets a list of names only in part: a handle that was set up and never started would load it
  /// for whatever it is used for next.
  func letGo() {
    curl_set_names(easy, nil)
    curl_easy_reset(easy)
  }

  deinit {
    curl_slist_free_all(headerList)
    curl_slist_free_all(nameList)
    errorText.deallocate()
  }

  /// - Parameter cookie: From the jar; added to the request's own.
  /// - Returns: false where libcurl takes an option not, which only memory can cause.
  func configure(cookie: String?, settings: CurlSettings) -> Bool {
    let request = prepared.request
    for line in prepared.headerLines {
      guard let longer = curl_slist_append(headerList, line) else { return false }
      headerList = longer
    }
    let cookies = [request.header("Cookie"), cookie].compactMap { $0 }.joined(separator: "; ")
    let texts: [(CURLoption, String?)] = [
      (CURLOPT_URL, prepared.target.text), (CURLOPT_PROTOCOLS_STR, "http,https"),
      (CURLOPT_REDIR_PROTOCOLS_STR, "http,https"),
      // Empty texts switch off http_proxy and its like, through which the address gate could not see.
      (CURLOPT_PROXY, prepared.proxy?.curlText ?? ""), (CURLOPT_NOPROXY, ""),
      (CURLOPT_COOKIE, cookies.isEmpty ? nil : cookies), (CURLOPT_CAINFO, settings.authorities),
    ]
    for (option, text) in texts {
      guard let text else { continue }
      guard curl_set_text(easy, option, text) == CURLE_OK else { return false }
    }
    guard configureRoute() else { return false }
    if let addresses = settings.fixedAddresses[prepared.target.plainHost] {
      let host = prepared.target.plainHost
      nameList = curl_slist_append(nil, "\(host):\(prepared.target.port):\(addresses.joined(separator: ","))")
      guard curl_set_names(easy, nameList) == CURLE_OK else { return false }
    }
    return configureLimits(settings) && configureMethod() && curl_set_headers(easy, headerList) == CURLE_OK
      && curl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText) == CURLE_OK
      && curl_set_callbacks(
        easy, Unmanaged.passUnretained(self).toOpaque(), bodyCallback, headerCallback, socketCallback, requestCallback)
        == CURLE_OK
  }

  private func configureLimits(_ settings: CurlSettings) -> Bool {
    let request = prepared.request
    // What was posted may be acted upon while we wait; given up early it would be posted again.
    slowSecondsOfAnswer = mayRepeat ? nil : settings.slowSeconds
    let numbers: [(CURLoption, Int)] = [
      (CURLOPT_NOSIGNAL, 1), (CURLOPT_FOLLOWLOCATION, 0), (CURLOPT_HTTP09_ALLOWED, 0),
      (CURLOPT_HTTP_VERSION, curl_http2_over_tls()), (CURLOPT_TIMEOUT_MS, milliseconds(request.timeout)),
      (CURLOPT_CONNECTTIMEOUT_MS, milliseconds(min(request.connectTimeout, request.timeout))),
      (CURLOPT_LOW_SPEED_LIMIT, settings.slowBytesPerSecond),
      (CURLOPT_LOW_SPEED_TIME, mayRepeat ? settings.slowSeconds : 0),
      // A second request waits to see whether the first one's connection takes it too, which plain HTTP never does.
      (CURLOPT_PIPEWAIT, prepared.target.scheme == "https" ? 1 : 0),
      // Without it a cancelled transfer would wait for its name to resolve, and every other transfer with it.
      (CURLOPT_QUICK_EXIT, 1),
    ]
    // A usual page in one look at the line, not in four. A handle that was cut off keeps the buffer it has, and says no.
    _ = curl_set_long(easy, CURLOPT_BUFFERSIZE, 64 << 10)
    return numbers.allSatisfy { curl_set_long(easy, $0.0, $0.1) == CURLE_OK }
  }

  private func configureMethod() -> Bool {
    let request = prepared.request
    if request.method == .head { return curl_set_long(easy, CURLOPT_NOBODY, 1) == CURLE_OK }
    if request.body != nil || [.post, .put, .patch].contains(request.method) {
      let done = (request.body ?? []).withUnsafeBytes { curl_set_body(easy, $0.baseAddress, $0.count) }
      guard done == CURLE_OK else { return false }
    }
    return curl_set_text(easy, CURLOPT_CUSTOMREQUEST, request.method.rawValue) == CURLE_OK
  }

  /// libcurl takes 0 for "no limit".
  private func milliseconds(_ duration: Duration) -> Int {
    Int(min(max(duration.inMilliseconds, 1), Int64(Int32.max)))
  }
}

extension Transfer {
  func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    do throws(ContentDecoding.Problem) {
      if decoding == nil { decoding = try ContentDecoding(head.headers, limit: prepared.request.maxBody) }
      if decoding?.isPlain != false { return takeDecoded(bytes) }
      try decoding?.decode(bytes) { takeDecoded($0) }
      return true
    } catch {
      note(error)
      return false
    }
  }

  /// What went wrong with the content coding.
  private func note(_ problem: ContentDecoding.Problem) {
    switch problem {
    case .unknown(let name): stop(.garbled, "the content coding '\(name)' was not asked for and can't be decoded")
    case .tooMany: stop(.garbled, "more than \(ContentDecoding.maxCodings) content codings (limit: content codings)")
    case .garbled(let words): stop(.garbled, words)
    case .cut(let name): stop(.garbled, "the \(name) data is cut off, though all that was announced came")
    case .tooLarge(let limit):
      stop(.tooLarge, "the body is over \(limit) bytes between two of its content codings (max_body)")
    case .stopped: break
    }
  }

  private func takeDecoded(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard body.count + bytes.count <= prepared.request.maxBody else {
      stop(.tooLarge, "the body is over \(prepared.request.maxBody) bytes after decompression (max_body)")
      return false
    }
    // Twice the size at a time: appending alone would grow by what fits, and move 60 KB several times.
    if body.capacity < body.count + bytes.count { body.reserveCapacity(room(for: body.count + bytes.count)) }
    body.append(contentsOf: bytes)
    return true
  }

  /// No announcement alone takes more memory than this, in bytes.
  private static let believed = 1 << 20

  /// What the server announced, where that is not less; it may be more after decompression, and the announcement wrong.
  private func room(for count: Int) -> Int {
    let announced = body.isEmpty ? min(Int(curl_get_content_length(easy)), Transfer.believed) : 0
    return min(max(announced, count, body.capacity * 2), max(count, prepared.request.maxBody))
  }

  func takeHeader(_ line: UnsafeRawBufferPointer) -> Bool {
    if let seconds = slowSecondsOfAnswer {
      slowSecondsOfAnswer = nil
      curl_set_long(easy, CURLOPT_LOW_SPEED_TIME, seconds)
    }
    guard head.read(line) else {
      stop(.tooLarge, "the response headers are over \(ResponseHead.maxBytes) bytes")
      return false
    }
    return true
  }

  /// Whether a socket may be opened to the address.
  func mayConnect(to address: IPAddress?) -> Bool {
    guard permits(address) else { return false }
    socketsOpened += 1
    return true
  }

  /// Whether the request may be sent over the connection, a new one or a kept one.
  func maySend(to address: IPAddress?) -> Bool {
    guard permits(address) else {
      stopped = stopped ?? refused
      return false
    }
    timesSent += 1
    // When a kept connection turns out dead, libcurl sends again over a new one. The first may have been acted upon.
    if timesSent > 1, !mayRepeat {
      stop(.reset, "a kept connection ended before the answer came; the request was not repeated")
      return false
    }
    return true
  }

  private var mayRepeat: Bool { [.get, .head].contains(prepared.request.method) }

  private func permits(_ address: IPAddress?) -> Bool {
    do throws(FetchFailure) {
      guard let address else { throw FetchFailure(.refusedAddress, "\(prepared.site.origin) is no internet address") }
      try gate.check(address, for: prepared.proxy?.url ?? prepared.target)
      return true
    } catch {
      refused = error
      return false
    }
  }

  private func stop(_ reason: FetchFailure.Reason, _ message: String) {
    if stopped == nil { stopped = FetchFailure(reason, "\(prepared.site.origin): \(message)") }
  }

  /// Called once, when libcurl is done with it.
  func result(_ code: CURLcode, origins: OriginMap) -> Result<Response, FetchFailure> {
    if let failure = failure(code) { return .failure(failure) }
    return .success(
      Response(
        status: curl_get_status(easy), headers: head.headers.map { mappedBack($0, origins: origins) }, body: body,
        url: prepared.site.text, elapsed: .microseconds(curl_get_total_microseconds(easy))))
  }

  private func failure(_ code: CURLcode) -> FetchFailure? {
    if code == CURLE_OK, stopped == nil {
      do throws(ContentDecoding.Problem) { try decoding?.finish() } catch { note(error) }
    }
    if let stopped { return stopped }
    if code == CURLE_OK, head.isEnded, curl_get_status(easy) >= 200 { return nil }
    // libcurl takes a head that was cut off for an answer without a body.
    if code == CURLE_OK {
      return FetchFailure(.reset, "\(prepared.site.origin): the connection ended amid the headers of the answer")
    }
    // Some addresses may have been refused and others have failed: then the failure is the news.
    if let refused, socketsOpened == 0 { return refused }
    return CurlFailures.failure(
      code, origin: prepared.site.origin, detail: String(cString: errorText), isSent: timesSent > 0)
  }

  /// What the proxy had to do with a failure.
  func fault(_ code: CURLcode) -> ProxyFault? {
    guard prepared.proxy != nil else { return nil }
    if code == CURLE_OK {
      // To a tunnel libcurl says so itself; without one it is the proxy that is asked, and that answers.
      return prepared.target.scheme == "http" && curl_get_status(easy) == 407 ? .own("asks for a login (407)") : nil
    }
    guard timesSent == 0, stopped == nil, refused == nil || socketsOpened > 0 else { return nil }
    return ProxyFault(code, easy: easy, detail: String(cString: errorText))
  }

  /// What a transfer that waited for a connection until its time was over has come to.
  var overdue: FetchFailure {
    FetchFailure(
      timesSent > 0 ? .timeout : .connect, "\(prepared.site.origin): the time ran out while all connections were in use"
    )
  }

  /// A mirror redirects to itself; callers only ever see the site's own URLs.
  private func mappedBack(_ header: Request.Header, origins: OriginMap) -> Request.Header {
    guard !origins.isEmpty, ["location", "content-location"].contains(header.name.lowercased()),
      header.value.contains("//"), let absolute = resolve(header.value, against: prepared.target.text),
      let url = try? ParsedURL(absolute)
    else { return header }
    let site = origins.siteURL(for: url, near: prepared.site)
    return site == url ? header : Request.Header(header.name, site.text)
  }
}

private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
  context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
}

private func bodyCallback(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let transfer = transfer(context), let bytes, count > 0 else { return 0 }
  return transfer.takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
}

private func headerCallback(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let transfer = transfer(context), let bytes, count > 0 else { return 0 }
  return transfer.takeHeader(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
}

private func socketCallback(
  _ context: UnsafeMutableRawPointer?, _ purpose: curlsocktype, _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
  guard let transfer = transfer(context), let address else { return curl_no_socket() }
  var bytes = [UInt8](repeating: 0, count: 16)
  var port: Int32 = 0
  let count = Int(curl_address_bytes(address, &bytes, &port))
  return transfer.mayConnect(to: IPAddress(bytes: Array(bytes[..<count])))
    ? curl_open_socket(address) : curl_no_socket()
}

private func requestCallback(
  _ context: UnsafeMutableRawPointer?, _ peer: UnsafeMutablePointer<CChar>?, _ local: UnsafeMutablePointer<CChar>?,
  _ peerPort: Int32, _ localPort: Int32
) -> Int32 {
  guard let transfer = transfer(context), let peer else { return CURL_PREREQFUNC_ABORT }
  return transfer.maySend(to: IPAddress(String(cString: peer))) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}

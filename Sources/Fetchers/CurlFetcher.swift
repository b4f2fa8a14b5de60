internal import CLibCurl
import Glibc
import Language
import PluginHost
import Synchronization

/// Fetches over HTTP and HTTPS: libcurl's multi interface on one thread of its own, async on top.
///
/// Connections, TLS sessions and resolved names are kept and shared by all exchanges; cookies only by exchanges that
/// name the same jar. Proxies in the environment are ignored. The thread ends with ``shutdown()`` or with the fetcher.
public final class CurlFetcher: Fetcher {
  public static let kind = "http"
  public static let summary = "Fetches over HTTP/1.1 and HTTP/2 with libcurl."

  public struct Configuration: Sendable {
    public let origins: OriginMap
    public let allowed: AllowList
    /// Sent where a request brings none of its own.
    public let userAgent: String
    /// A PEM file to trust instead of the system's authorities.
    public var certificateAuthorities: String?
    /// Connections open at once, over all hosts; further exchanges wait, and their time runs.
    public var maxConnections = 256
    /// Addresses to use for a name instead of asking DNS, like a line of /etc/hosts. The gate still judges them.
    public var fixedAddresses: [String: [String]] = [:]
    /// For the expiry of cookies.
    public var time: any TimeSource = SystemTime()
    /// An answer slower than 100 bytes a second for so long is cut: RELIABILITY.md 3.2, slow servers.
    var slowSeconds = 10

    /// - Parameter allowedHosts: As ``AllowList`` describes.
    /// - Throws: ``SyntaxError`` for the first entry that is not a host or range.
    public init(
      origins: OriginMap = OriginMap(), allowedHosts: [String] = [],
      userAgent: String = PluginHost.Configuration.defaultUserAgent
    ) throws(SyntaxError) {
      self.origins = origins
      allowed = try AllowList(parsing: allowedHosts)
      self.userAgent = userAgent
    }

    public var gate: AddressGate { AddressGate(allowed: allowed, origins: origins) }

    var settings: CurlSettings {
      CurlSettings(
        authorities: certificateAuthorities, slowBytesPerSecond: 100, slowSeconds: slowSeconds,
        maxConnections: maxConnections,
        fixedAddresses: fixedAddresses)
    }
  }

  private let configuration: Configuration
  private let gate: AddressGate
  private let mailbox = CurlMailbox()
  private let rotation = ProxyRotation()
  private let thread: Mutex<pthread_t?>

  static let cancelled = FetchFailure(.cancelled, "the exchange was cancelled")

  public init(configuration: Configuration) {
    self.configuration = configuration
    gate = configuration.gate
    thread = Mutex(startCurlThread(mailbox, configuration))
  }

  deinit { shutdown() }

  /// Sockets opened since the start; an exchange over a kept connection opens none.
  public var socketsOpened: Int { mailbox.socketsOpened.load(ordering: .relaxed) }

  /// Ends what is in flight as cancelled, takes nothing new, and returns when the thread has ended.
  public func shutdown() {
    mailbox.close()
    thread.withLock { thread in
      guard let running = thread else { return }
      pthread_join(running, nil)
      thread = nil
    }
  }

  public func exchange(_ request: Request) async throws(FetchFailure) -> Response {
    let prepared = try prepare(request)
    guard let route = request.route, !route.proxies.isEmpty else { return try await exchange(prepared).result.get() }
    return try await exchange(prepared, through: route)
  }

  /// Through the proxy whose turn it is, and where that fails before the site has heard anything through the next.
  private func exchange(_ prepared: PreparedRequest, through route: Route) async throws(FetchFailure) -> Response {
    var prepared = prepared
    let deadline = configuration.time.uptime() + prepared.request.timeout
    let origin = prepared.site.origin
    var said: [String] = []
    var isSitesFault = false
    for proxy in rotation.candidates(route.proxies, jar: prepared.request.cookieJar, now: configuration.time.uptime()) {
      prepared.proxy = try prepare(proxy)
      prepared.request.timeout = deadline - configuration.time.uptime()
      guard prepared.request.timeout > .zero else { break }
      let exchanged = await exchange(prepared)
      guard let fault = exchanged.fault else {
        if case .success = exchanged.result { rotation.worked(proxy) }
        return try exchanged.result.get()
      }
      switch fault {
      case .own(let words):
        rotation.failed(proxy, now: configuration.time.uptime())
        said.append("\(proxy) \(words)")
      case .unreachable(let words):
        rotation.worked(proxy)
        said.append("\(proxy) \(words)")
        isSitesFault = true
      case .silent(let words):
        rotation.fellSilent(proxy, for: origin, now: configuration.time.uptime())
        said.append("\(proxy) \(words)")
        isSitesFault = true
      }
      if Task.isCancelled { throw Self.cancelled }
    }
    if said.isEmpty {
      let wait = rotation.wait(route.proxies, now: configuration.time.uptime()).components.seconds
      throw FetchFailure(.proxy, "\(origin): every proxy rests after failures; the next is tried in \(wait + 1) s")
    }
    throw FetchFailure(
      isSitesFault ? .connect : .proxy, "\(origin): no proxy could be used: \(said.joined(separator: "; "))")
  }

  private func prepare(_ proxy: ProxyAddress) throws(FetchFailure) -> PreparedProxy {
    guard !proxy.isUnresolved else {
      throw FetchFailure(.refusedURL, "the proxy \(proxy) names a secret that is not set, so nothing was sent")
    }
    do throws(FetchFailure) {
      return PreparedProxy(address: proxy, url: try gate.check(url: "http://\(proxy.host):\(proxy.port)/"))
    } catch {
      // Its words may name the host, which may be part of a secret.
      throw FetchFailure(error.reason, "the proxy \(proxy) is not allowed: a private address or a refused port")
    }
  }

  private func exchange(_ prepared: PreparedRequest) async -> Exchanged {
    let ticket = Ticket()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { (answer: Answer) in
        if !mailbox.put(.start(prepared, ticket, answer)) { answer.resume(returning: .failure(Self.cancelled)) }
      }
    } onCancel: {
      // The flag is for a cancel that comes before the start; the command for one that comes after.
      ticket.cancel()
      _ = mailbox.put(.cancel(ticket))
    }
  }

  private func prepare(_ request: Request) throws(FetchFailure) -> PreparedRequest {
    let asked = try ParsedURL(request.url)
    let site = configuration.origins.siteURL(for: asked)
    let target = configuration.origins.target(for: site)
    try gate.check(target)
    return PreparedRequest(
      request: request, site: site, target: target,
      headerLines: try RequestHeaders.lines(of: request, userAgent: configuration.userAgent))
  }
}

/// Once for the process, before any handle is made.
private let curlStarted: Bool = curl_start() == CURLE_OK

private final class ThreadStart: Sendable {
  let mailbox: CurlMailbox
  let configuration: CurlFetcher.Configuration
  let multi: MultiHandle

  init(mailbox: CurlMailbox, configuration: CurlFetcher.Configuration, multi: MultiHandle) {
    self.mailbox = mailbox
    self.configuration = configuration
    self.multi = multi
  }
}

private func startCurlThread(_ mailbox: CurlMailbox, _ configuration: CurlFetcher.Configuration) -> pthread_t {
  guard curlStarted, let raw = curl_multi_init() else { preconditionFailure("libcurl does not start: out of memory") }
  let multi = MultiHandle(raw: raw)
  mailbox.open(multi)
  let start = Unmanaged.passRetained(ThreadStart(mailbox: mailbox, configuration: configuration, multi: multi))
  var thread = pthread_t()
  let failed = pthread_create(&thread, nil, curlThreadMain, start.toOpaque())
  precondition(failed == 0, "no thread for libcurl: \(String(cString: strerror(failed)))")
  return thread
}

private func curlThreadMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context else { return nil }
  let start = Unmanaged<ThreadStart>.fromOpaque(context).takeRetainedValue()
  // OpenSSL writes to sockets that the peer closed, which raises SIGPIPE; other signals are the process's business.
  var all = sigset_t()
  sigfillset(&all)
  pthread_sigmask(SIG_BLOCK, &all, nil)
  pthread_setname_np(pthread_self(), "curl")
  CurlLoop(mailbox: start.mailbox, configuration: start.configuration, multi: start.multi).run()
  return nil
}

import Language

/// One HTTP request, ready to send: every template rendered, every value encoded.
public struct Request: Sendable, Hashable {
  public enum Method: String, Sendable, Hashable, CaseIterable {
    case get = "GET", head = "HEAD", post = "POST", put = "PUT", patch = "PATCH", delete = "DELETE"
  }

  /// An ordered header; names compare case-blind.
  public struct Header: Sendable, Hashable {
    public var name: String
    public var value: String
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }

    /// Headers that decide where a request goes or where it ends, and the coding of its answer. A spec that could set
    /// them could speak to another host or smuggle a second request, so `check` refuses them and the fetcher does again.
    /// Lower case.
    public static let engineOwned: Set<String> = [
      "host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer", "expect",
      "proxy-authorization", "proxy-connection", "accept-encoding",
    ]

    public var isEngineOwned: Bool { Header.engineOwned.contains(name.lowercased()) }
  }

  public var method: Method
  /// Absolute http or https URL, percent-encoded, as the site knows it (before any `--origin` mapping).
  public var url: String
  public var headers: [Header]
  public var body: [UInt8]?
  /// From the start to the last byte.
  public var timeout: Duration
  public var connectTimeout: Duration
  /// In bytes, after decompression.
  public var maxBody: Int
  /// Validators of a stored body; never set where none is stored.
  public var validators: Validators?
  /// Requests of one jar share cookies; nil sends and keeps none.
  public var cookieJar: String?
  /// Hops beyond the first; 0 takes a 3xx answer as the answer.
  public var maxRedirects: Int
  /// Proxies and certificates; nil goes straight to the site.
  public var route: Route?

  public init(
    method: Method = .get, url: String, headers: [Header] = [], body: [UInt8]? = nil, timeout: Duration = .seconds(30),
    connectTimeout: Duration = .seconds(10), maxBody: Int = 8 << 20, validators: Validators? = nil,
    cookieJar: String? = nil, maxRedirects: Int = 10, route: Route? = nil
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.connectTimeout = connectTimeout
    self.maxBody = maxBody
    self.validators = validators
    self.cookieJar = cookieJar
    self.maxRedirects = maxRedirects
    self.route = route
  }

  public func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }
}

/// What a server gave to recognise a body again (RFC 9110, 8.8).
public struct Validators: Sendable, Hashable {
  public var etag: String?
  public var lastModified: String?
  public init(etag: String? = nil, lastModified: String? = nil) {
    self.etag = etag
    self.lastModified = lastModified
  }
}

/// The answer to a ``Request``; any status is an answer.
public struct Response: Sendable, Hashable {
  public var status: Int
  public var headers: [Request.Header]
  /// Decompressed, within the request's `maxBody`.
  public var body: [UInt8]
  /// Where the answer came from after redirects, as the site knows it.
  public var url: String
  public var elapsed: Duration

  public init(status: Int, headers: [Request.Header] = [], body: [UInt8] = [], url: String, elapsed: Duration = .zero) {
    self.status = status
    self.headers = headers
    self.body = body
    self.url = url
    self.elapsed = elapsed
  }

  /// The first header of that name, case-blind.
  public func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }

  public var validators: Validators? {
    let found = Validators(etag: header("ETag"), lastModified: header("Last-Modified"))
    return found == Validators() ? nil : found
  }
}

/// Why there is no answer. The reason is one of a fixed list of words, shared by logs, metrics and retry policy.
public struct FetchFailure: Error, Sendable, Hashable {
  public enum Reason: String, Sendable, Hashable, CaseIterable {
    /// The name did not resolve, in time or at all.
    case dns
    /// No connection came about, in time or at all. Nothing was sent, as with `dns` and `tls`.
    case connect
    /// Not sent: the site's proxies fail, or rest because they did. Says nothing about the site.
    case proxy
    /// The connection could not be made safe, in time or at all.
    case tls
    /// The request was sent, and its time or the patience with a slow answer ran out.
    case timeout
    /// The connection ended before the answer did.
    case reset
    /// The body or the headers passed a limit.
    case tooLarge = "too_large"
    case tooManyRedirects = "too_many_redirects"
    /// A loopback, private, link-local, CGNAT or metadata address that the configuration does not allow.
    case refusedAddress = "refused_address"
    /// A scheme, port or form of URL that is never fetched.
    case refusedURL = "refused_url"
    /// The path matches one of the site's `never` globs.
    case refusedNever = "refused_never"
    /// The origin's robots.txt disallows it, and the site's spec obeys that.
    case refusedRobots = "refused_robots"
    /// Not HTTP, or a content coding that can't be decoded.
    case garbled
    case cancelled
    /// Not sent: the origin asked for silence (`Retry-After`), or failed too often of late.
    case heldBack = "held_back"
    /// Not sent: no origin can be reached, so the fault is this machine's or its line's.
    case offline
  }

  public var reason: Reason
  /// One sentence for a person; holds no query string, header or body.
  public var message: String

  public init(_ reason: Reason, _ message: String) {
    self.reason = reason
    self.message = message
  }
}

/// Sends one request and gives its answer: one hop, no redirect followed, no politeness. Engine adds both.
///
/// A fetcher is shared by all watches and called from any task, many calls at once. Cancelling the calling task ends
/// the exchange soon and throws `.cancelled`. It never retries, never keeps an answer for another request, and refuses
/// what the address gate refuses on every call, a reused connection included.
public protocol Fetcher: Sendable {
  /// The word for it in `slothunter kinds`.
  static var kind: String { get }
  /// One line of help.
  static var summary: String { get }
  /// - Throws: ``FetchFailure`` when no complete answer came.
  func exchange(_ request: Request) async throws(FetchFailure) -> Response
}

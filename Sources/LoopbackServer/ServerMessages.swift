/// A header as received or to send; names compare case-blind.
public struct ServerHeader: Sendable, Hashable {
  public var name: String
  public var value: String
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// One request as the server read it.
public struct ServerRequest: Sendable, Hashable {
  public var method: String
  /// As sent: still percent-encoded, without the query.
  public var path: String
  /// As sent, without the `?`; nil where there is none.
  public var query: String?
  public var headers: [ServerHeader]
  public var body: [UInt8]

  public init(
    method: String, path: String, query: String? = nil, headers: [ServerHeader] = [], body: [UInt8] = []
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
  }

  /// `/path?query` as sent.
  public var target: String { query.map { path + "?" + $0 } ?? path }

  /// The body as text; invalid UTF-8 is repaired.
  public var text: String { String(decoding: body, as: UTF8.self) }

  /// The first header of that name, case-blind.
  public func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }
}

/// What to answer. Framing (Content-Length, Connection, Date …) is the server's: such headers are left out. A header that
/// can't be sent (a line end in it) turns the answer into a 500 that names it.
public struct ServerResponse: Sendable, Hashable {
  public enum Ending: Sendable, Hashable {
    /// The connection stays open for more requests.
    case keepAlive
    /// The connection is closed after the answer.
    case close
    /// The connection is closed instead of an answer.
    case abort
  }

  public var status: Int
  public var headers: [ServerHeader]
  public var body: [UInt8]
  /// Time to wait before the answer; ends early when the server stops.
  public var delay: Duration
  public var ending: Ending

  public init(
    status: Int = 200, headers: [ServerHeader] = [], body: [UInt8] = [], delay: Duration = .zero,
    ending: Ending = .keepAlive
  ) {
    self.status = status
    self.headers = headers
    self.body = body
    self.delay = delay
    self.ending = ending
  }

  public static func text(_ text: String, type: String = "text/plain; charset=utf-8", status: Int = 200) -> Self {
    Self(status: status, headers: [ServerHeader("Content-Type", type)], body: Array(text.utf8))
  }

  public static func html(_ text: String, status: Int = 200) -> Self {
    .text(text, type: "text/html; charset=utf-8", status: status)
  }

  public static func json(_ text: String, status: Int = 200) -> Self {
    .text(text, type: "application/json", status: status)
  }

  public static func redirect(to location: String, status: Int = 302) -> Self {
    Self(status: status, headers: [ServerHeader("Location", location)])
  }

  public static let notFound = text("not found\n", status: 404)
}

import Language
import PluginHost

/// One question of a run and its answer, redirects followed: what a sample is made of.
public struct RunExchange: Sendable, Hashable {
  public var step: String
  public var method: Request.Method
  /// As it was asked, percent-encoded.
  public var url: String
  public var body: [UInt8]?
  public var response: Response

  public init(step: String, method: Request.Method, url: String, body: [UInt8]? = nil, response: Response) {
    self.step = step
    self.method = method
    self.url = url
    self.body = body
    self.response = response
  }

  /// - Parameter identity: ``Request/identity(step:)``; names of steps and URLs have no blanks.
  public init?(identity: String, response: Response) {
    let parts = identity.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
    guard parts.count >= 3, let method = Request.Method(rawValue: parts[1]) else { return nil }
    self.init(
      step: parts[0], method: method, url: parts[2], body: parts.count > 3 ? Array(parts[3].utf8) : nil,
      response: response)
  }

  public var identity: String {
    "\(step) \(method.rawValue) \(url)" + (body.map { " " + String(decoding: $0, as: UTF8.self) } ?? "")
  }
}

extension RunResult {
  /// What was answered, step by step; within a step in the order of the requests' text, which is the same in each run.
  public func exchanges(of spec: SiteSpec) -> [RunExchange] {
    let order = Dictionary(spec.steps.enumerated().map { ($1.name, $0) }) { first, _ in first }
    let found = answered.sorted { $0.key < $1.key }.compactMap { identity, result -> RunExchange? in
      guard case .success(let response) = result else { return nil }
      return RunExchange(identity: identity, response: response)
    }
    return found.enumerated().sorted { a, b in
      (order[a.element.step] ?? 0, a.offset) < (order[b.element.step] ?? 0, b.offset)
    }.map(\.element)
  }

  func answer(to trace: RequestTrace) -> Response? {
    guard case .success(let response)? = answered[trace.identity] else { return nil }
    return response
  }
}

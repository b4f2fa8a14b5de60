import PluginHost
import Synchronization

/// One exchange of a sample: what was asked and what came back.
public struct RecordedExchange: Sendable {
  /// What a request's body must be for the exchange to match.
  public enum BodyMatch: Sendable, Hashable {
    /// Fields that a form body must have, decoded; it may have more.
    case form([String: String])
    case bytes([UInt8])
  }

  public var method: Request.Method
  /// Compared decoded and with its query in any order.
  public var url: String
  /// nil matches any body.
  public var body: BodyMatch?
  public var response: Response

  public init(method: Request.Method, url: String, body: BodyMatch? = nil, response: Response) {
    self.method = method
    self.url = url
    self.body = body
    self.response = response
  }
}

/// Answers from recorded exchanges; nothing leaves the machine.
///
/// Exchanges that match the same request are given one after the other in their order; the last one again for every
/// further request.
public final class SampleFetcher: Fetcher {
  public static let kind = "sample"
  public static let summary = "Replays the recorded exchanges of a sample."

  private struct Entry: Sendable {
    var key: URLKey
    var exchange: RecordedExchange

    func matches(_ request: Request, key: URLKey) -> Bool {
      guard exchange.method == request.method, self.key == key else { return false }
      switch exchange.body {
      case nil: return true
      case .bytes(let bytes): return bytes == request.body ?? []
      case .form(let wanted):
        let sent = Set(FormField.read(request.body ?? []))
        return wanted.allSatisfy { sent.contains(FormField(name: Array($0.key.utf8), value: Array($0.value.utf8))) }
      }
    }
  }

  private let entries: [Entry]
  private let used: Mutex<Set<Int>>

  /// - Throws: `.refusedURL` for a recorded URL that is never fetched.
  public init(_ exchanges: [RecordedExchange]) throws(FetchFailure) {
    var entries: [Entry] = []
    for exchange in exchanges {
      entries.append(Entry(key: URLKey(try ParsedURL(exchange.url)), exchange: exchange))
    }
    self.entries = entries
    used = Mutex([])
  }

  public func exchange(_ request: Request) async throws(FetchFailure) -> Response {
    guard !Task.isCancelled else { throw CurlFetcher.cancelled }
    return try answer(to: request)
  }

  /// The recorded answer, for callers that can't wait: a stand-in that serves a sample over HTTP.
  ///
  /// - Throws: `.connect` where none was recorded.
  public func answer(to request: Request) throws(FetchFailure) -> Response {
    let url = try ParsedURL(request.url)
    let key = URLKey(url)
    let matching = entries.indices.filter { entries[$0].matches(request, key: key) }
    let chosen = used.withLock { used -> Int? in
      guard let index = matching.first(where: { !used.contains($0) }) ?? matching.last else { return nil }
      used.insert(index)
      return index
    }
    guard let chosen else {
      throw FetchFailure(.connect, "no recorded answer for \(request.method.rawValue) \(url.origin)\(url.path)")
    }
    var response = entries[chosen].exchange.response
    guard response.body.count <= request.maxBody else {
      throw FetchFailure(.tooLarge, "\(url.origin): the body is over \(request.maxBody) bytes (max_body)")
    }
    response.url = url.text
    return response
  }

  /// Recorded exchanges that no request has asked for yet, as `METHOD URL`.
  public var unused: [String] {
    used.withLock { used in
      entries.indices.filter { !used.contains($0) }.map {
        "\(entries[$0].exchange.method.rawValue) \(entries[$0].exchange.url)"
      }
    }
  }
}

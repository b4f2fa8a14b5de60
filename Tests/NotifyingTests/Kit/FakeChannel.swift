import Language
import PluginHost
import Synchronization

/// A channel's server as a function; keeps what it was asked, and when.
final class FakeChannel: Fetcher {
  static let kind = "fake"
  static let summary = "a test's own server"

  typealias Handler = @Sendable (Request, Int) async -> Result<Response, FetchFailure>

  struct Call: Sendable {
    var request: Request
    /// Uptime.
    var at: Duration
  }

  private let state = Mutex<(calls: [Call], now: Int, most: Int)>(([], 0, 0))
  private let time: any TimeSource
  private let handler: Handler

  /// - Parameter handler: Gets the request and its number, from 1.
  init(_ time: any TimeSource, _ handler: @escaping Handler) {
    self.time = time
    self.handler = handler
  }

  var calls: [Call] { state.withLock { $0.calls } }
  /// The most requests there were at once.
  var mostAtOnce: Int { state.withLock { $0.most } }

  func exchange(_ request: Request) async throws(FetchFailure) -> Response {
    let at = time.uptime()
    let number = state.withLock { state in
      state.calls.append(Call(request: request, at: at))
      state.now += 1
      state.most = max(state.most, state.now)
      return state.calls.count
    }
    let result = await handler(request, number)
    state.withLock { $0.now -= 1 }
    return try result.get()
  }
}

/// An answer with a body.
func answer(_ status: Int, _ body: String = "", headers: [Request.Header] = []) -> Result<Response, FetchFailure> {
  .success(Response(status: status, headers: headers, body: Array(body.utf8), url: "https://channel.example/"))
}

let telegramOK = #"{"ok":true,"result":{"message_id":42}}"#

func telegramError(_ code: Int, _ description: String, parameters: String? = nil) -> Result<Response, FetchFailure> {
  let more = parameters.map { #","parameters":"# + $0 } ?? ""
  return answer(code, #"{"ok":false,"error_code":\#(code),"description":"\#(description)"\#(more)}"#)
}

extension Request {
  var text: String { String(decoding: body ?? [], as: UTF8.self) }
  var json: JSON { (try? JSON(parsing: body ?? [])) ?? .null }

  /// A member of a JSON body, as text.
  func member(_ name: String) -> String? {
    guard case .object(let members) = json, let value = members[name] else { return nil }
    return Value(json: value).plainText
  }
}

/// Lines that were printed.
final class LineBox: Sendable {
  private let lines = Mutex<[String]>([])
  func add(_ line: String) { lines.withLock { $0.append(line) } }
  var all: [String] { lines.withLock { $0 } }
}

/// An answer that a test changes between sends.
final class AnswerBox: Sendable {
  private let current = Mutex<Result<Response, FetchFailure>>(.failure(FetchFailure(.connect, "not set")))
  var answer: Result<Response, FetchFailure> {
    get { current.withLock { $0 } }
    set { current.withLock { $0 = newValue } }
  }
}

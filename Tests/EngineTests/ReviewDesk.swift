import Engine
import Language
import PluginHost
import SiteSpecs
import Storage
import Synchronization

/// A spec of the test's own over a site that answers in the process: for shapes that the shipped sites do not have.
struct Desk {
  let site = DeskSite()
  let store: Store
  let executor: WatchExecutor
  private let time = DeskTime()
  var watch: Watch
  var outlets = Outlets(channels: ["people", "ops"], maintainers: [MaintainerTarget(channel: "ops")])
  /// Moved on by a minute with each run.
  var now = Instant(seconds: FakeClinic.midnight)

  init(_ yaml: String, first: Subscription.First = .none, store: Store? = nil) throws {
    let (spec, diagnostics) = SpecReader(catalog: Builtins.catalog).readSite(file: "sites/desk.yaml", text: yaml)
    guard let spec else { throw Bench.BadSpec(text: diagnostics.map { "\($0)" }.joined(separator: "\n")) }
    try self.init(spec, first: first, store: store)
  }

  init(_ spec: SiteSpec, params: [String: String] = [:], first: Subscription.First = .none, store: Store? = nil) throws
  {
    self.store = try store ?? Store(path: "", mode: .inMemory)
    let runner = WatchRunner(
      catalog: Builtins.catalog, sender: RequestSender(fetcher: site, governor: nil, time: time), time: time,
      userAgent: "test")
    executor = WatchExecutor(runner: runner, store: self.store, time: time, random: .system, log: .none)
    watch = Watch(
      spec: spec, params: params, every: .seconds(60),
      subscriptions: [Subscription(channel: "people", to: "1001", language: "en", first: first)])
  }

  /// One run, a minute after the one before.
  mutating func run() async throws -> RunCommit {
    now = now + .seconds(60)
    time.set(now)
    return try await executor.execute(watch, outlets: outlets, now: now).commit
  }

  /// A spec of one list, in the step `list` at `/list`.
  ///
  /// - Parameters:
  ///   - reading: What stands below the request.
  ///   - items: What stands in `items`.
  static func list(_ reading: String, items: String = "key: [id]") -> String {
    """
    site: desk
    title: Desk
    timezone: Asia/Tehran
    steps:
      - step: list
        get: https://desk.example/list
        \(reading.replacing("\n", with: "\n    "))
    items: { \(items) }
    """ + alert
  }

  /// What every test's spec ends with.
  static let alert = """

    alert:
      title: { en: "New", fa: "تازه" }
      line: { en: "{id}", fa: "{id}" }
    """
}

/// The machine's clocks, but for the wall time, which is the run's.
final class DeskTime: TimeSource {
  private let wall = Mutex(Instant(seconds: FakeClinic.midnight))
  private let machine = SystemTime()

  func set(_ now: Instant) { wall.withLock { $0 = now } }
  func now() -> Instant { wall.withLock { $0 } }
  func uptime() -> Duration { machine.uptime() }
  func suspended() -> Duration { machine.suspended() }
  func sleep(for duration: Duration) async throws { try await machine.sleep(for: duration) }
}

/// Answers by path and query; what it does not know is 404. Remembers every request.
final class DeskSite: Fetcher {
  static let kind = "desk"
  static let summary = "Answers of a test."

  private struct State {
    var answers: [String: Response] = [:]
    var requests: [Request] = []
  }
  private let state = Mutex(State())

  var requests: [Request] { state.withLock { $0.requests } }

  /// - Parameter path: From the first slash, with its query.
  func set(_ path: String, _ body: String, status: Int = 200, headers: [Request.Header] = [], elapsed: Duration = .zero)
  {
    let headers = [Request.Header("Content-Type", "application/json")] + headers
    let response = Response(status: status, headers: headers, body: Array(body.utf8), url: "", elapsed: elapsed)
    state.withLock { $0.answers[path] = response }
  }

  func exchange(_ request: Request) async throws(FetchFailure) -> Response {
    let start = request.url.range(of: "://")?.upperBound ?? request.url.startIndex
    let path = String(request.url[start...].drop { $0 != "/" })
    return state.withLock { state in
      state.requests.append(request)
      var response = state.answers[path] ?? Response(status: 404, url: request.url)
      response.url = request.url
      return response
    }
  }
}

extension StringProtocol {
  fileprivate func range(of text: String) -> Range<Index>? { ranges(of: text).first }
}

import Language
import LoopbackServer
import Notifying
import PluginHost
import Synchronization

/// Everything outside of one service under test, on loopback: a clinic's site in the shape of Paziresh24, Telegram, and a
/// webhook that checks signatures. Every request is remembered.
final class ServiceWorld: Sendable {
  typealias Answer = @Sendable (ServerRequest) -> ServerResponse

  struct SiteRequest: Sendable {
    /// Its last word: `getFreeDays`, or the doctor's slug.
    var what: String
    var at: Duration
  }

  struct TelegramPost: Sendable {
    var chat: String
    var text: String
    var status: Int
    var at: Duration
  }

  struct HookPost: Sendable {
    var type: String
    var title: String
    var lines: [String]
    var isSigned: Bool
    var at: Duration

    var isForMaintainers: Bool { type == "slot.maintainer" }
  }

  fileprivate struct State {
    var page = ClinicPage()
    var days: [String: ServerResponse] = [:]
    var telegram: Answer = { _ in ServiceWorld.delivered }
    var telegramScript: [Answer] = []
    var site: [SiteRequest] = []
    var posts: [TelegramPost] = []
    var hooks: [HookPost] = []
  }

  /// Shared with the server's handler, which must not keep its server alive.
  fileprivate final class Shared: Sendable {
    let state = Mutex(State())
    let started = ContinuousClock.now
  }

  static let token = "1000000001:slothunter-test-token-of-no-bot"
  /// Base64 of `a signing secret for tests only`.
  static let secret = "whsec_YSBzaWduaW5nIHNlY3JldCBmb3IgdGVzdHMgb25seQ=="
  static let delivered = ServerResponse.json(#"{"ok":true,"result":{"message_id":7}}"#)

  private let shared = Shared()
  let server: LoopbackServer

  init(services: [String: [Int]] = ["s1": [0]]) throws {
    shared.state.withLock { $0.page.services = services }
    let webhooks = try StandardWebhooks(secret: Secret(ServiceWorld.secret))
    server = try LoopbackServer { [shared] request in
      let at = ContinuousClock.now - shared.started
      if request.path == "/hook" { return shared.hook(request, webhooks, at) }
      if request.path.hasSuffix("/sendMessage") { return shared.telegram(request, at) }
      return shared.site(request, at)
    }
  }

  /// `--origin` values that bring every outside address here.
  var origins: [String] {
    ["www.paziresh24.com", "apigw.paziresh24.com", "api.telegram.org", "hook.example"].flatMap {
      ["--origin", "https://\($0)=\(server.origin)"]
    }
  }

  /// Free slots of each service, by number: slot `n` is `n` half hours after the first.
  var slots: [String: [Int]] {
    get { shared.state.withLock { $0.page.services } }
    set { shared.state.withLock { $0.page.services = newValue } }
  }

  /// What is renamed on the site, byte for byte the same at each request.
  var renamed: ClinicPage.Renamed? {
    get { shared.state.withLock { $0.page.renamed } }
    set { shared.state.withLock { $0.page.renamed = newValue } }
  }

  /// What getFreeDays answers for one service instead of its slots.
  func days(of service: String, _ answer: ServerResponse?) { shared.state.withLock { $0.days[service] = answer } }

  /// What Telegram answers: `script` one after the other, then `answer` for ever.
  func telegram(_ script: [ServerResponse] = [], then answer: @escaping Answer = { _ in ServiceWorld.delivered }) {
    shared.state.withLock { state in
      state.telegramScript = script.map { response in { _ in response } }
      state.telegram = answer
    }
  }

  /// Text of the doctor's page that no field reads.
  var pageNote: String {
    get { shared.state.withLock { $0.page.note } }
    set { shared.state.withLock { $0.page.note = newValue } }
  }

  /// The time on the clock by which requests are remembered.
  var now: Duration { ContinuousClock.now - shared.started }

  var siteRequests: [SiteRequest] { shared.state.withLock { $0.site } }
  var posts: [TelegramPost] { shared.state.withLock { $0.posts } }
  /// Those that Telegram took.
  var deliveredPosts: [TelegramPost] { posts.filter { $0.status == 200 } }
  var hooks: [HookPost] { shared.state.withLock { $0.hooks } }
  var maintainerPosts: [HookPost] { hooks.filter(\.isForMaintainers) }
}

extension ServiceWorld.Shared {
  fileprivate func site(_ request: ServerRequest, _ at: Duration) -> ServerResponse {
    let words = request.path.split(separator: "/")
    return state.withLock { state in
      state.site.append(.init(what: words.last.map(String.init) ?? "", at: at))
      if request.method == "GET", words.first == "dr" { return .html(state.page.html) }
      guard request.method == "POST", words.last == "getFreeDays" else { return .notFound }
      let service = state.page.services.keys.first { request.text.contains("service_id=\($0)&") } ?? ""
      return state.days[service] ?? .json(state.page.days(of: service))
    }
  }

  fileprivate func telegram(_ request: ServerRequest, _ at: Duration) -> ServerResponse {
    let json = (try? JSON(parsing: request.body)) ?? .null
    let answer = state.withLock { state in
      state.telegramScript.isEmpty ? state.telegram : state.telegramScript.removeFirst()
    }
    let response = answer(request)
    state.withLock { state in
      // Without an answer nothing was taken.
      let status = response.ending == .abort || response.delay > .zero ? 0 : response.status
      state.posts.append(.init(chat: json.text("$.chat_id"), text: json.text("$.text"), status: status, at: at))
    }
    return response
  }

  fileprivate func hook(_ request: ServerRequest, _ webhooks: StandardWebhooks, _ at: Duration) -> ServerResponse {
    let json = (try? JSON(parsing: request.body)) ?? .null
    let isSigned = webhooks.verify(
      id: request.header("webhook-id"), timestamp: request.header("webhook-timestamp"),
      signature: request.header("webhook-signature"), body: request.body, now: SystemTime().now())
    state.withLock { state in
      state.hooks.append(
        .init(
          type: json.text("$.type"), title: json.text("$.data.title"), lines: json.texts("$.data.changes[*].text"),
          isSigned: isSigned, at: at))
    }
    return .text("", status: 204)
  }
}

extension JSON {
  /// The texts that a JSONPath selects; of strings what they hold, of the rest their JSON.
  func texts(_ path: String) -> [String] {
    let found = (try? JSONPath(path).select(from: self)) ?? []
    return found.map { if case .string(let text) = $0 { text } else { $0.text } }
  }

  func text(_ path: String) -> String { texts(path).first ?? "" }
}

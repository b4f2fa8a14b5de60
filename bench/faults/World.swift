import Glibc
import Language
import LoopbackServer
import Synchronization
import TestSupport

/// A site that has one more item at each request, and three channels that note when they hear of it.
final class World: Sendable {
  private struct State {
    var counts: [String: Int] = [:]
    /// When the site's answer with an item left.
    var born: [String: ContinuousClock.Instant] = [:]
    var latencies: [Duration] = []
  }

  private final class Shared: Sendable {
    let state = Mutex(State())
  }

  private let shared = Shared()
  let server: LoopbackServer

  init() throws {
    server = try LoopbackServer { [shared] request in
      let now = ContinuousClock.now
      if request.method == "GET" {
        let item = shared.state.withLock { state in
          let number = state.counts[request.path, default: 0] + 1
          state.counts[request.path] = number
          let item = "item-\(request.path.split(separator: "/").last ?? "")-\(number)-"
          state.born[item] = now
          return item
        }
        return .json(#"{"rows":[{"id":"\#(item)"}]}"#)
      }
      let text = request.text
      if let start = text.firstRange(of: "item-")?.lowerBound {
        let item = String(text[start...].prefix { $0.isLetter || $0.isNumber || $0 == "-" })
        shared.state.withLock { state in
          if let born = state.born[item] { state.latencies.append(now - born) }
        }
      }
      return .json(#"{"ok":true,"result":{"message_id":7},"status":1,"data":{"messageIds":[7]}}"#)
    }
  }

  /// From the site's answer to the channel's request, since the last time this was asked.
  func takeLatencies() -> [Duration] {
    shared.state.withLock { state in
      defer { state.latencies = [] }
      return state.latencies
    }
  }
}

/// A folder in which the real process runs for a while against a ``World``.
struct Home {
  static let watches = 20
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in ["telegram", "webhook", "smsir"] {
      // Our own pace is not what is measured.
      let lines = try text(of: packageRoot + "/notifiers/\(name).yaml").split(
        separator: "\n", omittingEmptySubsequences: false)
      let unlimited = lines.filter { !$0.hasPrefix("limits:") }.joined(separator: "\n")
      try folder.write(unlimited, to: "notifiers/\(name).yaml")
    }
    try folder.write(Self.site, to: "sites/bench.yaml")
    try folder.write(Self.configuration, to: "slothunter.yaml")
  }

  /// Runs `slothunter run` for so long, then kills it.
  func run(_ world: World, faulty: UInt16, for time: Duration) async throws -> ProgramResult {
    guard let program = slothunterBinary else { throw SpawnProblem(description: "slothunter is not built") }
    let origins = ["https://site.example", "https://api.telegram.org", "https://hook.example"].flatMap {
      ["--origin", "\($0)=\(world.server.origin)"]
    }
    return try await runProgram(
      program, ["run", "--log=warn", "--origin", "https://api.sms.ir=http://127.0.0.1:\(faulty)"] + origins,
      folder: folder.path,
      environment: [
        "BENCH_TOKEN": "1:token-of-nobody", "BENCH_SECRET": "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX",
        "SWIFT_BACKTRACE": "enable=no",
      ], timeout: time)
  }

  private static let site = """
    site: bench
    title: Bench
    timezone: UTC
    links: [ "https://site.example/list/{n}" ]
    limits: { rate: 1000/s, concurrency: 64, min_interval: 1s }
    steps:
      - step: list
        get: https://site.example/list/{n}
        anchor: $.rows
        rows: { each: "$.rows[*]", fields: { id: $.id } }
    items: { key: [id] }
    alert: { on: [added], title: { en: "New" }, line: { en: "{id}" }, useful_for: 15m }

    """

  private static var configuration: String {
    var text = """
      sites: [sites]
      notifiers: [notifiers]
      store: store.db
      channels:
        telegram: { notifier: telegram, enabled: true, token: "${BENCH_TOKEN}" }
        hook: { notifier: webhook, enabled: true, url: https://hook.example/hook, secret: "${BENCH_SECRET}" }
        sms: { notifier: smsir, enabled: true, key: "${BENCH_TOKEN}", line: 30000000 }
      maintainers: []
      watches:

      """
    for number in 1...watches {
      text += """
          - site: bench
            params: { n: "\(number)" }
            every: 1s
            notify:
              - { channel: telegram, to: "\(1000 + number)", language: en, first: none }
              - { channel: hook, language: en, first: none }
              - { channel: sms, to: "0900000\(1000 + number)", language: en, first: none }

        """
    }
    return text
  }
}

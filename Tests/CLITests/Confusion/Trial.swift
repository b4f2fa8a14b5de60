import Engine
import Fetchers
import Language
import PluginHost
import Storage
import Synchronization
import TestSupport

/// One breakage of one site, lived through by the engine with a store in a file: healthy, broken for more than an hour,
/// healthy again. Whatever anybody would get is counted.
struct Trial: Sendable {
  /// What was heard, by whom.
  struct Heard: Sendable {
    var people: [String] = []
    var maintainers: [String] = []
  }

  var subject: String
  var step: String
  var breakage: Breakage
  /// The first broken run's.
  var verdict: Verdict = .items
  var details: [String] = []
  var whileBroken = Heard()
  var afterwards = Heard()

  var name: String { "\(subject) \(step): \(breakage.kind.rawValue) \(breakage.detail)" }

  private final class Stage: Fetcher {
    static let kind = "stage"
    static let summary = "A site that changes between runs."
    private let site: Mutex<SampleFetcher>
    init(_ site: SampleFetcher) { self.site = Mutex(site) }
    func show(_ other: SampleFetcher) { site.withLock { $0 = other } }
    func exchange(_ request: Request) async throws(FetchFailure) -> Response {
      try await site.withLock { $0 }.exchange(request)
    }
  }

  /// - Parameter on: What the one subscriber wants to hear; the spec's own choice where nil.
  static func run(
    _ subject: Subject, _ step: String, _ breakage: Breakage, on: Set<Change.Kind>? = [.added, .removed, .updated],
    brokenFor: [Duration] = [.seconds(60), .seconds(10), .seconds(60), .seconds(3700), .seconds(60)]
  ) async throws -> Trial {
    var trial = Trial(subject: subject.name, step: step, breakage: breakage)
    let folder = try TemporaryFolder()
    let store = try Store(path: folder.path + "/s.db")
    let stage = Stage(try subject.whole())
    let time = ManualTime(at: subject.now)
    let runner = WatchRunner(
      catalog: Builtins.catalog, sender: RequestSender(fetcher: stage, governor: nil, time: time), time: time,
      userAgent: "test")
    let executor = WatchExecutor(runner: runner, store: store, time: time, random: .system, log: .none)
    // Rows kept for hours would hide what a step's page has come to.
    var spec = subject.spec
    for index in spec.steps.indices { spec.steps[index].refresh = nil }
    let watch = Watch(
      spec: spec, params: subject.params, every: .seconds(60),
      subscriptions: [Subscription(channel: "people", to: "1001", language: "en", first: .none, on: on)])
    let outlets = Outlets(channels: ["people", "ops"], maintainers: [MaintainerTarget(channel: "ops")])
    var now = subject.now
    func live(_ wait: Duration) async throws -> RunCommit {
      now = now + wait
      time.setWall(now)
      return try await executor.execute(watch, outlets: outlets, now: now).commit
    }
    func hear() async throws -> Heard {
      Heard(people: try await texts("people", store, now), maintainers: try await texts("ops", store, now))
    }
    for wait in [0, 60] { _ = try await live(.seconds(wait)) }
    _ = try await hear()
    stage.show(try subject.broken(breakage, in: step))
    for (index, wait) in brokenFor.enumerated() {
      let commit = try await live(wait)
      if index == 0 {
        trial.verdict = commit.outcomes.map(\.verdict).max() ?? .empty
        trial.details = commit.outcomes.compactMap(\.detail)
      }
    }
    trial.whileBroken = try await hear()
    stage.show(try subject.whole())
    for _ in 0..<2 { _ = try await live(.seconds(60)) }
    trial.afterwards = try await hear()
    return trial
  }

  /// Takes all that is due on a channel, and says what it was.
  private static func texts(_ channel: String, _ store: Store, _ now: Instant) async throws -> [String] {
    var all: [String] = []
    while true {
      let leased = try await store.lease(channel: channel, limit: 20, now: now, until: now + .seconds(60))
      if leased.isEmpty { return all }
      for delivery in leased {
        let attempt = AttemptRecord(
          delivery: delivery.id, attempt: delivery.attempt, startedAt: now, endedAt: now,
          outcome: .delivered(receipt: nil), status: 200, reason: "delivered", detail: nil, nextAt: nil)
        try await store.record([attempt], now: now)
        all.append(([delivery.message.title] + delivery.message.lines.map(\.text)).joined(separator: " / "))
      }
    }
  }
}

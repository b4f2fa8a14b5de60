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

    /// What they hear of a site that reads well.
    var drift: [String] {
      maintainers.filter { ["(drift)", "is there again", "matches again"].contains(where: $0.contains) }
    }
    var breaks: [String] { maintainers.filter { !drift.contains($0) } }
  }

  var subject: String
  var step: String
  var breakage: Breakage
  /// The first broken run's.
  var verdict: Verdict = .items
  var details: [String] = []
  var beforehand = Heard()
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

  /// What is lived through: who watches, and for how long.
  struct Course: Sendable {
    /// Watches of the one site, each with a subscriber of its own.
    var watches = 1
    /// Whether samples of good runs are looked at, as in the service.
    var looksForDrift = false
    var healthyFor: [Duration] = [.zero, .seconds(60)]
    var brokenFor: [Duration] = [.seconds(60), .seconds(10), .seconds(60), .seconds(3700), .seconds(60)]
    var healedFor: [Duration] = [.seconds(60), .seconds(60)]

    /// Two watches, and as many samples as it takes to know a site and to notice that it is another: one each five minutes.
    static let ofService = Course(
      watches: 2, looksForDrift: true, healthyFor: [.zero] + quiet(12),
      brokenFor: [.seconds(301), .seconds(10)] + quiet(6) + [.seconds(3700), .seconds(301)], healedFor: quiet(3))

    private static func quiet(_ count: Int) -> [Duration] { Array(repeating: .seconds(301), count: count) }
  }

  /// Moved between runs by the trial alone, without `ManualTime`'s waiting for others: in a run nothing may sleep, as no
  /// limits are kept here, and what did would hang all 545 pages.
  private final class TrialTime: TimeSource {
    private let clocks: Mutex<(wall: Instant, uptime: Duration)>
    init(_ now: Instant) { clocks = Mutex((now, .zero)) }
    func advance(by wait: Duration) { clocks.withLock { $0 = ($0.wall + wait, $0.uptime + wait) } }
    func now() -> Instant { clocks.withLock { $0.wall } }
    func uptime() -> Duration { clocks.withLock { $0.uptime } }
    func sleep(for duration: Duration) async throws { preconditionFailure("nothing waits in a trial") }
  }

  /// - Parameter on: What the subscribers want to hear; the spec's own choice where nil.
  static func run(
    _ subject: Subject, _ step: String, _ breakage: Breakage, on: Set<Change.Kind>? = [.added, .removed, .updated],
    _ course: Course = Course()
  ) async throws -> Trial {
    var trial = Trial(subject: subject.name, step: step, breakage: breakage)
    let folder = try TemporaryFolder()
    let store = try Store(path: folder.path + "/s.db")
    let stage = Stage(try subject.whole())
    let time = TrialTime(subject.now)
    let runner = WatchRunner(
      catalog: Builtins.catalog, sender: RequestSender(fetcher: stage, governor: nil, time: time), time: time,
      userAgent: "test")
    let drift = DriftWatch(store: store, time: time, random: .system, log: .none)
    let executor = WatchExecutor(
      runner: runner, store: store, time: time, random: .system, log: .none,
      drift: course.looksForDrift ? drift : nil)
    // Rows kept for hours would hide what a step's page has come to.
    var spec = subject.spec
    for index in spec.steps.indices { spec.steps[index].refresh = nil }
    let watches = (1...course.watches).map { number in
      var watch = Watch(
        spec: spec, params: subject.params, every: .seconds(60),
        subscriptions: [Subscription(channel: "people", to: "100\(number)", language: "en", first: .none, on: on)])
      // Another of the same site, which answers both alike.
      if number > 1 { watch.id += "-\(number)" }
      return watch
    }
    let outlets = Outlets(channels: ["people", "ops"], maintainers: [MaintainerTarget(channel: "ops")])
    var turn = 0
    /// In turns, so that samples are not all of the first: one is taken each five minutes.
    func live(_ wait: Duration) async throws -> RunCommit? {
      time.advance(by: wait)
      turn += 1
      var first: RunCommit?
      for index in watches.indices {
        let watch = watches[(index + turn) % watches.count]
        let commit = try await executor.execute(watch, outlets: outlets, now: time.now()).commit
        first = first ?? commit
      }
      return first
    }
    func hear() async throws -> Heard {
      let now = time.now()
      return Heard(people: try await texts("people", store, now), maintainers: try await texts("ops", store, now))
    }
    for wait in course.healthyFor { _ = try await live(wait) }
    trial.beforehand = try await hear()
    stage.show(try subject.broken(breakage, in: step))
    for (index, wait) in course.brokenFor.enumerated() {
      let commit = try await live(wait)
      if index == 0, let commit {
        trial.verdict = commit.outcomes.map(\.verdict).max() ?? .empty
        trial.details = commit.outcomes.compactMap(\.detail)
      }
    }
    trial.whileBroken = try await hear()
    stage.show(try subject.whole())
    for wait in course.healedFor { _ = try await live(wait) }
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

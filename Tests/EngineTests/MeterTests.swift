@testable import Engine
import Language
import Metrics
import Notifying
import PluginHost
import Storage
import Synchronization
import TestSupport
import Testing

struct MeterTests {
  /// Lines of a scrape that hold all of `parts`, without comments.
  private static func lines(_ meters: ServiceMeters, _ parts: String...) -> [String] {
    meters.registry.exposition().split(separator: "\n").map(String.init)
      .filter { line in !line.hasPrefix("#") && parts.allSatisfy { line.contains($0) } }
  }

  private static func value(_ meters: ServiceMeters, _ parts: String...) throws -> Double {
    let found = meters.registry.exposition().split(separator: "\n").filter { line in
      !line.hasPrefix("#") && parts.allSatisfy { line.contains($0) }
    }
    try #require(found.count == 1, "\(parts): \(found)")
    return try #require(found.first.flatMap { $0.split(separator: " ").last }.flatMap { Double($0) })
  }

  @Test func `a stored run counts its verdict, its changes and each of its requests`() async throws {
    var desk = try ItemDesk()
    let meters = ServiceMeters()
    desk.meters = meters
    try desk.show(["a": ["1", "2"], "b": ["3"]])
    try await desk.run()
    try desk.show(["a": ["1", "4"], "b": []])
    desk.show("b", status: 503)
    try await desk.run()
    #expect(try Self.value(meters, "slothunter_runs_total", #"site="desk""#, #"verdict="items""#) == 1)
    #expect(try Self.value(meters, "slothunter_runs_total", #"verdict="failed""#) == 1)
    // A first reading is a baseline, and a list that failed loses nothing.
    #expect(try Self.value(meters, "slothunter_changes_total", #"kind="added""#) == 1)
    #expect(try Self.value(meters, "slothunter_changes_total", #"kind="removed""#) == 1)
    #expect(try Self.value(meters, "slothunter_fetches_total", #"result="ok""#) == 5)
    #expect(try Self.value(meters, "slothunter_fetches_total", #"result="server_error""#) == 1)
    #expect(try Self.value(meters, "slothunter_fetch_duration_seconds_count", "desk") == 6)
    #expect(try Self.value(meters, "slothunter_extract_duration_seconds_count", "desk") == 6)
    #expect(try Self.value(meters, "slothunter_run_commit_seconds_count") == 2)
    // What did not happen is not written.
    #expect(Self.lines(meters, #"result="garbled""#).isEmpty)
  }

  @Test func `names beyond the bound share one, and a scrape stays bounded`() {
    let meters = ServiceMeters()
    for number in 0..<1000 {
      meters.site("site-\(number)").ran(.items, changes: [], requests: [])
      meters.channel("channel-\(number)").started()
    }
    let runs = Self.lines(meters, "slothunter_runs_total", #"verdict="items""#)
    #expect(runs.count == ServiceMeters.mostNames + 1)
    #expect(runs.contains(#"slothunter_runs_total{site="(other)",verdict="items"} \#(1000 - ServiceMeters.mostNames)"#))
    #expect(Self.lines(meters, "slothunter_channel_up").count == ServiceMeters.mostNames + 1)
    #expect(meters.registry.exposition().utf8.count < 4 << 20)
  }

  @Test func `a channel's attempts, latency and state are those its worker told`() throws {
    let meters = ServiceMeters()
    let channel = meters.channel("people")
    channel.started()
    #expect(try Self.value(meters, "slothunter_channel_up") == 1)
    let at = Instant(seconds: 1_791_232_200)
    func attempt(_ outcome: AttemptOutcome) -> NotifyEvent {
      .attempted(
        channel: "people",
        AttemptRecord(
          delivery: "d", attempt: 1, startedAt: at, endedAt: at + .milliseconds(40), outcome: outcome, status: nil,
          reason: "timeout", detail: "secret words of a provider", nextAt: nil))
    }
    for _ in 0..<3 { channel.heard(attempt(.retry(after: nil))) }
    channel.heard(.breakerOpened(channel: "people", faults: 3, reason: .timeout, wait: .seconds(30)))
    #expect(try Self.value(meters, "slothunter_channel_up") == 0)
    #expect(try Self.value(meters, "slothunter_attempts_total", #"outcome="retry""#) == 3)
    channel.heard(attempt(.delivered(receipt: nil)))
    channel.heard(.delivered(channel: "people", latency: .seconds(7)))
    channel.heard(.breakerClosed(channel: "people"))
    #expect(try Self.value(meters, "slothunter_channel_up") == 1)
    #expect(try Self.value(meters, "slothunter_attempt_duration_seconds_count") == 4)
    #expect(try Self.value(meters, "slothunter_delivery_latency_seconds_bucket", #"le="5""#) == 0)
    #expect(try Self.value(meters, "slothunter_delivery_latency_seconds_bucket", #"le="15""#) == 1)
    #expect(!meters.registry.exposition().contains("secret"))
    channel.heard(.stopped(channel: "people", cut: 0, released: 0))
    #expect(Self.lines(meters, "slothunter_channel_up").isEmpty)
  }

  @Test func `waiting for an origin's turn is measured, and a request that is not sent is counted`() async throws {
    let time = ManualTime()
    let meters = ServiceMeters()
    let site = DeskSite()
    site.set("/a", "", status: 503)
    let governor = OriginGovernor(time: time, random: RandomSource { 0 })
    let sender = RequestSender(fetcher: site, governor: governor, time: time, meters: meters)
    let request = Request(method: .get, url: "https://desk.example/a")
    let task = time.start {
      for _ in 0..<12 { _ = try? await sender.send(request, limits: Limits()) }
    }
    await time.advance(by: .seconds(300))
    await task.value
    #expect(await governor.census()[.open] == 1)
    let sent = try Self.value(meters, "slothunter_origin_wait_seconds_count")
    let refused = try Self.value(meters, "slothunter_origin_refusals_total")
    #expect(sent + refused == 12)
    #expect(refused > 0)
    // Backoff after failures is such a wait.
    #expect(try Self.value(meters, "slothunter_origin_wait_seconds_bucket", #"le="0.5""#) < sent)
  }

  @Test func `each name is used once, and says its unit as Prometheus wants it`() {
    let all = MeterCatalog.all
    #expect(Set(all.map(\.name)).count == all.count)
    let labels: Set<String> = [
      "site", "verdict", "kind", "result", "channel", "outcome", "state", "trouble", "version",
    ]
    for metric in all {
      #expect(metric.name.hasPrefix("slothunter_") || metric.name.hasPrefix("process_"), "\(metric.name)")
      #expect((metric.kind == .counter) == metric.name.hasSuffix("_total"), "\(metric.name)")
      if metric.kind == .histogram { #expect(metric.name.hasSuffix("_seconds"), "\(metric.name)") }
      #expect(labels.isSuperset(of: metric.labels), "\(metric.name): a label that may carry what users write?")
      #expect(metric.help.hasSuffix(".") && !metric.help.contains("\n"), "\(metric.name)")
    }
  }
}

struct HeartbeatTests {
  @Test func `the scheduler's loop beats also where nothing is due, and no more once it has ended`() async throws {
    let time = ManualTime()
    let beats = Mutex<[Duration]>([])
    let scheduler = try Self.scheduler(
      time, Heartbeat(every: .seconds(5)) { beats.withLock { $0.append(time.uptime()) } })
    let task = time.start { await scheduler.run { _ in } }
    await time.advance(by: .seconds(21))
    #expect(beats.withLock { $0 } == [0, 5, 10, 15, 20].map { .seconds($0) })
    await scheduler.stop()
    await task.value
    await time.advance(by: .seconds(60))
    #expect(beats.withLock { $0.count } == 5)
  }

  @Test func `without a heartbeat an idle loop sleeps as long as nothing is due`() async throws {
    let time = ManualTime()
    let scheduler = try Self.scheduler(time, nil)
    let task = time.start { await scheduler.run { _ in } }
    await time.advance(by: .seconds(1))
    #expect(try #require(time.untilNextSleeper) > .seconds(3000))
    await scheduler.stop()
    await task.value
  }

  private static func scheduler(_ time: ManualTime, _ heartbeat: Heartbeat?) throws -> WatchScheduler {
    let runner = WatchRunner(
      catalog: Builtins.catalog, sender: RequestSender(fetcher: DeskSite(), governor: nil, time: time), time: time,
      userAgent: "test")
    let executor = WatchExecutor(
      runner: runner, store: try Store(path: "", mode: .inMemory, executor: time.actorExecutor()), time: time,
      random: .seeded(1), log: .none)
    return WatchScheduler(executor: executor, time: time, random: .seeded(1), log: .none, heartbeat: heartbeat)
  }
}

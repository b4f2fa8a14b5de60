import Language
import PluginHost
import Scheduling
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Engine

/// When a reading in doubt is confirmed, and what limits make of `every`.
struct ItemScheduleTests {
  private final class Runs: Sendable {
    let all = Mutex<[(at: Duration, commit: RunCommit)]>([])
  }

  /// Watches on a clock of the test's own.
  private struct Bench {
    let site = DeskSite()
    let time = ManualTime()
    let store: Store
    let scheduler: WatchScheduler
    let runs = Runs()

    init() throws {
      store = try Store(path: "", mode: .inMemory)
      let random = RandomSource.seeded(3)
      let runner = WatchRunner(
        catalog: Builtins.catalog,
        sender: RequestSender(fetcher: site, governor: OriginGovernor(time: time, random: random), time: time),
        time: time, userAgent: "test")
      let executor = WatchExecutor(runner: runner, store: store, time: time, random: random, log: .none)
      scheduler = WatchScheduler(executor: executor, time: time, random: random, log: .none)
    }

    func show(_ ids: [Int]) {
      site.set("/lists", #"{"lists": ["a"]}"#)
      site.set("/list/a", "{\"rows\": [\(ids.map { "{\"id\": \"\($0)\"}" }.joined(separator: ","))]}")
    }

    /// Lets time pass until so many runs were stored: only while the scheduler sleeps, and every run under way waits for
    /// its turn at the origin, so that no work is overtaken by the clock.
    func runs(_ count: Int) async -> [(at: Duration, commit: RunCommit)] {
      while runs.all.withLock({ $0.count }) < count {
        if await time.sleeping == scheduler.runningCount + 1, let wait = time.untilNextSleeper,
          // With nothing due it waits an hour for a ring: one is on its way.
          wait < .seconds(3600)
        {
          await time.advance(by: wait)
        } else {
          await Task.yield()
        }
      }
      return runs.all.withLock { $0 }
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a confirming run comes within a quarter minute, once, and the plan goes on as before`() async throws {
    let bench = try Bench()
    bench.show(Array(1...8))
    let watch = Watch(spec: try ItemDesk.spec(), params: [:], every: .seconds(60), subscriptions: [])
    await bench.scheduler.replace([watch], outlets: Outlets(channels: [], maintainers: []), lastRuns: [:])
    let running = Task {
      await bench.scheduler.run { run in
        let at = bench.time.uptime()
        bench.runs.all.withLock { $0.append((at, run.commit)) }
      }
    }
    let first = await bench.runs(1)[0].at
    bench.show([1])
    let doubted = await bench.runs(2)[1]
    #expect(doubted.commit.awaitsConfirmation && doubted.commit.changes.isEmpty)
    // A third answer that lacks what the second had: doubted again, and left to the regular run.
    bench.show([2, 3])
    let confirming = await bench.runs(3)[2]
    #expect((.seconds(10)...(.milliseconds(12_600))).contains(confirming.at - doubted.at))
    #expect(confirming.commit.changes.signs == ["-a4", "-a5", "-a6", "-a7", "-a8"])
    #expect(confirming.commit.awaitsConfirmation)
    let regular = await bench.runs(4)[3]
    let wait = regular.at - doubted.at
    #expect((.seconds(59)...(.milliseconds(64_100))).contains(wait))
    #expect(doubted.at - first <= .milliseconds(63_100))
    await bench.scheduler.stop()
    running.cancel()
    await running.value
  }

  @Test(.timeLimit(.minutes(1)))
  func `an every that the limits can't meet is stretched evenly, and the store says so`() async throws {
    let bench = try Bench()
    bench.show([1])
    var spec = try ItemDesk.spec()
    // Two requests a run, three watches a minute: 6 requests in a time for 3.
    spec.limits.gap = .seconds(20)
    let watches = (0..<3).map { number in
      var watch = Watch(spec: spec, params: [:], every: .seconds(60), subscriptions: [])
      watch.id += "/\(number)"
      return watch
    }
    for watch in watches {
      try await bench.store.upsertWatch(
        WatchRecord(
          id: watch.id, site: "desk", params: ["n": watch.id], every: watch.every, origin: .config,
          addedAt: bench.time.now()))
    }
    await bench.scheduler.replace(watches, outlets: Outlets(channels: [], maintainers: []), lastRuns: [:])
    let running = Task {
      await bench.scheduler.run { run in
        let at = bench.time.uptime()
        bench.runs.all.withLock { $0.append((at, run.commit)) }
      }
    }
    let runs = await bench.runs(30).suffix(15)
    for watch in watches {
      let own = runs.filter { $0.commit.watch == watch.id }
      #expect((4...6).contains(own.count), "each has its turn")
      #expect(own.allSatisfy { $0.commit.interval == .seconds(120) })
    }
    let status = try await bench.store.status().watches
    #expect(status.map(\.interval) == [.seconds(120), .seconds(120), .seconds(120)])
    #expect(status.count { $0.isStretched } == 3)
    await bench.scheduler.stop()
    running.cancel()
    await running.value
  }
}

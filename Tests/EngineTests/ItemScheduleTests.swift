import Language
import PluginHost
import Scheduling
import Storage
import Testing

@testable import Engine

/// When a reading in doubt is confirmed, and what limits make of `every`.
struct ItemScheduleTests {
  @Test(.timeLimit(.minutes(10)))
  func `a confirming run comes within a quarter minute, once, and the plan goes on as before`() async throws {
    let bench = try ScheduleBench()
    bench.show(Array(1...8))
    let watch = Watch(spec: try ItemDesk.spec(), params: [:], every: .seconds(60), subscriptions: [])
    await bench.scheduler.replace([watch], outlets: Outlets(channels: [], maintainers: []), lastRuns: [:])
    let running = bench.start()
    let first = try await bench.runs(1)[0].at
    bench.show([1])
    let doubted = try await bench.runs(2)[1]
    #expect(doubted.commit.awaitsConfirmation && doubted.commit.changes.isEmpty)
    // A third answer that lacks what the second had: doubted again, and left to the regular run.
    bench.show([2, 3])
    let confirming = try await bench.runs(3)[2]
    #expect((.seconds(10)...(.milliseconds(12_600))).contains(confirming.at - doubted.at))
    #expect(confirming.commit.changes.signs == ["-a4", "-a5", "-a6", "-a7", "-a8"])
    #expect(confirming.commit.awaitsConfirmation)
    let regular = try await bench.runs(4)[3]
    let wait = regular.at - doubted.at
    #expect((.seconds(59)...(.milliseconds(64_100))).contains(wait))
    #expect(doubted.at - first <= .milliseconds(63_100))
    await bench.stop(running)
  }

  @Test(.timeLimit(.minutes(10)))
  func `an every that the limits can't meet is stretched evenly, and the store says so`() async throws {
    let bench = try ScheduleBench()
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
    let running = bench.start()
    let runs = try await bench.runs(30).suffix(15)
    for watch in watches {
      let own = runs.filter { $0.commit.watch == watch.id }
      #expect((4...6).contains(own.count), "each has its turn")
      #expect(own.allSatisfy { $0.commit.interval == .seconds(120) })
    }
    let status = try await bench.store.status().watches
    #expect(status.map(\.interval) == [.seconds(120), .seconds(120), .seconds(120)])
    #expect(status.count { $0.isStretched } == 3)
    await bench.stop(running)
  }
}

import Language
import PluginHost
import Scheduling
import Storage
import Testing

@testable import Engine

/// What comes after a reading in doubt when its watch is edited meanwhile, or its runs are slow.
struct ConfirmingRunTests {
  @Test(.timeLimit(.minutes(10)), arguments: [300, 20] as [Int64])
  func `an every that is edited while a confirmation is owed neither delays it nor makes a burst`(_ every: Int64)
    async throws
  {
    let bench = try ScheduleBench()
    bench.show(Array(1...8))
    var watch = Watch(spec: try ItemDesk.spec(), params: [:], every: .seconds(60), subscriptions: [])
    let outlets = Outlets(channels: [], maintainers: [])
    await bench.scheduler.replace([watch], outlets: outlets, lastRuns: [:])
    let running = bench.start()
    _ = try await bench.runs(1)
    bench.show([1])
    let doubted = try await bench.runs(2)[1]
    #expect(doubted.commit.awaitsConfirmation)
    watch.every = .seconds(every)
    await bench.scheduler.replace([watch], outlets: outlets, lastRuns: try await bench.store.lastRuns())
    let runs = try await bench.runs(4)
    #expect((.seconds(10)...(.milliseconds(12_600))).contains(runs[2].at - doubted.at))
    #expect(runs[2].commit.changes.count == 7)
    let least = min(every, every - 13)
    #expect(runs[3].at - runs[2].at >= .seconds(least), "\(runs[3].at - runs[2].at)")
    #expect(runs[3].at - runs[2].at <= .seconds(every) * 1.06)
    await bench.stop(running)
  }

  @Test(.timeLimit(.minutes(10)))
  func `where the confirming run ends after the regular one was due, no other follows at once`() async throws {
    let bench = try ScheduleBench(answers: .seconds(25))
    bench.show(Array(1...8))
    // Two requests: a run takes 50 s.
    let watch = Watch(spec: try ItemDesk.spec(), params: [:], every: .seconds(60), subscriptions: [])
    await bench.scheduler.replace([watch], outlets: Outlets(channels: [], maintainers: []), lastRuns: [:])
    let running = bench.start()
    _ = try await bench.runs(1)
    bench.show([1])
    let runs = try await bench.runs(4)
    #expect(runs[1].commit.awaitsConfirmation)
    #expect(runs[2].commit.changes.count == 7)
    // From end to end of runs that take as long: as far as their starts are apart.
    #expect(runs[3].at - runs[2].at >= .seconds(60), "\(runs[3].at - runs[2].at)")
    await bench.stop(running)
  }

  @Test(.timeLimit(.minutes(10)))
  func `a confirmation that is owed when the process ends comes soon after the next start`()
    async throws
  {
    let watch = Watch(spec: try ItemDesk.spec(), params: [:], every: .seconds(1800), subscriptions: [])
    let outlets = Outlets(channels: [], maintainers: [])
    let first = try ScheduleBench()
    first.show(Array(1...8))
    await first.scheduler.replace([watch], outlets: outlets, lastRuns: [:])
    let running = first.start()
    _ = try await first.runs(1)
    #expect(try await first.store.owedConfirmations() == [])
    first.show([1])
    #expect(try await first.runs(2)[1].commit.awaitsConfirmation)
    await first.stop(running)
    let owed = try await first.store.owedConfirmations()
    #expect(owed == [watch.id])

    let second = try ScheduleBench(after: first)
    second.show([1])
    await second.scheduler.replace(
      [watch], outlets: outlets, lastRuns: try await second.store.lastRuns(), owed: owed)
    let again = second.start()
    let runs = try await second.runs(2)
    #expect(runs[0].commit.changes.count == 7)
    #expect(runs[0].at <= .seconds(13), "\(runs[0].at)")
    // The regular run keeps the time it had.
    #expect((.seconds(1790)...(.seconds(1900))).contains(runs[1].at), "\(runs[1].at)")
    #expect(try await second.store.owedConfirmations() == [])
    await second.stop(again)
  }
}

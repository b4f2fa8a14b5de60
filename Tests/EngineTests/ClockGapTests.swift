import Language
import PluginHost
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Engine

/// Calls that were on their way to the store at the moment when the clock was set.
struct ClockGapTests {
  static let steps: [Int64] = [-86_400, -3600, -120, -2, 2, 120, 3600, 86_400]

  @Test(arguments: steps)
  func `an instant of a moment ago is renamed, and one of now is not`(_ seconds: Int64) {
    let machine = ManualTime()
    let time = SteadyTime(machine)
    let before = time.now()
    #expect(time.renamed(before) == before)
    machine.setWall(before + .seconds(seconds))
    #expect(time.now() == before, "the old time goes on")
    time.adopt()
    #expect(time.now() == before + .seconds(seconds))
    #expect(time.renamed(before) == before + .seconds(seconds))
    #expect(time.renamed(before - .milliseconds(900)) == before + .seconds(seconds) - .milliseconds(900))
    #expect(time.renamed(time.now()) == time.now())
    // Adopting it once more, as who moved the store does, forgets nothing.
    time.adopt()
    #expect(time.renamed(before) == before + .seconds(seconds))
  }

  @Test(arguments: steps)
  func `an alert that waits is neither lost nor late for a claim that asked before the clock was set`(
    _ seconds: Int64
  ) async throws {
    let machine = ManualTime()
    let time = SteadyTime(machine)
    var desk = try Desk(Self.spec)
    await desk.store.follow(time)
    desk.now = time.now() - .seconds(60)
    desk.site.set("/list", #"{"rows": []}"#)
    _ = try await desk.run()
    desk.now = time.now() - .seconds(60)
    desk.site.set("/list", #"{"rows": [{"id": "a"}]}"#)
    #expect(try await desk.run().toPeople.count == 1)

    let asked = time.now()
    machine.setWall(asked + .seconds(seconds))
    let jump = try #require(time.jump)
    try await desk.store.clockWasSet(by: jump)
    let leased = try await desk.store.lease(channel: "people", limit: 9, now: asked, until: asked + .seconds(90))
    #expect(leased.count == 1)
    // A retry two seconds on is due in two seconds, whatever the clock was called when it was planned.
    let record = leased.map {
      AttemptRecord(
        delivery: $0.id, attempt: $0.attempt, startedAt: asked, endedAt: asked, outcome: .retry(after: nil),
        status: 503, reason: "server_error", detail: nil, nextAt: asked + .seconds(2))
    }
    try await desk.store.record(record, now: asked)
    #expect(try await desk.store.nextDue(channel: "people", now: time.now()) == time.now() + .seconds(2))
  }

  @Test(arguments: steps)
  func `a run that was planned before the clock was set is planned again, and its news is fresh`(
    _ seconds: Int64
  ) async throws {
    let machine = ManualTime()
    let time = SteadyTime(machine)
    let site = DeskSite()
    let store = try Store(path: "", mode: .inMemory)
    await store.follow(time)
    let sets = Mutex(true)
    let runner = WatchRunner(
      catalog: Builtins.catalog, sender: RequestSender(fetcher: site, governor: nil, time: time), time: time,
      userAgent: "test")
    let executor = WatchExecutor(runner: runner, store: store, time: time, random: .seeded(1), log: .none)
    let watch = try Desk(Self.spec).watch
    let outlets = Outlets(channels: ["people"], maintainers: [])
    site.set("/list", #"{"rows": []}"#)
    _ = try await executor.execute(watch, outlets: outlets)
    site.set("/list", #"{"rows": [{"id": "a"}]}"#)
    let run = try await executor.execute(watch) { _ in
      // Read, and not yet stored.
      if sets.withLock({ $0 }) {
        machine.setWall(machine.now() + .seconds(seconds))
        try? await store.clockWasSet(by: .seconds(seconds))
        sets.withLock { $0 = false }
      }
      return Audience(of: watch, current: watch, outlets: outlets, interval: watch.every)
    }
    #expect(run.commit.changes.count == 1)
    #expect(run.commit.endedAt == time.now())
    #expect(run.commit.items.map(\.lastSeen) == [time.now()])
    let leased = try await store.lease(
      channel: "people", limit: 9, now: time.now(), until: time.now() + .seconds(90))
    #expect(leased.count == 1)
  }

  private static let spec =
    Desk.list(
      """
      anchor: $.rows
      rows: { each: "$.rows[*]", fields: { id: $.id } }
      """) + "\n  useful_for: 15m\n"
}

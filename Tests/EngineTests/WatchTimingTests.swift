import Language
import PluginHost
import Scheduling
import TestSupport
import Testing

@testable import Engine

/// When a watch of the calendar runs: by the wall, in its hours, a missed time made up for once.
struct WatchTimingTests {
  private let tehran = TimeZoneRules(identifier: "Asia/Tehran") ?? .utc
  /// 2026-10-06T00:00:00+03:30, a Tuesday.
  private let midnight = Instant(seconds: 1_791_232_200)

  private func timing(
    _ cron: String? = nil, within: String? = nil, every: Duration = .seconds(600), at time: ManualTime,
    jitter: Double? = nil, seed: UInt64 = 1
  ) throws -> WatchTiming {
    var watch = Watch(spec: try ItemDesk.spec(), params: [:], every: every, subscriptions: [])
    watch.timing = Timing(
      cron: try cron.map { [try CronLine($0)] } ?? [], within: try within.map { [try CalendarWindow($0)] } ?? [],
      zone: tehran, jitter: jitter)
    return WatchTiming(watch: watch, interval: every, time: time, random: .seeded(seed))
  }

  @Test func `a new watch waits for its time, a missed time is made up for once`() throws {
    let time = ManualTime(at: midnight + .seconds(9 * 3600 + 300))
    let timing = try timing("0 9 * * *", at: time)
    #expect(timing.first(lastRunAt: nil).wall == midnight + .seconds(33 * 3600))
    // It ran yesterday: today's nine o'clock was missed, and comes within a minute.
    let late = timing.first(lastRunAt: midnight - .seconds(15 * 3600))
    #expect(late.uptime <= .seconds(60))
    // Days were missed: once all the same, and tomorrow again.
    #expect(timing.first(lastRunAt: midnight - .seconds(20 * 86_400)).uptime <= .seconds(60))
    #expect(timing.next(after: .zero).wall == midnight + .seconds(33 * 3600))
    // It has run today.
    #expect(timing.first(lastRunAt: midnight + .seconds(9 * 3600 + 1)).wall == midnight + .seconds(33 * 3600))
  }

  @Test func `a time that comes while its run is under way is made up for at once, and once`() async throws {
    let time = ManualTime(at: midnight)
    let timing = try timing("*/10 * * * *", at: time)
    #expect(timing.next(after: .zero).wall == midnight + .seconds(600))
    await time.advance(by: .seconds(35 * 60))
    #expect(timing.next(after: .zero).wall == time.now())
    #expect(timing.next(after: .seconds(35 * 60)).wall == midnight + .seconds(40 * 60))
  }

  @Test func `outside its hours a watch waits for them, and what has the same hours is spread`() throws {
    let time = ManualTime(at: midnight)
    var openings: Set<Duration> = []
    for seed in 0..<20 {
      let moment = try timing(within: "07:00-23:00", at: time, seed: UInt64(seed)).first(lastRunAt: nil)
      #expect(moment.uptime >= .seconds(7 * 3600) && moment.uptime <= .seconds(7 * 3600 + 60))
      openings.insert(moment.uptime)
    }
    #expect(openings.count > 15)
    let evening = ManualTime(at: midnight + .seconds(22 * 3600 + 3300))
    let next = try timing(within: "07:00-23:00", at: evening).next(after: .zero)
    #expect(next.uptime >= .seconds(300 + 8 * 3600) && next.uptime <= .seconds(300 + 8 * 3600 + 60))
  }

  /// A year of hours, over the last summer time that Iran kept, from any moment and after any wait.
  @Test(
    arguments: ["*/15 * * * *", "30 0 * * *", "0 8,20 * * sat-wed", nil] as [String?],
    [nil, "07:00-23:00", "sat-wed 22:00-02:00"] as [String?])
  func `the next run is never before now, in its hours, and no two are nearer than the minimum`(
    _ cron: String?, _ within: String?
  ) async throws {
    guard cron != nil || within != nil else { return }
    var dice = SplitMix(seed: 1405)
    for _ in 0..<40 {
      // 2021 and 2022.
      let start = Instant(seconds: Int64.random(in: 1_609_500_000...1_672_000_000, using: &dice))
      let time = ManualTime(at: start)
      let timing = try timing(cron, within: within, at: time, jitter: Bool.random(using: &dice) ? 0.1 : nil)
      guard timing.watch.timing.cron.isEmpty || timing.watch.timing.nextTime(after: start) != nil else { continue }
      var planned = timing.first(lastRunAt: nil)
      for _ in 0..<20 {
        let wait = max(.zero, planned.uptime - time.uptime())
        await time.advance(by: wait + .milliseconds(Int.random(in: 0..<2000, using: &dice)))
        let next = timing.next(after: planned.uptime)
        let wall = next.wall ?? time.now() + (next.uptime - time.uptime())
        #expect(next.uptime >= time.uptime(), "\(cron ?? "") \(within ?? "") from \(start)")
        #expect(timing.watch.timing.isOpen(at: wall), "\(cron ?? "") \(within ?? "") from \(start): \(wall)")
        #expect(next.uptime - planned.uptime >= timing.watch.spec.limits.minInterval - .seconds(1))
        planned = next
      }
    }
  }

  /// The clock counts nanoseconds, what is stored milliseconds: a line for each minute of a site whose minimum is one
  /// came too soon by what was cut off.
  @Test(arguments: [nil, 0.2, 0.5]) func `a line as close as the site's minimum leaves no minute out`(
    _ jitter: Double?
  ) async throws {
    let time = ManualTime(at: midnight)
    await time.advance(by: .nanoseconds(700_300))
    var runs: [Int64] = []
    var planned = try timing("* * * * *", at: time, jitter: jitter).first(lastRunAt: nil)
    for run in 0..<200 {
      await time.advance(by: planned.uptime - time.uptime() + .nanoseconds(run * 7919 % 900_000))
      runs.append((time.now() - midnight).components.seconds / 60)
      await time.advance(by: .nanoseconds(80_000_123))
      planned = try timing("* * * * *", at: time, jitter: jitter, seed: UInt64(run)).next(after: planned.uptime)
    }
    #expect(zip(runs, runs.dropFirst()).allSatisfy { $1 - $0 == 1 }, "\(runs)")
  }
}

/// One heap of times and priorities.
struct DueRunsTests {
  private func watch(_ name: String, _ priority: Timing.Priority = .normal) throws -> Watch {
    var watch = Watch(spec: try ItemDesk.spec(), params: [:], every: .seconds(60), subscriptions: [])
    watch.id = name
    watch.timing.priority = priority
    return watch
  }

  private func all(_ runs: inout DueRuns, at now: Duration, wall: Instant = Instant(seconds: 0)) -> [String] {
    var names: [String] = []
    while let run = runs.take(
      now: now, wall: wall, reopened: { _ in DueRuns.Moment(uptime: now + .seconds(60)) }, hasPlace: { _ in true })
    {
      names.append(run.watch.id)
    }
    return names
  }

  @Test func `who is late goes by priority, and nobody waits for ever`() throws {
    var runs = DueRuns()
    for (name, priority, due) in [
      ("low-old", Timing.Priority.low, 0), ("low", .low, 50), ("normal", .normal, 40), ("high", .high, 45),
    ] {
      runs.define(try watch(name, priority))
      runs.set(name, at: DueRuns.Moment(uptime: .seconds(due)), now: .zero)
    }
    let taken1 = all(&runs, at: .seconds(30))
    #expect(taken1 == ["low-old"])
    let taken2 = all(&runs, at: .seconds(60))
    #expect(taken2 == ["high", "normal", "low"])
  }

  @Test func `edited and removed watches are nowhere due twice`() throws {
    var runs = DueRuns()
    for number in 0..<100 {
      runs.define(try watch("w\(number)"))
      runs.set("w\(number)", at: DueRuns.Moment(uptime: .seconds(number)), now: .zero)
    }
    for number in stride(from: 0, to: 100, by: 2) { runs.remove("w\(number)") }
    for number in stride(from: 1, to: 100, by: 4) {
      runs.set("w\(number)", at: DueRuns.Moment(uptime: .seconds(200)), now: .zero)
    }
    let taken3 = all(&runs, at: .seconds(100))
    #expect(taken3.count == 25)
    let taken4 = all(&runs, at: .seconds(200))
    #expect(taken4.count == 25)
    #expect(runs.count == 50 && runs.wait(at: .zero) == nil)
  }

  @Test func `a wall clock that was set back is waited for, one that went ahead is followed`() throws {
    var runs = DueRuns()
    runs.define(try watch("a"))
    runs.set("a", at: DueRuns.Moment(uptime: .seconds(100), wall: Instant(seconds: 100)), now: .zero)
    let taken5 = all(&runs, at: .seconds(100), wall: Instant(seconds: 40))
    #expect(taken5.isEmpty)
    #expect(runs.wait(at: .seconds(100)) == .seconds(60))
    let taken6 = all(&runs, at: .seconds(160), wall: Instant(seconds: 100))
    #expect(taken6 == ["a"])
    // Never waited for longer than the clock can be trusted.
    runs.set("a", at: DueRuns.Moment(uptime: .seconds(86_400), wall: Instant(seconds: 86_400)), now: .zero)
    #expect(runs.wait(at: .zero) == DueRuns.longestCalendarWait)
    let taken7 = all(&runs, at: .seconds(900), wall: Instant(seconds: 90_000))
    #expect(taken7 == ["a"])
  }
}

struct OnceQueueTests {
  @Test func `sites take turns, and none has more than its share`() throws {
    func watch(_ site: String, _ number: Int) throws -> Watch {
      var spec = try ItemDesk.spec()
      spec.id = site
      var watch = Watch(spec: spec, params: [:], every: .seconds(60), subscriptions: [])
      watch.id = "\(site)/\(number)"
      return watch
    }
    let watches = try (0..<10).map { try watch("a", $0) } + (0..<3).map { try watch("b", $0) }
    var queue = OnceQueue(watches, perSite: 4)
    var running: [Int] = []
    while let (index, _) = queue.next() { running.append(index) }
    #expect(running.map { watches[$0].id } == ["a/0", "b/0", "a/1", "b/1", "a/2", "b/2", "a/3"])
    var ended = 0
    while !running.isEmpty {
      queue.ended(running.removeFirst())
      ended += 1
      while let (index, _) = queue.next() { running.append(index) }
      #expect(running.count { watches[$0].spec.id == "a" } <= 4)
    }
    #expect(ended == 13 && queue.running == 0)
  }
}

struct StartLagTests {
  @Test func `quantiles are told within a bucket, and a run counts once`() {
    let lag = StartLag()
    #expect(lag.snapshot().quantile(0.99) == nil)
    for number in 1...1000 {
      let run = RunStart(due: .zero, lag)
      run.begins(at: .milliseconds(number))
      run.begins(at: .seconds(900))
    }
    let counts = lag.snapshot()
    #expect(counts.count == 1000 && counts.most == .seconds(1))
    for (part, wanted) in [(0.5, 0.5), (0.99, 0.99), (0.1, 0.1)] {
      let found = counts.quantile(part) ?? .zero
      #expect(found >= .seconds(wanted) && found <= .seconds(wanted * 1.42), "\(part): \(found)")
    }
    RunStart(due: .seconds(9), lag).begins(at: .seconds(8))
    RunStart(due: .zero, lag).begins(at: .seconds(10_000_000))
    #expect(lag.snapshot().count == 1002 && lag.snapshot().quantile(1) == .seconds(10_000_000))
  }
}

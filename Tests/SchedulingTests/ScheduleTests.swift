import Language
import PluginHost
import Scheduling
import Synchronization
import TestSupport
import Testing

private func seeded(_ seed: UInt64) -> RandomSource {
  // The mutex is shared by all copies of the closure.
  final class Box: Sendable { let dice: Mutex<SplitMix>; init(_ seed: UInt64) { dice = Mutex(SplitMix(seed: seed)) } }
  let box = Box(seed)
  return RandomSource { box.dice.withLock { $0.next() } }
}

private let never = RandomSource { 0 }
private let always = RandomSource { .max }

struct ScheduleTests {
  let now = Instant(seconds: 1_790_000_000)

  @Test func `after a restart overdue and new watches are spread over a minute, none at once`() {
    let random = seeded(1)
    let schedule = Schedule(every: .seconds(300))
    let starts = (0..<6000).map { index in
      let last = index % 2 == 0 ? nil : now - .seconds(86_400)
      return schedule.firstRun(lastRunAt: last, now: now, uptime: .seconds(5), random: random)
    }
    var perSecond = [Int](repeating: 0, count: 60)
    for start in starts { perSecond[Int((start - .seconds(5)).components.seconds)] += 1 }
    // 100 a second on average; four standard deviations of a Poisson count.
    #expect(perSecond.max() ?? 0 < 140)
    #expect(perSecond.min() ?? 0 > 60)
  }

  @Test func `after a restart a watch that is not due keeps its time`() {
    let schedule = Schedule(every: .seconds(300))
    #expect(
      schedule.firstRun(lastRunAt: now - .seconds(100), now: now, uptime: .seconds(7), random: always) == .seconds(207))
  }

  @Test func `no watch waits longer than its interval, whatever the clock says`() {
    let random = seeded(2)
    for every in [1, 10, 60, 3600] {
      let schedule = Schedule(every: .seconds(every))
      for last: Int64 in [-1_790_000_000, -86_400, -3600, -1, 0, 1, 86_400] {
        let start = schedule.firstRun(lastRunAt: now + .seconds(last), now: now, uptime: .zero, random: random)
        #expect(start >= .zero && start <= .seconds(every))
      }
    }
  }

  @Test func `runs are counted from the plan, so slow ones do not drift`() {
    let schedule = Schedule(every: .seconds(60))
    #expect(schedule.nextRun(after: .seconds(100), uptime: .seconds(130), random: never) == .seconds(160))
  }

  @Test func `jitter only ever adds, up to its part of the interval`() {
    let schedule = Schedule(every: .seconds(100), jitter: 0.1)
    let random = seeded(3)
    for _ in 0..<1000 {
      let next = schedule.nextRun(after: .zero, uptime: .zero, random: random)
      #expect(next >= .seconds(100) && next <= .seconds(110))
    }
  }

  @Test func `a day asleep is caught up on by one run, not by a thousand`() {
    let schedule = Schedule(every: .seconds(60), jitter: 0)
    let woke = Duration.seconds(86_400)
    let first = schedule.nextRun(after: .seconds(60), uptime: woke, random: never)
    #expect(first == woke)
    #expect(schedule.nextRun(after: first, uptime: woke, random: never) == woke + .seconds(60))
  }

  @Test func `an origin asked too much is stretched evenly, and only then`() {
    let demands = [Demand(every: .seconds(60), requests: 90), Demand(every: .seconds(30), requests: 15)]
    #expect(stretch(of: demands, gap: .seconds(1)) == 2)
    #expect(stretch(of: demands, gap: .milliseconds(100)) == 1)
    #expect(stretch(of: demands, gap: nil) == 1)
    #expect(stretch(of: [], gap: .seconds(1)) == 1)
  }

  @Test func `backoff doubles from two seconds to five minutes`() {
    #expect((1...8).map { backoff(beforeRetry: $0) } == [2, 4, 8, 16, 32, 64, 128, 256].map { .seconds($0) })
    #expect(backoff(beforeRetry: 9) == .seconds(300))
    #expect(backoff(beforeRetry: 1_000_000) == .seconds(300))
    #expect(jittered(.seconds(8), random: never) == .seconds(8))
    #expect(jittered(.seconds(8), random: always) <= .seconds(10))
  }
}

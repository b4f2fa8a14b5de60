import Language
import Scheduling
import Testing

struct ScheduleTests {
  let schedule = Schedule(every: .seconds(60))

  @Test func `runs keep the beat whatever a run took, within the jitter`() {
    #expect(schedule.wait(afterRunOf: .seconds(10), chance: 0.5) == .seconds(50))
    #expect(schedule.wait(afterRunOf: .zero, chance: 0) == .seconds(57))
    #expect(schedule.wait(afterRunOf: .zero, chance: 1) == .seconds(63))
  }

  @Test func `a run that took many beats is followed by one run, not by all those missed`() {
    #expect(schedule.wait(afterRunOf: .seconds(600), chance: 0.5) == .zero)
  }

  @Test func `after a start what is not yet due keeps its time`() {
    let now = Instant(seconds: 1000)
    #expect(schedule.firstWait(lastRun: Instant(seconds: 980), now: now, chance: 0.9) == .seconds(40))
  }

  @Test func `after a start what is overdue is spread and makes no burst`() {
    let now = Instant(seconds: 100_000)
    let waits = (0..<100).map { schedule.firstWait(lastRun: Instant(seconds: 10), now: now, chance: Double($0) / 100) }
    #expect(waits.min() == .zero)
    #expect(waits.max()! > .seconds(59))
    #expect(Set(waits).count == 100)
  }

  @Test func `a clock set back does not silence a watch`() {
    let wait = schedule.firstWait(lastRun: Instant(seconds: 5000), now: Instant(seconds: 1000), chance: 0.5)
    #expect(wait == .seconds(30))
  }

  @Test func `backoff doubles from 2 s and stays at 5 min from the ninth retry on`() {
    #expect((1...10).map { backoff(beforeRetry: $0).components.seconds } == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
    #expect(backoff(beforeRetry: 1000) == .seconds(300))
    #expect(backoff(beforeRetry: -3) == .seconds(2))
  }
}

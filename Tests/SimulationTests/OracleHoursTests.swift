import Testing

@testable import Simulation

/// The oracle's own arithmetic of hours, which judges the product's. Moments are hours of the first day in Tehran.
struct OracleHoursTests {
  private let oracle = World(seed: 1, mutation: nil, isPrinting: false).oracle

  private func plan(quiet: [Int]? = nil, digest: Scenario.DigestPlan? = nil) -> Scenario.SubscriberPlan {
    Scenario.SubscriberPlan(
      watch: 0, channel: "hook", to: nil, leastTier: nil, quietHours: quiet, digest: digest, urgentTier: 2, perDay: nil,
      first: .none, wantsRemoved: false)
  }

  private func at(_ hour: Double) -> Int64 { VirtualClock.start + Int64(hour * 3_600_000) }

  @Test func `quiet hours end in the morning, also over midnight`() {
    #expect(oracle.quietEnd(plan(quiet: [23, 7]), at(23.5)) == at(31))
    #expect(oracle.quietEnd(plan(quiet: [23, 7]), at(6.99)) == at(7))
    #expect(oracle.quietEnd(plan(quiet: [23, 7]), at(7)) == nil)
    #expect(oracle.quietEnd(plan(quiet: [13, 15]), at(13)) == at(15))
    #expect(oracle.quietEnd(plan(), at(3)) == nil)
  }

  @Test func `a digest waits for the end of its window, then for quiet hours; urgent news and greetings do not`() {
    func earliest(_ plan: Scenario.SubscriberPlan, _ hour: Double, tier: Int = 0, isGreeting: Bool = false) -> Int64 {
      oracle.earliest(plan, snooze: 0, tier: tier, isGreeting: isGreeting, wall: at(hour))
    }
    #expect(earliest(plan(digest: .hours(4)), 5) == at(8))
    #expect(earliest(plan(digest: .hours(4)), 8) == at(12))
    #expect(earliest(plan(digest: .at(8)), 9) == at(32))
    #expect(earliest(plan(quiet: [22, 9], digest: .at(8)), 9.5) == at(33))
    #expect(earliest(plan(quiet: [22, 9], digest: .at(8)), 9.5, tier: 2) == at(9.5))
    #expect(earliest(plan(digest: .at(8)), 9, isGreeting: true) == at(9))
  }

  @Test func `what failed often is waited for longer`() {
    #expect(Oracle.patience(after: 0) == Oracle.patience)
    #expect(Oracle.patience(after: 6) > 5 * Moment.hour && Oracle.patience(after: 6) < 6 * .hour)
    #expect(Oracle.patience(after: 7) > 28 * .hour)
  }
}

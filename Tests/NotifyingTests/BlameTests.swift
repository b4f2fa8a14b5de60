import Language
import PluginHost
import TestSupport
import Testing

@testable import Notifying

/// Whose fault a failed send is: the message's, which gets eight tries, or the channel's.
struct BlameTests {
  @Test func `one message that always fails does not open the breaker, two do`() {
    var breaker = Breaker()
    for _ in 0..<50 {
      let step = breaker.failed(at: .zero, of: ["poison"])
      #expect(step == nil)
    }
    #expect(!breaker.blamesChannel)
    let step = breaker.failed(at: .zero, of: ["another"])
    #expect(step == .opened(until: .seconds(5)) && breaker.blamesChannel)
  }

  @Test func `a channel that can't be reached is at fault whoever fails`() {
    var breaker = Breaker()
    for _ in 0..<4 { _ = breaker.failed(at: .zero, of: ["one"], unreachable: true) }
    let step = breaker.failed(at: .zero, of: ["one"], unreachable: true)
    #expect(step == .opened(until: .seconds(5)))
  }

  @Test func `the eight tries come after 2 s, 12 s, 72 s … and when 28 hours are over`() {
    #expect((1...6).map { Backoff.delay(afterFailure: $0) } == [2, 12, 72, 432, 2592, 15_552].map { .seconds($0) })
    #expect(Backoff.delay(afterFailure: Int.max) == .seconds(15_552))
    let policy = RetryPolicy(whenUnsure: .resend, random: .seeded(5))
    let made = Instant(seconds: 0)
    var now = made
    for failures in 0..<8 {
      let delivery = LeasedDelivery(
        id: "d", channel: "c", recipient: "r", message: .alert(), attempt: failures + 1, plain: false, sequence: 1,
        createdAt: made, expiresAt: nil, unsure: false, failures: failures)
      let result = SendResult(outcome: .retry(after: nil), reason: .timeout, doubtful: true)
      let decision = policy.decide(result, delivery, doubts: 1, startedAt: now, endedAt: now)
      #expect(!decision.record.isExcused)
      #expect((decision.wait == nil) == (failures == 7))
      if let wait = decision.wait { now = now + wait }
    }
    #expect(now - made > Backoff.horizon && now - made < Backoff.horizon + .seconds(700))
  }

  @Test func `a fault of the channel costs no try and ends with the channel's rest`() {
    let policy = RetryPolicy(whenUnsure: .resend, random: .seeded(5))
    let delivery = LeasedDelivery(
      id: "d", channel: "c", recipient: "r", message: .alert(), attempt: 30, plain: false, sequence: 1,
      createdAt: Instant(seconds: 0), expiresAt: nil, unsure: false, failures: 7)
    let decision = policy.decide(
      SendResult(outcome: .retry(after: nil), status: 503, reason: .serverError), delivery, doubts: 0,
      channelRests: .seconds(40), startedAt: Instant(seconds: 10), endedAt: Instant(seconds: 10))
    #expect(decision.wait == .seconds(40) && decision.record.isExcused)
  }

  @Test func `a pause is no shorter than the channel asks`() async throws {
    let rule = NotifierOutcomeRule(
      outcome: .paused, condition: OutcomeCondition(statuses: [402...402]), keyPath: "outcomes[0]")
    let spec = Notifiers.spec(
      "paid", send: try Notifiers.telegram().send, options: try Notifiers.telegram().options.options, outcomes: [rule])
    let bench = try WorkerBench(spec, settings: Notifiers.settings["telegram"] ?? [:]) { _, number in
      number == 1
        ? answer(402, "", headers: [Request.Header("Retry-After", "4000")]) : .failure(FetchFailure(.connect, "x"))
    }
    await bench.add("d1", usefulFor: nil)
    bench.start()
    await bench.time.advance(by: .seconds(4100))
    #expect(bench.channel.calls.count >= 2)
    #expect(bench.channel.calls.dropFirst().allSatisfy { $0.at >= .seconds(4000) })
    await bench.stop()
  }

  @Test func `many throttled chats do not stop those that are served, all of them do`() {
    var pace = Pace(rate: nil, perRecipient: nil)
    let until = Duration.seconds(30)
    for _ in 0..<10 { _ = pace.ended(SendResult(outcome: .delivered(receipt: nil), reason: .ok), at: .zero) }
    var isHeld = (0..<12).map { pace.throttled("t\($0)", wholeChannel: false, until: until, at: .zero) }
    #expect(!isHeld.contains(true))
    let last = pace.throttled("t12", wholeChannel: false, until: until, at: .zero)
    #expect(last && pace.wait(at: .zero) == until)
    // One that was under way all the same is taken: it was not the channel after all.
    _ = pace.ended(SendResult(outcome: .delivered(receipt: nil), reason: .ok), at: .zero)
    #expect(pace.wait(at: .zero) == .zero && pace.wait(for: "t3", at: .zero) == until)
    for _ in 0..<500 { _ = pace.ended(SendResult(outcome: .delivered(receipt: nil), reason: .ok), at: .zero) }
    isHeld = (0..<50).map { pace.throttled("u\($0)", wholeChannel: false, until: until, at: .zero) }
    #expect(isHeld.firstIndex(of: true) == 49)
  }
}

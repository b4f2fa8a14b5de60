import PluginHost
import Scheduling
import TestSupport
import Testing

private let never = RandomSource { 0 }

struct RateBudgetTests {
  @Test func `no window of any start holds more than the count`() {
    var dice = SplitMix(seed: 11)
    var budget = RateBudget(count: 5, per: .seconds(1))
    var now = Duration.zero
    var sent: [Duration] = []
    for _ in 0..<3000 {
      now += .milliseconds(Int.random(in: 0..<120, using: &dice))
      if budget.admit(at: now) == nil { sent.append(now) }
    }
    for index in sent.indices.dropFirst(5) { #expect(sent[index] - sent[index - 5] >= .seconds(1)) }
    #expect(sent.count > 700)
  }

  @Test func `a worker that waits as told is let in at once then, and loses no throughput`() {
    var budget = RateBudget(count: 30, per: .seconds(1))
    var now = Duration.zero
    for _ in 0..<300 {
      if let wait = budget.admit(at: now) {
        now += wait
        #expect(budget.admit(at: now) == nil)
      }
    }
    #expect(now == .seconds(9))
  }

  @Test func `a budget is idle once its last window is over`() {
    var budget = RateBudget(RateLimit(count: 2, per: .seconds(10)))
    #expect(budget.isIdle(at: .zero))
    for second in [0, 4, 10] { #expect(budget.admit(at: .seconds(second)) == nil) }
    #expect(!budget.isIdle(at: .seconds(19)))
    #expect(budget.isIdle(at: .seconds(20)))
  }
}

struct OriginBudgetTests {
  @Test func `the strictest of several specs wins, for each limit by itself`() {
    let merged = OriginLimits.merge([
      OriginLimits(gap: .seconds(1), concurrency: 4), OriginLimits(gap: .seconds(3)), OriginLimits(concurrency: 2),
    ])
    #expect(merged == OriginLimits(gap: .seconds(3), concurrency: 2))
    #expect(OriginLimits.merge([]) == OriginLimits())
  }

  @Test func `requests keep their distance and their number`() {
    var origin = OriginBudget(limits: OriginLimits(gap: .seconds(1), concurrency: 2))
    #expect(origin.admit(at: .seconds(10)) == .go)
    #expect(origin.admit(at: .seconds(10)) == .wait(.seconds(1)))
    #expect(origin.admit(at: .seconds(11)) == .go)
    #expect(origin.admit(at: .seconds(30)) == .busy)
    origin.finished(.answered, at: .seconds(30), random: never)
    #expect(origin.admit(at: .seconds(30)) == .go)
  }

  @Test func `Retry-After holds for all, and a later answer does not shorten it`() {
    var origin = OriginBudget(limits: OriginLimits())
    for _ in 0..<4 { #expect(origin.admit(at: .zero) == .go) }
    origin.finished(.throttled(retryAfter: .seconds(60)), at: .seconds(1), random: never)
    origin.finished(.failed, at: .seconds(2), random: never)
    origin.finished(.throttled(retryAfter: .seconds(1)), at: .seconds(2), random: never)
    origin.finished(.answered, at: .seconds(2), random: never)
    #expect(origin.admit(at: .seconds(31)) == .wait(.seconds(30)))
    #expect(origin.admit(at: .seconds(61)) == .go)
  }

  @Test func `an absurd Retry-After is a day`() {
    var origin = OriginBudget(limits: OriginLimits())
    #expect(origin.admit(at: .zero) == .go)
    origin.finished(.throttled(retryAfter: .seconds(1 << 40)), at: .zero, random: never)
    #expect(origin.admit(at: .zero) == .wait(.seconds(86_400)))
  }

  @Test func `failures in a row back off, open the breaker, and one probe at a time asks again`() {
    var origin = OriginBudget(limits: OriginLimits(concurrency: 8))
    var now = Duration.zero
    for failure in 1...5 {
      #expect(origin.admit(at: now) == .go)
      origin.finished(.failed, at: now, random: never)
      if failure < 5 {
        #expect(origin.admit(at: now) == .wait(backoff(beforeRetry: failure)))
        now += backoff(beforeRetry: failure)
      }
    }
    #expect(origin.breaker == .open(until: now + .seconds(30)))
    now += .seconds(32)
    #expect(origin.admit(at: now) == .go)
    #expect(origin.breaker == .halfOpen)
    #expect(origin.admit(at: now) == .busy)
    origin.finished(.failed, at: now, random: never)
    #expect(origin.breaker == .open(until: now + .seconds(60)))
    now += .seconds(64)
    #expect(origin.admit(at: now) == .go)
    origin.finished(.answered, at: now, random: never)
    #expect(origin.breaker == .closed)
    #expect(origin.failures == 0)
    #expect(origin.admit(at: now) == .go)
  }

  @Test func `the breaker's pause never passes a quarter of an hour`() {
    var origin = OriginBudget(limits: OriginLimits())
    var now = Duration.zero
    for _ in 0..<40 {
      if case .wait(let wait) = origin.admit(at: now) {
        #expect(wait <= .seconds(900))
        now += wait
        _ = origin.admit(at: now)
      }
      if origin.inFlight > 0 { origin.finished(.failed, at: now, random: never) }
    }
    #expect(origin.failures > 10)
  }

  @Test func `what was cancelled says nothing about the origin`() {
    var origin = OriginBudget(limits: OriginLimits(concurrency: 1))
    for _ in 0..<20 {
      #expect(origin.admit(at: .zero) == .go)
      origin.finished(.cancelled, at: .zero, random: never)
    }
    #expect(origin.breaker == .closed)
  }

  @Test func `limits replaced at a reload keep what is known of the origin`() {
    var origin = OriginBudget(limits: OriginLimits())
    #expect(origin.admit(at: .seconds(5)) == .go)
    origin.limits = OriginLimits(gap: .seconds(10), concurrency: 1)
    #expect(origin.admit(at: .seconds(6)) == .busy)
    origin.finished(.answered, at: .seconds(6), random: never)
    #expect(origin.admit(at: .seconds(6)) == .wait(.seconds(9)))
  }
}

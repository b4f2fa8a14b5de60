import Language
import PluginHost
import Scheduling
import Testing

struct OriginBudgetTests {
  @Test func `requests start no closer than the gap`() {
    var budget = OriginBudget()
    budget.tighten(Limits(gap: .seconds(1)))
    #expect(budget.enter(now: .seconds(10)) == .go)
    #expect(budget.enter(now: .milliseconds(10_400)) == .wait(.milliseconds(600)))
    #expect(budget.enter(now: .seconds(11)) == .go)
  }

  @Test func `no more run at once than allowed`() {
    var budget = OriginBudget()
    budget.tighten(Limits(concurrency: 2))
    #expect(budget.enter(now: .zero) == .go)
    #expect(budget.enter(now: .zero) == .go)
    #expect(budget.enter(now: .zero) == .full)
    budget.leave(.status(200, retryAfter: nil), now: .zero, chance: 0)
    #expect(budget.enter(now: .zero) == .go)
  }

  @Test func `the strictest spec wins`() {
    var budget = OriginBudget()
    budget.tighten(Limits(gap: .seconds(1), concurrency: 5))
    budget.tighten(Limits(gap: .milliseconds(200), concurrency: 2))
    #expect(budget.gap == .seconds(1))
    #expect(budget.concurrency == 2)
  }

  @Test(arguments: [429, 503]) func `Retry-After is silence for just as long`(status: Int) {
    var budget = OriginBudget()
    #expect(budget.enter(now: .zero) == .go)
    budget.leave(.status(status, retryAfter: .seconds(120)), now: .seconds(1), chance: 0.5)
    #expect(budget.enter(now: .seconds(120)) == .held(.seconds(1)))
    #expect(budget.enter(now: .seconds(121)) == .go)
  }

  @Test func `a 429 without Retry-After backs off further each time`() {
    var budget = OriginBudget()
    var now = Duration.zero
    var holds: [Duration] = []
    for _ in 0..<4 {
      #expect(budget.enter(now: now) == .go)
      budget.leave(.status(429, retryAfter: nil), now: now, chance: 0)
      guard case .held(let wait) = budget.enter(now: now) else { Issue.record("not held"); return }
      holds.append(wait)
      now += wait
    }
    #expect(holds == [.seconds(2), .seconds(4), .seconds(8), .seconds(16)])
  }

  @Test func `the breaker opens after five failures in a row and lets one probe through`() {
    var budget = OriginBudget()
    for n in 0..<5 {
      #expect(budget.enter(now: .seconds(n)) == .go)
      budget.leave(.failure(.timeout), now: .seconds(n), chance: 0)
    }
    #expect(budget.enter(now: .seconds(5)) == .held(.seconds(31)))
    #expect(budget.enter(now: .seconds(36)) == .go)
    #expect(budget.enter(now: .seconds(36)) == .full)
    budget.leave(.status(200, retryAfter: nil), now: .seconds(37), chance: 0)
    #expect(budget.enter(now: .seconds(37)) == .go)
    #expect(budget.enter(now: .seconds(37)) == .go)
  }

  @Test func `what we refused ourselves does not count against the origin`() {
    var budget = OriginBudget()
    for _ in 0..<10 {
      #expect(budget.enter(now: .zero) == .go)
      budget.leave(.failure(.refusedNever), now: .zero, chance: 0)
    }
    #expect(budget.failures == 0)
  }
}

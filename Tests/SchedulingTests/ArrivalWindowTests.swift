import PluginHost
import TestSupport
import Testing

@testable import Scheduling

private let never = RandomSource { 0 }

/// What a server counts, however long requests take to get there.
struct ArrivalWindowTests {
  private struct Case: CustomTestStringConvertible {
    var rate: RateLimit
    var burst: Int
    var latency: ClosedRange<Int>
    var testDescription: String { "\(rate.count) a \(rate.per), bursts of \(burst), \(latency) ms" }
  }

  private static let cases = [
    Case(rate: RateLimit(count: 1, per: .seconds(1)), burst: 1, latency: 1...900),
    Case(rate: RateLimit(count: 10, per: .seconds(1)), burst: 1, latency: 0...400),
    Case(rate: RateLimit(count: 10, per: .seconds(1)), burst: 10, latency: 0...999),
    Case(rate: RateLimit(count: 20, per: .seconds(60)), burst: 5, latency: 10...300),
    Case(rate: RateLimit(count: 50, per: .seconds(1)), burst: 1, latency: 0...5),
  ]

  /// Requests arrive at any time before their answer; a thousand wait to be sent.
  @Test(arguments: cases) private func `no window of any start sees more arrivals than the rate`(_ test: Case) {
    var dice = SplitMix(seed: 7)
    var origin = OriginBudget(
      limits: OriginLimits(
        gap: test.rate.per / test.rate.count, concurrency: 64, burst: test.burst, rates: [test.rate]))
    origin.assumeSpent(at: .zero)
    var now = Duration.zero
    var arrivals: [Duration] = []
    var open: [(ticket: UInt64, answered: Duration)] = []
    while arrivals.count < 1000 {
      open.sort { $0.answered < $1.answered }
      switch origin.admit(at: now) {
      case .go:
        let latency = Int.random(in: test.latency, using: &dice)
        arrivals.append(now + .milliseconds(Int.random(in: 0...latency, using: &dice)))
        open.append((origin.ticket, now + .milliseconds(latency)))
      case .wait(let wait):
        // Until then, or until an answer changes it.
        if let first = open.first, first.answered < now + wait {
          now = max(now, first.answered)
          origin.finished(.answered, at: now, random: never, ticket: open.removeFirst().ticket)
        } else {
          now += wait
        }
      case .busy:
        now = max(now, open[0].answered)
        origin.finished(.answered, at: now, random: never, ticket: open.removeFirst().ticket)
      }
    }
    arrivals.sort()
    for index in arrivals.indices.dropFirst(test.rate.count) {
      #expect(arrivals[index] - arrivals[index - test.rate.count] >= test.rate.per)
    }
    // Politeness is not silence: at least half of what is allowed.
    #expect(now < test.rate.per * (2 * arrivals.count / test.rate.count) + .seconds(2))
  }

  @Test(arguments: [
    (RateLimit(count: 30, per: .seconds(60)), 4), (RateLimit(count: 10, per: .seconds(1)), 10),
    (RateLimit(count: 5, per: .seconds(1)), 1), (RateLimit(count: 100, per: .seconds(3600)), 20),
  ])
  func `no window holds more over processes that follow each other at any moment`(_ rate: RateLimit, _ burst: Int) {
    var dice = SplitMix(seed: 21)
    let limits = OriginLimits(gap: rate.per / rate.count, burst: burst, rates: [rate])
    var origin = OriginBudget(limits: limits)
    var now = Duration.zero
    var starts: [Duration] = []
    while starts.count < 1500 {
      if Int.random(in: 0..<25, using: &dice) == 0 {
        // Killed; the next one knows nothing but that it is not the first.
        origin = OriginBudget(limits: limits)
        origin.assumeSpent(at: now)
      }
      if Int.random(in: 0..<10, using: &dice) == 0 { now += rate.per * Double.random(in: 0..<1, using: &dice) }
      switch origin.admit(at: now) {
      case .go:
        starts.append(now)
        origin.finished(.answered, at: now, random: never, ticket: origin.ticket)
      case .wait(let wait): now += wait
      case .busy: Issue.record("nothing is under way")
      }
    }
    for index in starts.indices.dropFirst(rate.count) {
      #expect(starts[index] - starts[index - rate.count] >= rate.per)
    }
  }

  @Test func `a burst is sent at once, and the next comes when a token has`() {
    let rate = RateLimit(count: 10, per: .seconds(10))
    var origin = OriginBudget(limits: OriginLimits(gap: .seconds(1), burst: 3, rates: [rate]))
    for _ in 0..<3 {
      #expect(origin.admit(at: .seconds(100)) == .go)
      origin.finished(.answered, at: .seconds(100), random: never, ticket: origin.ticket)
    }
    #expect(origin.admit(at: .seconds(100)) == .wait(.seconds(1)))
    #expect(origin.admit(at: .seconds(101)) == .go)
  }

  @Test func `the gap holds whatever tokens there are`() {
    var origin = OriginBudget(limits: OriginLimits(gap: .seconds(1), burst: 3, pause: .milliseconds(200)))
    #expect(origin.admit(at: .seconds(100)) == .go)
    #expect(origin.admit(at: .seconds(100)) == .wait(.milliseconds(200)))
    #expect(origin.admit(at: .milliseconds(100_200)) == .go)
  }

  @Test func `a process that takes over asks nothing in the first window`() {
    let rate = RateLimit(count: 5, per: .seconds(1))
    var origin = OriginBudget(limits: OriginLimits(gap: .milliseconds(200), rates: [rate]))
    origin.assumeSpent(at: .seconds(50))
    #expect(origin.admit(at: .seconds(50)) == .wait(.seconds(1)))
    #expect(origin.admit(at: .seconds(51)) == .go)
  }

  @Test func `what an origin asked for is taken over, no longer than a day and no shorter`() {
    var origin = OriginBudget(limits: OriginLimits())
    #expect(origin.admit(at: .seconds(10)) == .go)
    origin.finished(.throttled(retryAfter: .seconds(60)), at: .seconds(10), random: never)
    let memory = origin.memory(at: .seconds(20))
    #expect(memory?.silentUntil == .seconds(70))
    #expect(origin.memory(at: .seconds(70)) == nil)
    var next = OriginBudget(limits: OriginLimits())
    if let memory { next.take(memory, at: .seconds(20)) }
    #expect(next.admit(at: .seconds(20)) == .wait(.seconds(50)))
    next.take(.init(silentUntil: .seconds(1 << 40), closedUntil: .zero, failures: 1, pauses: 0), at: .seconds(20))
    #expect(next.admit(at: .seconds(20)) == .wait(.seconds(86_400)))
  }

  @Test func `an open breaker is taken over, and one request probes when its pause is over`() {
    var origin = OriginBudget(limits: OriginLimits(concurrency: 4))
    origin.take(.init(silentUntil: .zero, closedUntil: .seconds(90), failures: 5, pauses: 2), at: .seconds(60))
    #expect(origin.admit(at: .seconds(60)) == .wait(.seconds(30)))
    #expect(origin.admit(at: .seconds(90)) == .go)
    #expect(origin.admit(at: .seconds(90)) == .busy)
  }
}

struct ConnectivityTests {
  /// Whether it began or ended.
  private func missed(_ line: inout Connectivity, _ origin: String, at second: Int) -> Bool {
    line.missed(origin, at: .seconds(second))
  }

  @Test func `three origins in a row that can't be reached are one line that is down`() {
    var line = Connectivity()
    var began = ["a", "b", "a"].map { missed(&line, $0, at: 1) }
    #expect(began == [false, false, false] && line.offlineSince == nil)
    began = ["c", "d"].map { missed(&line, $0, at: 3) }
    #expect(began == [true, false] && line.offlineSince == .seconds(3))
  }

  @Test func `an answer in between tells that the world is there`() {
    var line = Connectivity()
    _ = missed(&line, "a", at: 0)
    _ = missed(&line, "b", at: 0)
    let ended = line.answered()
    let began = missed(&line, "c", at: 0)
    #expect(!ended && !began && line.offlineSince == nil)
  }

  @Test func `offline, one request each so often finds out, and any answer ends it`() {
    var line = Connectivity()
    for origin in ["a", "b", "c"] { _ = missed(&line, origin, at: 0) }
    var admitted: [Int] = []
    for second in 0..<200 where line.admits("abc".map(String.init)[second % 3], at: .seconds(second)) {
      line.asks("a", at: .seconds(second))
      admitted.append(second)
    }
    #expect(admitted == [5, 15, 35, 65, 95, 125, 155, 185])
    let ended = line.answered()
    #expect(ended && line.offlineSince == nil)
  }

  @Test func `offline, origins that have not failed have turns of their own`() {
    var line = Connectivity()
    for origin in ["a", "b", "c"] { _ = missed(&line, origin, at: 0) }
    // The first of them at once, however often those that failed are asked.
    var asked: [String] = []
    for second in 0..<60 {
      for origin in ["a", "b", "c", "d", "e", "f"] where line.admits(origin, at: .seconds(second)) {
        line.asks(origin, at: .seconds(second))
        asked.append("\(second)\(origin)")
      }
    }
    #expect(asked == ["0d", "5a", "10e", "15a", "30f", "35a"])
    let ended = line.answered()
    #expect(ended && line.admits("a", at: .seconds(60)))
  }
}

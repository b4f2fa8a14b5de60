import PluginHost
import TestSupport
import Testing

@testable import Notifying

struct PaceTests {
  @Test func `retries wait 2 s, 4 s … 256 s, then 5 min`() {
    let waits = (1...12).map { Backoff.delay(beforeRetry: $0) }
    #expect(waits == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300].map { .seconds($0) })
    #expect(Backoff.delay(beforeRetry: Int.max) == .seconds(300))
    let random = RandomSource.seeded(7)
    for _ in 0..<1000 {
      let wait = Backoff.jittered(.seconds(100), random)
      #expect(wait >= .seconds(80) && wait <= .seconds(120))
      let asked = Backoff.after(.seconds(35), random)
      #expect(asked > .seconds(35) && asked < .seconds(36))
    }
  }

  @Test func `no window of a rate holds more than it may`() {
    var window = RateWindow(RateLimit(count: 3, per: .seconds(10)))
    let random = RandomSource.seeded(3)
    var starts: [Duration] = []
    var now = Duration.zero
    for _ in 0..<2000 {
      now += .milliseconds(Int64(random.fraction() * 5000))
      let wait = window.wait(at: now)
      #expect((wait == .zero) == (window.available(at: now) > 0))
      now += wait
      window.take(at: now)
      starts.append(now)
    }
    for (first, fourth) in zip(starts, starts.dropFirst(3)) { #expect(fourth - first >= .seconds(10)) }
  }

  @Test func `the breaker opens after five faults, lets one through, and closes on an answer`() {
    var breaker = Breaker()
    for _ in 0..<4 {
      let quiet = breaker.failed(at: .zero)
      #expect(quiet == nil)
    }
    let step2 = breaker.failed(at: .zero)
    #expect(step2 == .opened(until: .seconds(5)))
    #expect(breaker.allowance(at: .seconds(4)) == 0 && breaker.allowance(at: .seconds(5)) == 1)
    breaker.started()
    #expect(breaker.allowance(at: .seconds(5)) == 0)
    #expect(breaker.failed(at: .seconds(6)) == .opened(until: .seconds(16)))
    breaker.started()
    let step3 = breaker.answered()
    #expect(step3 == .closed)
    #expect(breaker.allowance(at: .seconds(6)) == nil)
    let step4 = breaker.answered()
    #expect(step4 == nil)
  }

  @Test func `three recipients throttled in a row mean the channel`() {
    var pace = Pace(rate: nil, perRecipient: nil)
    let until = Duration.seconds(30)
    let step5 = pace.throttled("a", wholeChannel: false, until: until, at: .zero)
    #expect(!step5)
    let step6 = pace.throttled("a", wholeChannel: false, until: until, at: .zero)
    #expect(!step6)
    let step7 = pace.throttled("b", wholeChannel: false, until: until, at: .zero)
    #expect(!step7)
    #expect(
      pace.wait(at: .zero) == .zero && pace.wait(for: "b", at: .zero) == until
        && pace.wait(for: "c", at: .zero) == .zero)
    let step8 = pace.throttled("c", wholeChannel: false, until: until, at: .zero)
    #expect(step8)
    #expect(pace.wait(at: .zero) == until && pace.allowance(at: .zero, free: 8) == 0)
  }
}

import Language
import PluginHost
import Scheduling
import TestSupport
import Testing

struct StretchTests {
  @Test func `watches that ask too much of an origin are stretched evenly, others not at all`() {
    var loads = OriginLoads()
    for number in 0..<120 {
      loads.note("busy/\(number)", every: .seconds(60), requests: ["a": 1], gap: .seconds(1))
    }
    loads.note("quiet", every: .seconds(60), requests: ["b": 30], gap: .seconds(1))
    loads.note("both", every: .seconds(60), requests: ["b": 15, "a": 0], gap: .seconds(1))
    for watch in ["busy/0", "busy/119", "both"] { #expect(abs(loads.stretch(of: watch) - 2) < 1e-9) }
    #expect(loads.stretch(of: "quiet") == 1)
    #expect(loads.stretch(of: "never ran") == 1)
  }

  @Test func `a watch that goes, or asks less, gives its part back`() {
    var loads = OriginLoads()
    loads.note("a", every: .seconds(10), requests: ["o": 20], gap: .seconds(1))
    loads.note("b", every: .seconds(10), requests: ["o": 20], gap: .seconds(1))
    #expect(loads.stretch(of: "a") == 4)
    loads.note("b", every: .seconds(10), requests: ["o": 5], gap: .seconds(1))
    #expect(loads.stretch(of: "a") == 2.5)
    loads.forget("a")
    #expect(loads.stretch(of: "b") == 1)
    loads.forget("b")
    loads.note("c", every: .seconds(10), requests: ["o": 10], gap: .seconds(1))
    #expect(loads.stretch(of: "c") == 1)
  }

  @Test func `it agrees with the sum over all demands, after a thousand runs in any order`() {
    // A fixed trace: a failure can be looked at again.
    var dice = SplitMix(seed: 9)
    var loads = OriginLoads()
    var demands: [String: Demand] = [:]
    for _ in 0..<1000 {
      let watch = "w\(Int.random(in: 0..<40, using: &dice))"
      let demand = Demand(
        every: .seconds(Int.random(in: 1...600, using: &dice)), requests: Int.random(in: 0...50, using: &dice))
      demands[watch] = demand
      loads.note(watch, every: demand.every, requests: ["o": demand.requests], gap: .milliseconds(250))
    }
    let expected = stretch(of: Array(demands.values), gap: .milliseconds(250))
    for watch in demands.keys { #expect(abs(loads.stretch(of: watch) - expected) < 1e-6 * expected) }
  }

  @Test func `a confirming run comes ten seconds later and a quarter more at most, never after the next regular one`() {
    for seed in 0..<50 as Range<UInt64> {
      let random = RandomSource { seed &* 0x9E37_79B9_7F4A_7C15 }
      let wait = Schedule(every: .seconds(60)).confirmingRun(uptime: .seconds(100), random: random) - .seconds(100)
      #expect(wait >= .seconds(10) && wait <= .milliseconds(12_500))
      #expect(Schedule(every: .seconds(5)).confirmingRun(uptime: .zero, random: random) == .seconds(5))
    }
  }
}

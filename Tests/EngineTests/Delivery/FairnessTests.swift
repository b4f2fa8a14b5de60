import Language
import PluginHost
import Storage
import TestSupport
import Testing

/// T16 of the test plan.
struct FairnessTests {
  @Test func `T16: ten thousand subscribers of one event starve no other, before or after it`() async throws {
    let desk = try DeliveryDesk()
    try await desk.commit((0..<50).map { desk.news("early\($0)", to: "\(100_000 + $0)", watch: "b") }, watch: "b")
    await desk.run(for: .milliseconds(1))
    // One commit is one transaction.
    try await desk.commit((0..<10_000).map { desk.news("a\($0)", to: "\(200_000 + $0)", watch: "a") }, watch: "a")
    try desk.start()
    await desk.run(for: .seconds(5))
    let later = desk.time.uptime()
    try await desk.commit((0..<50).map { desk.news("late\($0)", to: "\(300_000 + $0)", watch: "c") }, watch: "c")
    #expect(try await desk.runToEnd(atMost: .seconds(400)))
    #expect(desk.calls.count == 10_100)
    #expect(keeps(RateLimit(count: 30, per: .seconds(1)), desk.calls.map(\.at)))
    // 10,100 at 30/s are 337 s; the rate is used up, not just kept.
    #expect(desk.time.uptime() < .seconds(345))
    let early = desk.calls.filter { $0.to.hasPrefix("100") }.map(\.at)
    #expect(try #require(early.first) < .seconds(2) && (try #require(early.last)) < .seconds(10))
    let late = desk.calls.filter { $0.to.hasPrefix("300") }.map(\.at)
    #expect(try #require(late.first) < later + .seconds(2) && (try #require(late.last)) < later + .seconds(10))
    #expect(try await desk.states().values.allSatisfy { $0 == .delivered })
    await desk.stop()
  }

  @Test func `who has waited longest is served even while fresh news never ends`() async throws {
    let desk = try DeliveryDesk()
    try await desk.commit([desk.news("oldest", to: "1", watch: "a")], watch: "a")
    await desk.run(for: .seconds(1))
    for round in 0..<10 {
      // More than a second's worth, each second.
      try await desk.commit((0..<60).map { desk.news("r\(round)n\($0)", to: "\(1000 + round * 60 + $0)") }, watch: "a")
      if round == 0 { try desk.start() }
      await desk.run(for: .seconds(1))
    }
    #expect(try #require(desk.times(to: "1").first) < .seconds(3))
    await desk.stop()
  }
}

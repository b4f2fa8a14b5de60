import Language
import PluginHost
import Storage
import TestSupport
import Testing

struct RateTests {
  private static let second = Duration.seconds(1)

  @Test func `Telegram's limits hold for all, for each chat and for each group`() async throws {
    let desk = try DeliveryDesk()
    let people = (0..<90).map { desk.news("p\($0)", to: "\(1000 + $0)") }
    let group = (0..<50).map { desk.news("g\($0)", to: "-100200") }
    let chat = (0..<50).map { desk.news("c\($0)", to: "77") }
    try await desk.commit(people + group + chat)
    try desk.start()
    #expect(try await desk.runToEnd(atMost: .seconds(300)))
    #expect(desk.calls.count == 190)
    #expect(keeps(RateLimit(count: 30, per: Self.second), desk.calls.map(\.at)))
    #expect(keeps(RateLimit(count: 1, per: Self.second), desk.times(to: "77")))
    let toGroup = desk.times(to: "-100200")
    #expect(keeps(RateLimit(count: 1, per: Self.second), toGroup))
    #expect(keeps(RateLimit(count: 20, per: .seconds(60)), toGroup))
    // The limits are used, not just kept: 50 in three windows of a group, 50 s for a chat, 90 people beside both.
    #expect(try #require(toGroup.last) < .seconds(145))
    #expect(try #require(desk.times(to: "77").last) < .seconds(60))
    #expect(desk.calls.filter { $0.to.hasPrefix("1") }.allSatisfy { $0.at < .seconds(10) })
    await desk.stop()
  }

  @Test(arguments: [true, false]) func `a restart makes no burst`(_ isCrash: Bool) async throws {
    let first = try DeliveryDesk()
    try await first.commit((0..<100).map { first.news("p\($0)", to: "\(1000 + $0)") })
    try await first.commit((0..<25).map { first.news("g\($0)", to: "-5") }, watch: "w2")
    try first.start()
    await first.run(for: .milliseconds(25_900))
    try await first.commit((0..<100).map { first.news("q\($0)", to: "\(2000 + $0)") })
    await first.run(for: .milliseconds(50))
    if isCrash { await first.kill() } else { await first.stop() }

    let second = try DeliveryDesk(store: first.store, time: first.time)
    try second.start()
    #expect(try await second.runToEnd(atMost: .seconds(300)))
    let all = first.calls + second.calls
    #expect(all.count >= 225)
    #expect(keeps(RateLimit(count: 30, per: Self.second), all.map(\.at)))
    let group = first.times(to: "-5") + second.times(to: "-5")
    #expect(group.count >= 25 && !second.times(to: "-5").isEmpty)
    #expect(keeps(RateLimit(count: 20, per: .seconds(60)), group))
    await second.stop()
  }

  @Test func `who asked for a wait is not called earlier after a restart, and nobody else waits`() async throws {
    let first = try DeliveryDesk { call in
      call.to == "1" ? .refused(429, "Too Many Requests", retryAfter: 7200) : .ok
    }
    try await first.commit([first.news("a1", to: "1"), first.news("b1", to: "2")])
    try first.start()
    await first.run(for: .seconds(4000))
    await first.stop()
    let second = try DeliveryDesk(store: first.store, time: first.time)
    try await second.commit([second.news("a2", to: "1"), second.news("b2", to: "2")])
    try second.start()
    #expect(try await second.runToEnd(atMost: .seconds(7200)))
    #expect(try #require(second.times(to: "1").first) >= .seconds(7200))
    #expect(second.times(to: "1").count == 2)
    #expect(try #require(second.times(to: "2").first) < .seconds(4001))
    await second.stop()
  }

  @Test func `what waited in a worker's hands is looked up again before it is sent`() async throws {
    let desk = try DeliveryDesk()
    try await desk.commit(
      (0..<21).map { desk.news("g\($0)", to: "-9", items: ["i\($0)"]) }, open: (0..<21).map { "i\($0)" })
    try desk.start()
    await desk.run(for: .seconds(40))
    #expect(desk.calls.count == 20)
    #expect(try await desk.states()["g20"] == .leased)
    try await desk.commit([], gone: ["i20"])
    #expect(try await desk.runToEnd(atMost: .seconds(200)))
    #expect(desk.calls.count == 20)
    #expect(try await desk.states()["g20"] == .obsolete)
    #expect(try await desk.attempts(of: "g20").isEmpty)
    await desk.stop()
  }

  @Test func `a chat that was passed over gets numbers, one in order none`() async throws {
    let desk = try DeliveryDesk { [failed = Once()] call in
      call.to == "1" && failed.isFirst() ? .answer(500) : .ok
    }
    try await desk.commit([desk.news("a1", to: "1"), desk.news("b1", to: "2")])
    try await desk.commit([desk.news("a2", to: "1"), desk.news("b2", to: "2")])
    try desk.start()
    #expect(try await desk.runToEnd(atMost: .seconds(60)))
    func titles(_ to: String) -> [String] {
      desk.calls.filter { $0.to == to }.map { String($0.text.prefix { $0 != "\n" }) }
    }
    #expect(titles("1") == ["<b>Free</b>", "<b>Free #2</b>", "<b>Free #1</b>"])
    #expect(titles("2") == ["<b>Free</b>", "<b>Free</b>"])
    await desk.stop()
  }

  @Test func `a webhook has the number in a header, and the same id in every try`() async throws {
    let desk = try DeliveryDesk("webhook") { [tries = Counter()] _ in tries.next() < 3 ? .answer(500) : .answer(204) }
    try await desk.commit([desk.news("hook_1", to: "")])
    try desk.start()
    #expect(try await desk.runToEnd(atMost: .seconds(60)))
    func header(_ name: String) -> [String] {
      desk.calls.flatMap { $0.headers.filter { $0.name.lowercased() == name }.map(\.value) }
    }
    #expect(header("webhook-id") == ["hook_1", "hook_1", "hook_1"])
    #expect(header("slothunter-sequence") == ["1", "1", "1"])
    await desk.stop()
  }
}

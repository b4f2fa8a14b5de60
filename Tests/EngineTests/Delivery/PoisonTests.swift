import Language
import PluginHost
import Storage
import TestSupport
import Testing

/// T15 of the test plan.
struct PoisonTests {
  @Test func `T15: poison dies as declared and takes nobody with it`() async throws {
    let desk = try DeliveryDesk { call in
      switch call.to {
      case "400": .refused(400, "Bad Request: message is not acceptable")
      case "408": .failed(.timeout, after: .seconds(15))
      case "403": .refused(403, "Forbidden: bot was blocked by the user")
      default: .ok
      }
    }
    let people = (0..<1000).map { desk.news("p\($0)", to: "\(10_000 + $0)") }
    let huge = String(repeating: "Ein langer Satz über nichts. ", count: 180_000)
    try await desk.commit(people)
    try await desk.commit(
      [
        desk.news("refused", to: "400"), desk.news("silent", to: "408"), desk.news("blocked", to: "403"),
        desk.news("blocked2", to: "403"), desk.news("huge", to: "5", text: huge),
      ], watch: "w2")
    try desk.start()
    await desk.run(for: .seconds(60))
    let states = try await desk.states()
    #expect(people.allSatisfy { states[$0.id] == .delivered })
    #expect(states["refused"] == .dead && desk.times(to: "400").count == 1)
    #expect(states["blocked"] == .dead && states["blocked2"] == .dead && desk.times(to: "403").count == 1)
    #expect(states["huge"] == .delivered)
    let sent = try #require(desk.calls.first { $0.to == "5" })
    #expect(sent.text.utf16.count <= 4096 + 16 && sent.text.hasSuffix(".…") && sent.size < 20_000)
    #expect(try await desk.runToEnd(atMost: .seconds(40 * 3600)))
    try await expectEightTries(desk)
    await desk.stop()
  }

  private func expectEightTries(_ desk: DeliveryDesk) async throws {
    let times = desk.times(to: "408")
    #expect(times.count == 8)
    let span = try #require(times.last) - (try #require(times.first))
    #expect(span > .seconds(28 * 3600 - 60) && span < .seconds(29 * 3600))
    let story = try #require(try await desk.store.delivery("silent"))
    #expect(story.delivery.state == .dead && story.delivery.reason == "gave_up")
    #expect(story.delivery.detail?.contains("timeout") == true)
    #expect(story.attempts.count == 8)
  }

  @Test func `a dead letter that an operator retries has all its tries again`() async throws {
    let desk = try DeliveryDesk { _ in .failed(.timeout) }
    try await desk.commit([desk.news("a", to: "1")])
    try desk.start()
    #expect(try await desk.runToEnd(atMost: .seconds(40 * 3600)))
    #expect(desk.calls.count == 8)
    #expect(try await desk.store.retry(deliveries: ["a"], now: desk.time.now()).allSatisfy { $0.refusal == nil })
    desk.wake()
    await desk.run(for: .seconds(600))
    #expect(desk.calls.count >= 12)
    await desk.stop()
  }

  @Test func `who is gone hears nothing more, and costs no call`() async throws {
    let desk = try DeliveryDesk { _ in .refused(403, "Forbidden: user is deactivated") }
    try await desk.commit([desk.news("a", to: "1")])
    try desk.start()
    await desk.run(for: .seconds(5))
    try await desk.commit([desk.news("b", to: "1")], watch: "w2")
    await desk.run(for: .seconds(5))
    #expect(desk.calls.count == 1)
    #expect(try await desk.states() == ["a": .dead, "b": .dead])
    await desk.stop()
  }

  @Test func `poison in front keeps no channel closed that works again`() async throws {
    let time = ManualTime()
    let desk = try DeliveryDesk(time: time) { call in
      call.to.hasPrefix("9") || time.uptime() < .seconds(600) ? .failed(.timeout) : .ok
    }
    try await desk.commit((0..<20).map { desk.news("p\($0)", to: "\(100 + $0)") })
    await desk.run(for: .seconds(1))
    // Fresher than all others, so always the first to be picked.
    try await desk.commit([desk.news("x", to: "91"), desk.news("y", to: "92")], watch: "w2")
    try desk.start()
    #expect(
      try await desk.run(atMost: .seconds(600 + 10 * 60)) {
        try await desk.states().values.count { $0 == .delivered } == 20
      })
    await desk.stop()
  }
}

import Language
import Notifying
import PluginHost
import Storage
import Synchronization
import TestSupport
import Testing

/// T13 and T14 of the test plan.
struct OutageTests {
  private static let down = Duration.seconds(6 * 3600)

  @Test(arguments: [FetchFailure.Reason.connect, .timeout])
  func `T13: after six hours down the backlog goes out at the rate, oldest first, and nothing is lost`(
    _ reason: FetchFailure.Reason
  ) async throws {
    let time = ManualTime()
    let desk = try DeliveryDesk(time: time) { _ in
      time.uptime() < Self.down ? .failed(reason, after: .seconds(reason == .timeout ? 15 : 0)) : .ok
    }
    try desk.start()
    // Every ten minutes news for 20 chats: half of no use after an hour, half for good.
    for round in 0..<36 {
      try await desk.commit(
        (0..<20).map { chat in
          desk.news("r\(round)c\(chat)", to: "\(chat)", expires: chat < 10 ? .seconds(3600) : nil)
        }, watch: "w\(round % 3)")
      await desk.run(for: .seconds(600))
    }
    let whileDown = desk.calls.count
    // A probe a minute at most, beside what opened the breaker.
    #expect(whileDown <= 6 * 60 + 30)
    #expect(try await desk.runToEnd(atMost: .seconds(300)))
    let drained = Array(desk.calls.dropFirst(whileDown))
    #expect(keeps(RateLimit(count: 30, per: .seconds(1)), drained.map(\.at)))
    #expect(try #require(drained.last).at < Self.down + .seconds(120))
    try await expectOrder(desk)
    let states = try await desk.states()
    #expect(states.count == 720)
    for round in 0..<36 {
      for chat in 0..<20 {
        // Those of the last hour are still of use; the one made an hour before the end is not.
        let wanted: DeliveryRecord.State = chat < 10 && round <= 30 ? .expired : .delivered
        #expect(states["r\(round)c\(chat)"] == wanted, "r\(round)c\(chat)")
      }
    }
    await desk.stop()
  }

  /// Within each chat in the order of making.
  private func expectOrder(_ desk: DeliveryDesk) async throws {
    let sent = try await desk.store.deliveries(DeliveryFilter(states: [.delivered], limit: .max))
    for (chat, own) in Dictionary(grouping: sent, by: \.recipient) {
      let order = own.sorted { ($0.endedAt ?? $0.createdAt) < ($1.endedAt ?? $1.createdAt) }.map(\.createdAt)
      #expect(order == order.sorted(), "chat \(chat)")
    }
  }

  @Test func `T14: a storm of 429 is obeyed chat by chat, others go on, and nothing is lost`() async throws {
    let time = ManualTime()
    let dice = RandomSource.seeded(20_261_121)
    let asked = Mutex<[(to: String, at: Duration, seconds: Int)]>([])
    let desk = try DeliveryDesk(time: time) { call in
      // Odd chats are throttled for five minutes.
      guard let chat = Int(call.to), chat % 2 == 1, call.at < .seconds(300) else { return .ok }
      let seconds = 1 + Int(dice.fraction() * 60)
      asked.withLock { $0.append((call.to, call.at, seconds)) }
      return .refused(429, "Too Many Requests: retry after \(seconds)", retryAfter: seconds)
    }
    try desk.start()
    for round in 0..<10 {
      try await desk.commit((0..<40).map { desk.news("r\(round)c\($0)", to: "\($0)") })
      await desk.run(for: .seconds(30))
    }
    #expect(try await desk.runToEnd(atMost: .seconds(600)))
    let storm = asked.withLock { $0 }
    #expect(storm.count > 40)
    for (to, at, seconds) in storm {
      #expect(desk.times(to: to).allSatisfy { $0 <= at || $0 >= at + .seconds(seconds) }, "chat \(to)")
    }
    // Each even chat heard each round's news within seconds of it.
    for chat in stride(from: 0, to: 40, by: 2) {
      let times = desk.times(to: "\(chat)")
      #expect(times.count == 10)
      for (round, at) in times.enumerated() { #expect(at < .seconds(30 * round + 5), "chat \(chat), round \(round)") }
    }
    #expect(try await desk.states().values.allSatisfy { $0 == .delivered })
    await desk.stop()
  }

  @Test(arguments: ["smsir", "webhook"], ["120", "Mon, 05 Oct 2026 20:32:00 GMT"])
  func `T14: Retry-After in seconds or as a date holds the whole channel`(
    _ notifier: String, _ header: String
  ) async throws {
    // 120 s after the clock's start.
    let desk = try DeliveryDesk(notifier) { [first = Once()] _ in
      guard first.isFirst() else {
        return .answer(200, #"{"status":1,"data":{"messageIds":[7],"messageId":7}}"#)
      }
      return .answer(429, #"{"status":20,"message":"slow down"}"#, [Request.Header("Retry-After", header)])
    }
    try await desk.commit([desk.news("a", to: notifier == "smsir" ? "09000000001" : "")])
    try desk.start()
    await desk.run(for: .seconds(1))
    try await desk.commit([desk.news("b", to: notifier == "smsir" ? "09000000002" : "", text: "another")])
    #expect(try await desk.runToEnd(atMost: .seconds(600)))
    #expect(desk.calls.count == 3)
    #expect(desk.calls.dropFirst().allSatisfy { $0.at >= .seconds(120) && $0.at < .seconds(130) })
    await desk.stop()
  }

  @Test func `a 503 that names a time is obeyed by the whole channel too`() async throws {
    let desk = try DeliveryDesk { [first = Once()] _ in
      first.isFirst() ? .answer(503, "", [Request.Header("Retry-After", "90")]) : .ok
    }
    try await desk.commit([desk.news("a", to: "1")])
    try desk.start()
    await desk.run(for: .seconds(1))
    try await desk.commit([desk.news("b", to: "2")])
    #expect(try await desk.runToEnd(atMost: .seconds(600)))
    #expect(desk.calls.map(\.at).dropFirst().allSatisfy { $0 >= .seconds(90) })
    #expect(desk.calls.count == 3)
    await desk.stop()
  }
}

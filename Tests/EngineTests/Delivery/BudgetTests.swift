import Language
import PluginHost
import Storage
import TestSupport
import Testing

struct SMSBudgetTests {
  /// 71 UTF-16 units of Persian with the title: two parts.
  private static let twoParts = String(repeating: "س", count: 80)
  private static let day = Duration.seconds(86_400)

  private static func sent(_ call: DeliveryDesk.Call) -> [String] { call.to.split(separator: ",").map(String.init) }

  private static let accepting: @Sendable (DeliveryDesk.Call) -> DeliveryDesk.Reply = { call in
    let ids = sent(call).map { _ in "7" }.joined(separator: ",")
    return .answer(200, #"{"status":1,"data":{"messageIds":[\#(ids)],"messageId":7}}"#)
  }

  private static func people(_ desk: DeliveryDesk, _ numbers: Range<Int>, _ text: String) -> [NewDelivery] {
    numbers.map { desk.news("s\($0)", to: "0900\(1_000_000 + $0)", text: text) }
  }

  @Test func `what is over the day's budget waits for the next day, over restarts too`() async throws {
    let first = try DeliveryDesk("smsir", budget: Budget(parts: 11), answer: Self.accepting)
    try await first.commit(Self.people(first, 0..<8, Self.twoParts))
    try first.start()
    await first.run(for: .seconds(600))
    #expect(first.calls.flatMap(Self.sent).count == 5)
    #expect(first.events.count { if case .paused(_, .overBudget, _, _) = $0 { true } else { false } } == 1)
    let health = try #require(try await first.store.status().channels.first { $0.name == "smsir" }?.health)
    #expect(health.state == .paused && health.reason == "over_budget")
    await first.stop()

    let second = try DeliveryDesk(
      "smsir", store: first.store, time: first.time, budget: Budget(parts: 11), answer: Self.accepting)
    try await second.commit([second.news("soon", to: "09002000000", expires: .seconds(900))], watch: "w2")
    try second.start()
    await second.run(for: .seconds(1800))
    #expect(second.calls.isEmpty)
    #expect(try await second.states()["soon"] == .expired)
    #expect(try await second.runToEnd(atMost: Self.day))
    #expect(second.calls.flatMap(Self.sent).count == 3)
    // The clock starts at 20:30 UTC.
    #expect(second.calls.allSatisfy { $0.at >= .seconds(3.5 * 3600) && $0.at < .seconds(4 * 3600) })
    #expect(try await second.states().values.count { $0 == .delivered } == 8)
    await second.stop()
  }

  @Test func `a budget of messages counts recipients, and what was not accepted costs nothing`() async throws {
    let desk = try DeliveryDesk("smsir", budget: Budget(messages: 3)) { [tries = Counter()] call in
      tries.next() <= 4 ? .failed(.connect) : Self.accepting(call)
    }
    try await desk.commit(Self.people(desk, 0..<2, "one") + [desk.news("t", to: "09003000000", text: "two")])
    try desk.start()
    #expect(try await desk.runToEnd(atMost: .seconds(600)))
    #expect(try await desk.states().values.allSatisfy { $0 == .delivered })
    let spent = try await desk.store.spent(channel: "smsir", day: Budget.day(of: desk.time.now()))
    #expect(spent.messages == 3)
    await desk.stop()
  }

  @Test func `what may have been accepted is paid for`() async throws {
    let desk = try DeliveryDesk("smsir", budget: Budget(messages: 10)) { _ in .failed(.timeout) }
    try await desk.commit([desk.news("a", to: "09000000001")])
    try desk.start()
    #expect(try await desk.runToEnd(atMost: .seconds(600)))
    #expect(desk.calls.count == 2)
    let spent = try await desk.store.spent(channel: "smsir", day: Budget.day(of: desk.time.now()))
    #expect(spent.messages == 2)
    await desk.stop()
  }

  @Test func `room is what the tighter of both leaves, and a day is one of UTC`() {
    let budget = Budget(messages: 10, parts: 12)
    #expect(budget.room(for: Spending(messages: 1, parts: 2), beside: Spending(messages: 3, parts: 5)) == 3)
    #expect(budget.room(for: Spending(messages: 1, parts: 1), beside: Spending(messages: 9, parts: 0)) == 1)
    #expect(budget.room(for: Spending(messages: 1, parts: 1), beside: Spending(messages: 0, parts: 99)) == 0)
    #expect(Budget.day(of: Instant(seconds: 86_399)) == Instant(seconds: 0))
    #expect(Budget.day(of: Instant(seconds: -1)) == Instant(seconds: -86_400))
  }
}

import Language
import PluginHost
import Testing

@testable import Storage

/// What `at_most`, snoozing and quiet hours hold back is held no longer than they say, and lost by none of them.
struct ReviewHoldTests {
  private static func limited(_ id: String, to recipient: String = "r1", keys: [String] = []) -> NewDelivery {
    var delivery = alert(id, to: recipient, keys: keys)
    delivery.limit = RateLimit(count: 1, per: .seconds(600))
    return delivery
  }

  @Test func `what at_most counts is looked up and never scanned`() async throws {
    let plan = try await memoryStore().texts("EXPLAIN QUERY PLAN " + Statements.toldLately, column: 3)
    #expect(plan.contains { $0.hasPrefix("SEARCH") } && !plan.contains { $0.hasPrefix("SCAN") }, "\(plan)")
  }

  @Test func `what another watch told the same person does not count against at_most`() async throws {
    let store = try memoryStore()
    try await store.commit(run(watch: "w2", deliveries: [alert("noisy")]))
    try await store.record(try await store.lease().map { ended($0, .delivered(receipt: nil)) }, now: at(1))
    try await store.commit(run(seconds: 2, deliveries: [Self.limited("d1")]))
    #expect(try await store.lease(at: 3).map(\.id) == ["d1"])
  }

  @Test func `a clock that was set back does not hold a delivery for longer than its limit's window`() async throws {
    let store = try memoryStore()
    try await store.commit(run(seconds: 90_000, deliveries: [Self.limited("d1")]))
    try await store.record(
      try await store.lease(at: 90_000).map { ended($0, .delivered(receipt: nil)) }, now: at(90_000))
    try await store.commit(run(seconds: 10, deliveries: [Self.limited("d2")]))
    #expect(try await store.lease(at: 11).map(\.id) == ["d2"])
  }

  @Test func `what at_most holds back can still turn out to have been delivered`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [Self.limited("d1")]))
    let slow = try await store.lease(at: 0, holds: 5)
    try await store.commit(run(seconds: 6, deliveries: [Self.limited("d2", to: "other")]))
    try await store.execute(
      "UPDATE deliveries SET subscription = 'telegram|r1', state = 'delivered', place = NULL, ended_at = \(at(6).milliseconds) WHERE id = 'd2'"
    )
    // The lease of the first ran out, and meanwhile the limit is used up.
    #expect(try await store.lease(at: 10).isEmpty)
    try await store.record(slow.map { ended($0, .delivered(receipt: "late")) }, now: at(11))
    #expect(try await store.lease(at: 700).isEmpty)
    #expect(try await store.states()["d1"] == .delivered)
  }

  @Test func `what is snoozed while it is being sent is not tried again before the end`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1")]))
    let leased = try await store.lease(at: 0)
    try await store.snooze(channel: "telegram", recipient: "r1", until: at(3600), now: at(1))
    try await store.record(leased.map { ended($0, .retry(after: nil), next: at(30)) }, now: at(2))
    #expect(try await store.lease(at: 31).isEmpty)
    #expect(try await store.nextDue(channel: "telegram", now: at(31)) == at(3600))
    #expect(try await store.lease(at: 3600).map(\.id) == ["d1"])
  }

  @Test func `quiet hours defer news of what went and never drop it, unless it is late after them`() async throws {
    let store = try memoryStore()
    func held(_ id: String, _ key: String, at seconds: Int64) -> RunCommit {
      var delivery = alert(id, keys: [key], change: .removed, changes: [0], notBefore: at(10_000))
      delivery.usefulFor = .seconds(900)
      return run(seconds: seconds, items: [life(key, .gone, since: seconds)], deliveries: [delivery]) {
        $0.changes = [Change(.removed, item(key))]
      }
    }
    func at(_ seconds: Int64) -> Instant { StorageTests.at(seconds) }
    try await store.commit(held("d1", "a", at: 10))
    try await store.commit(held("d2", "b", at: 9_900))
    let leased = try await store.lease(at: 10_001)
    #expect(leased.flatMap { $0.message.lines.map(\.text) } == ["line a", "line b"])
    try await store.release(leased)
    #expect(try await store.lease(at: 10_901).isEmpty)
    #expect(try await store.states()["d1"] == .expired)
  }
}

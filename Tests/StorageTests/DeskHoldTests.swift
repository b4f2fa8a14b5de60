import Language
import PluginHost
import Testing

@testable import Storage

/// What recipients ask for by command: snooze and stop of a watch or of everything, and resume.
struct DeskHoldTests {
  private func told(_ store: Store, at now: Int64) async throws -> [String] {
    var ids: [String] = []
    while case let leases = try await store.lease(at: now), !leases.isEmpty {
      ids += leases.map(\.id)
      try await store.record(leases.map { ended($0, .delivered(receipt: nil)) }, now: at(now))
    }
    return ids.sorted()
  }

  @Test func `who stopped one watch hears of the others, and maintainers' messages go on`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1")]))
    #expect(try await store.stopSubscription(channel: "telegram", recipient: "r1", watch: "w1", now: at(1)) == 1)
    try await store.commit(run(seconds: 2, deliveries: [alert("d2"), alert("m", kind: .maintainer)]))
    try await store.commit(run(watch: "w2", seconds: 3, deliveries: [alert("d3")]))
    #expect(try await told(store, at: 4) == ["d3", "m"])
    #expect(try await store.states() == ["d1": .cancelled, "d2": .cancelled, "d3": .delivered, "m": .delivered])
    let story = try #require(try await store.delivery("d2"))
    #expect(story.delivery.reason == "stopped")
    #expect(try await store.heldBack(delivery: "d2", now: at(5)) == [HeldBack(cause: .stopped)])
  }

  @Test func `a stop set while a message is being sent lets it end, and ends its retry`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1")]))
    let lease = try #require(try await store.lease(at: 1).first)
    try await store.stopSubscription(channel: "telegram", recipient: "r1", watch: nil, now: at(2))
    try await store.record([ended(lease, .retry(after: nil), next: at(3), reason: "timeout")], now: at(2))
    #expect(try await store.lease(at: 4).isEmpty)
    #expect(try await store.states() == ["d1": .cancelled])
  }

  @Test func `who resumes hears again and is greeted anew`() async throws {
    let store = try memoryStore()
    try await store.commit(run { $0.greeted = ["telegram|r1", "telegram|r2"] })
    try await store.stopSubscription(channel: "telegram", recipient: "r1", watch: nil, now: at(1))
    #expect(try await store.resumeSubscription(channel: "telegram", recipient: "r1", watch: nil, now: at(2)))
    #expect(try await !store.resumeSubscription(channel: "telegram", recipient: "r1", watch: nil, now: at(2)))
    #expect(try await store.state(of: "w1").greeted == ["telegram|r2"])
    try await store.commit(run(seconds: 3, deliveries: [alert("d1")]))
    #expect(try await told(store, at: 4) == ["d1"])
    #expect(try await store.subscriptionHolds(now: at(4)).isEmpty)
  }

  @Test func `a snooze of one watch holds it back, loses nothing, and ends by itself or by resume`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1")]))
    let held = try await store.snoozeSubscription(
      channel: "telegram", recipient: "r1", watch: "w1", until: at(600), now: at(1))
    #expect(held == 1)
    try await store.commit(run(seconds: 2, deliveries: [alert("d2")]))
    try await store.commit(run(watch: "w2", seconds: 2, deliveries: [alert("d3")]))
    #expect(try await told(store, at: 599) == ["d3"])
    #expect(try await store.heldBack(delivery: "d2", now: at(599)) == [HeldBack(cause: .snoozed, until: at(600))])
    #expect(try await told(store, at: 600) == ["d1", "d2"])

    try await store.snoozeSubscription(channel: "telegram", recipient: "r1", watch: "w1", until: at(9000), now: at(700))
    try await store.commit(run(seconds: 701, deliveries: [alert("d4")]))
    #expect(try await store.resumeSubscription(channel: "telegram", recipient: "r1", watch: "w1", now: at(702)))
    #expect(try await told(store, at: 702) == ["d4"])
  }

  @Test func `resume ends a snooze of everything and revives who was gone`() async throws {
    let store = try memoryStore()
    try await store.snooze(channel: "telegram", recipient: "r1", until: at(9000), now: at(1))
    try await store.commit(run(seconds: 2, deliveries: [alert("d1"), alert("d2", to: "r2")]))
    let lease = try await store.lease(at: 3)
    #expect(lease.map(\.id) == ["d2"])
    try await store.record(lease.map { ended($0, .recipientGone) }, now: at(3))
    for recipient in ["r1", "r2"] {
      #expect(try await store.resumeSubscription(channel: "telegram", recipient: recipient, watch: nil, now: at(4)))
    }
    try await store.commit(run(seconds: 5, deliveries: [alert("d3", to: "r2")]))
    #expect(try await told(store, at: 6) == ["d1", "d3"])
  }

  @Test func `who moved stays stopped, and resumes by the old address`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1")]))
    let lease = try #require(try await store.lease(at: 1).first)
    try await store.stopSubscription(channel: "telegram", recipient: "r1", watch: nil, now: at(1))
    try await store.record([ended(lease, .moved(to: "r9"))], now: at(2))
    try await store.commit(run(seconds: 3, deliveries: [alert("d2")]))
    #expect(try await told(store, at: 4).isEmpty)
    #expect(try await store.resumeSubscription(channel: "telegram", recipient: "r1", watch: nil, now: at(5)))
    try await store.commit(run(seconds: 6, deliveries: [alert("d3")]))
    #expect(try await told(store, at: 7) == ["d3"])
  }
}

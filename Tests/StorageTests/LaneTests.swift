import Testing

@testable import Storage

/// Channels that are one address themselves, as a webhook is: a queue for each watch.
struct LaneTests {
  private func news(_ id: String) -> NewDelivery { alert(id, to: "", channel: "hook") }

  @Test func `of a channel without recipients each watch has its own order, and none waits for another`() async throws {
    let store = try memoryStore()
    try await store.commit(run(watch: "w1", deliveries: [news("a1"), news("a2")]))
    try await store.commit(run(watch: "w2", seconds: 1, deliveries: [news("b1"), news("b2")]))
    let first = try await store.lease("hook", at: 2)
    #expect(Set(first.map(\.id)) == ["a1", "b1"])
    #expect(try await store.lease("hook", at: 2).isEmpty)
    try await store.record(first.filter { $0.id == "b1" }.map { ended($0, .delivered(receipt: nil)) }, now: at(3))
    #expect(try await store.lease("hook", at: 3).map(\.id) == ["b2"])
    // What is tried again later lets the next of its own watch through, and nothing else.
    try await store.record(
      first.filter { $0.id == "a1" }.map { ended($0, .retry(after: nil), next: at(60)) }, now: at(4))
    #expect(try await store.lease("hook", at: 4).map(\.id) == ["a2"])
  }

  @Test func `a snooze and its end move every queue of such a channel`() async throws {
    let store = try memoryStore()
    for watch in ["w1", "w2"] { try await store.commit(run(watch: watch, deliveries: [news(watch)])) }
    try await store.snooze(channel: "hook", recipient: "", until: at(1000), now: at(1))
    #expect(try await store.lease("hook", at: 2).isEmpty)
    #expect(try await Set(store.lease("hook", at: 1000).map(\.id)) == ["w1", "w2"])
  }

  @Test func `people have one queue for all their watches`() async throws {
    let store = try memoryStore()
    for watch in ["w1", "w2"] { try await store.commit(run(watch: watch, deliveries: [alert(watch)])) }
    #expect(try await store.lease(at: 1).map(\.id) == ["w1"])
  }
}

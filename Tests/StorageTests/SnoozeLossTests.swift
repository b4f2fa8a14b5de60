import Language
import PluginHost
import Storage
import Testing

/// Found by the simulator (seed 297): a snooze by command that was longer than `useful_for` lost what had gone meanwhile.
struct SnoozeLossTests {
  private let start = Instant(seconds: 1_791_232_200)

  /// That `k` went, told as of use for 15 minutes.
  private func storeWithGoing(_ snooze: (Store) async throws -> Void) async throws -> Store {
    let store = try Store(path: "t", mode: .inMemory)
    try await snooze(store)
    let item = Item(key: "k", branch: .root, fields: [Item.Field("k", .text("k"))])
    var run = RunCommit(
      watch: "w", site: "s", specVersion: "1", startedAt: start, endedAt: start, verdict: .empty, keyFields: ["k"])
    run.items = [ItemRecord(item: item, state: .gone, since: start, firstSeen: start, lastSeen: start, lives: 1)]
    run.changes = [Change(.removed, item)]
    let message = Message(
      kind: .alert, site: "s", watch: "w", language: "fa", title: "t",
      lines: [Message.Line(change: .removed, text: "k", itemKey: "k")], at: start)
    run.deliveries = [
      NewDelivery(
        id: "d_1", channel: "c", recipient: "r", subscription: "c|r", message: message, changes: [0],
        usefulFor: .seconds(900), lineEnds: [nil], rule: "test")
    ]
    try await store.commit(run)
    return store
  }

  private func lease(_ store: Store, after seconds: Int64) async throws -> [String] {
    let now = start + .seconds(seconds)
    return try await store.lease(channel: "c", limit: 10, now: now, until: now + .seconds(60)).map(\.id)
  }

  @Test func `that something went is told when a snooze by command is over, and for as long as ever`() async throws {
    let snoozes: [(Store) async throws -> Void] = [
      { store in
        try await store.snoozeSubscription(
          channel: "c", recipient: "r", watch: "w", until: start + .seconds(7200), now: start)
      },
      { store in try await store.snooze(channel: "c", recipient: "r", until: start + .seconds(7200), now: start) },
    ]
    for snooze in snoozes {
      let store = try await storeWithGoing(snooze)
      #expect(try await lease(store, after: 7199) == [])
      #expect(try await lease(store, after: 7200) == ["d_1"])
      let late = try await storeWithGoing(snooze)
      #expect(try await lease(late, after: 7200 + 901) == [])
      #expect(try await late.deliveries().map(\.state) == [.expired])
    }
  }
}

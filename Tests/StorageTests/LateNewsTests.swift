import Language
import PluginHost
import Storage
import TestSupport
import Testing

/// Late news is no news, and `at_most` holds back.
struct LateNewsTests {
  let start = Instant(seconds: 1_791_232_200)

  private func commit(
    _ store: Store, at now: Instant, sees items: [String], telling deliveries: [NewDelivery] = []
  ) async throws {
    var run = RunCommit(
      watch: "w", site: "s", specVersion: "1", startedAt: now, endedAt: now, verdict: .items, keyFields: ["k"])
    run.items = items.map { key in
      let item = Item(key: key, branch: .root, fields: [Item.Field("k", .text(key))])
      return ItemRecord(item: item, state: .open, since: start, firstSeen: start, lastSeen: now, lives: 1)
    }
    run.deliveries = deliveries
    try await store.commit(run)
  }

  private func delivery(
    _ id: String, _ keys: [String], ends: [Instant?] = [], notBefore: Instant? = nil, limit: RateLimit? = nil
  ) -> NewDelivery {
    let message = Message(
      kind: .alert, site: "s", watch: "w", language: "fa", title: "t",
      lines: keys.map { Message.Line(change: .added, text: $0, itemKey: $0) }, at: start)
    return NewDelivery(
      id: id, channel: "c", recipient: "r", subscription: "c|r", message: message, notBefore: notBefore,
      usefulFor: .seconds(900), lineEnds: ends, limit: limit, rule: "test")
  }

  private func lease(_ store: Store, at now: Instant) async throws -> [LeasedDelivery] {
    try await store.lease(channel: "c", limit: 10, now: now, until: now + .seconds(60))
  }

  private func deliver(_ store: Store, _ leased: [LeasedDelivery], at now: Instant) async throws {
    try await store.record(
      leased.map {
        AttemptRecord(
          delivery: $0.id, attempt: $0.attempt, startedAt: now, endedAt: now, outcome: .delivered(receipt: nil),
          status: 200, reason: "ok", detail: nil, nextAt: nil)
      }, now: now)
  }

  @Test func `what was last seen too long ago is not told any more`() async throws {
    let store = try Store(path: "t", mode: .inMemory)
    try await commit(store, at: start, sees: ["a"], telling: [delivery("d_1", ["a"], notBefore: start + .seconds(901))])
    #expect(try await lease(store, at: start + .seconds(902)).isEmpty)
    #expect(try await store.deliveries().map(\.state) == [.expired])
  }

  @Test func `what is still seen stays fresh however long it was held back`() async throws {
    let store = try Store(path: "t", mode: .inMemory)
    try await commit(
      store, at: start, sees: ["a", "b"], telling: [delivery("d_1", ["a", "b"], notBefore: start + .seconds(7200))])
    try await commit(store, at: start + .seconds(7000), sees: ["a"])
    let leased = try await lease(store, at: start + .seconds(7201))
    #expect(leased.first?.message.lines.map(\.text) == ["a"])
  }

  @Test func `an appointment is never told from its start on`() async throws {
    let store = try Store(path: "t", mode: .inMemory)
    let ends = [start + .seconds(60), start + .seconds(3600)]
    try await commit(store, at: start, sees: ["a", "b"], telling: [delivery("d_1", ["a", "b"], ends: ends)])
    let leased = try await lease(store, at: start + .seconds(60))
    #expect(leased.first?.message.lines.map(\.text) == ["b"])
  }

  @Test func `at_most holds the rest back until the window has moved on`() async throws {
    let store = try Store(path: "t", mode: .inMemory)
    let limit = RateLimit(count: 2, per: .seconds(600))
    try await commit(store, at: start, sees: ["a"], telling: (1...3).map { delivery("d_\($0)", ["a"], limit: limit) })
    for step in 0..<2 {
      let now = start + .seconds(step)
      try await deliver(store, try await lease(store, at: now), at: now)
    }
    #expect(try await lease(store, at: start + .seconds(2)).isEmpty)
    #expect(try await store.nextDue(channel: "c", now: start + .seconds(2)) == start + .seconds(600))
    #expect(try await lease(store, at: start + .seconds(600)).map(\.id) == ["d_3"])
  }
}

/// A run that ends after its watch was removed.
struct RemovedWatchTests {
  @Test func `stores nothing and tells nobody`() async throws {
    let now = Instant(seconds: 1_791_232_200)
    let store = try Store(path: "t", mode: .inMemory)
    try await store.upsertWatch(
      WatchRecord(id: "w", site: "s", params: ["p": "1"], every: .seconds(60), origin: .command, addedAt: now))
    try await store.removeWatch("w", now: now)
    var run = RunCommit(
      watch: "w", site: "s", specVersion: "1", startedAt: now, endedAt: now, verdict: .items, keyFields: ["k"])
    let message = Message(kind: .alert, site: "s", watch: "w", language: "fa", title: "t", lines: [], at: now)
    run.deliveries = [
      NewDelivery(id: "d_1", channel: "c", recipient: "r", subscription: "c|r", message: message, rule: "test")
    ]
    #expect(try await store.commit(run).channels.isEmpty)
    #expect(try await store.deliveries().isEmpty)
  }
}

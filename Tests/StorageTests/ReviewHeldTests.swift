import Language
import PluginHost
import Storage
import Testing

/// What waits in the outbox is told once, and as one message where it was held back together.
struct ReviewHeldTests {
  private static func commit(
    _ store: Store, _ id: String, _ keys: [String], at seconds: Int64, until: Instant? = nil
  ) async throws {
    try await store.commit(
      run(seconds: seconds, items: keys.map { life($0) }, deliveries: [alert(id, keys: keys, notBefore: until)]))
  }

  @Test func `what quiet hours held back goes out as one message`() async throws {
    let store = try Store(path: "t", mode: .inMemory)
    try await Self.commit(store, "d1", ["a", "b"], at: 10, until: at(1000))
    try await Self.commit(store, "d2", ["c"], at: 20, until: at(1000))
    try await Self.commit(store, "d3", ["d"], at: 30, until: at(5000))
    try await store.commit(run(seconds: 40, items: [life("b", .gone)]))
    let leased = try await store.lease(at: 1001)
    #expect(leased.map(\.id) == ["d1"])
    #expect(leased.first?.message.lines.map(\.text) == ["line a", "line c"])
  }

  @Test func `what is held back joins the newest that waits, or none: newer news is never told first`() async throws {
    let store = try Store(path: "t", mode: .inMemory)
    try await Self.commit(store, "d1", ["a"], at: 10, until: at(1000))
    try await Self.commit(store, "d2", ["b"], at: 20, until: at(900))
    try await Self.commit(store, "d3", ["c"], at: 30, until: at(1000))
    try await Self.commit(store, "d4", ["d"], at: 40, until: at(1000))
    var told: [[String]] = []
    for second in 0..<4 {
      let leased = try await store.lease(at: 1001 + Int64(second))
      told += leased.map { $0.message.lines.map(\.text) }
      try await store.record(leased.map { ended($0, .delivered(receipt: nil)) }, now: at(1001 + Int64(second)))
    }
    #expect(told == [["line a"], ["line b"], ["line c", "line d"]])
  }

  @Test(arguments: [nil, at(1000)])
  func `an item that went and came back while its news waited is told once`(until: Instant?) async throws {
    let store = try Store(path: "t", mode: .inMemory)
    try await Self.commit(store, "d1", ["a"], at: 10, until: until)
    try await store.commit(run(seconds: 20, items: [life("a", .gone)]))
    try await Self.commit(store, "d2", ["a", "b"], at: 30, until: until)
    var told: [String] = []
    for second in 0..<3 {
      let leased = try await store.lease(at: 1001 + Int64(second))
      told += leased.flatMap { $0.message.lines.map(\.text) }
      try await store.record(leased.map { ended($0, .delivered(receipt: nil)) }, now: at(1001 + Int64(second)))
    }
    #expect(told == ["line a", "line b"])
  }

  @Test func `what may have been accepted already is sent as it was`() async throws {
    let store = try Store(path: "t", mode: .inMemory)
    try await Self.commit(store, "d1", ["a"], at: 10)
    #expect(try await store.lease(at: 11, holds: 5).count == 1)
    // The lease runs out: whether it was accepted is not known.
    #expect(try await store.lease(at: 20, holds: 5).map(\.unsure) == [true])
    try await store.commit(run(seconds: 30, items: [life("a", .gone)]))
    try await Self.commit(store, "d2", ["a"], at: 40)
    #expect(try await store.lease(at: 50).map(\.id) == ["d1"])
  }

  @Test func `what a summary was to tell, and came back meanwhile, is told once`() async throws {
    let store = try memoryStore()
    let summary = alert("d1", keys: ["a", "b"], kind: .summary, change: nil, notBefore: at(1000))
    try await store.commit(run(seconds: 10, items: [life("a"), life("b")], deliveries: [summary]))
    try await store.commit(run(seconds: 20, items: [life("a", .gone)]))
    try await Self.commit(store, "d2", ["a"], at: 30, until: at(1000))
    var told: [String] = []
    for _ in 0..<3 {
      let leased = try await store.lease(at: 1001)
      told += leased.flatMap { $0.message.lines.map(\.text) }
      try await store.record(leased.map { ended($0, .delivered(receipt: nil)) }, now: at(1001))
    }
    #expect(told.sorted() == ["line a", "line b"])
  }

  @Test(arguments: [ItemRecord.State.open, .leaving])
  func `nobody hears that something went which is there again`(_ state: ItemRecord.State) async throws {
    let store = try memoryStore()
    let removed = alert("d1", keys: ["a", "b"], change: .removed, notBefore: at(1000))
    try await store.commit(run(seconds: 10, items: [life("a", .gone), life("b", .gone)], deliveries: [removed]))
    try await store.commit(run(seconds: 20, items: [life("a", state)]))
    #expect(try await store.lease(at: 1001).flatMap { $0.message.lines.map(\.text) } == ["line b"])
  }

  @Test func `a lost attempt whose end comes in late leaves no doubt`() async throws {
    let store = try memoryStore()
    try await Self.commit(store, "d1", ["a"], at: 10)
    let slow = try await store.lease(at: 11, holds: 5)
    try await store.snooze(channel: "telegram", recipient: "r1", until: at(100), now: at(12))
    #expect(try await store.lease(at: 20).isEmpty)
    try await store.record(slow.map { ended($0, .retry(after: nil), next: at(30), status: 429) }, now: at(21))
    #expect(try await store.lease(at: 100).map(\.unsure) == [false])
  }
}

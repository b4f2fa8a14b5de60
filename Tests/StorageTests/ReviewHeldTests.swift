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
}

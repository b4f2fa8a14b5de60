import Language
import PluginHost
import Testing

@testable import Storage

struct TurnsTests {
  @Test func `turns alternate between the freshest of all and the oldest of each watch in its turn`() async throws {
    let store = try memoryStore()
    for (index, watch) in ["a", "b", "c"].enumerated() {
      for number in 0..<4 {
        let id = "\(watch)\(number)"
        try await store.commit(
          run(watch: watch, seconds: Int64(index * 10 + number), deliveries: [alert(id, to: id)]))
      }
    }
    let order = try await store.lease(limit: 12, at: 100).map(\.id)
    #expect(order == ["c3", "a0", "c2", "b0", "c1", "c0", "b3", "a1", "b2", "b1", "a3", "a2"])
  }

  @Test func `maintainers' news, which belong to no watch, have their turn too`() async throws {
    let store = try memoryStore()
    try await store.enqueue([alert("m", to: "ops", kind: .maintainer)], watch: "", site: "", now: at(0))
    try await store.commit(run(seconds: 10, deliveries: (0..<20).map { alert("d\($0)", to: "r\($0)") }))
    #expect(try await store.lease(limit: 4, at: 11).map(\.id).contains("m"))
  }

  @Test(arguments: [
    (Statements.firstWatch, "deliveries_offered_by_watch"), (Statements.watchAfter, "deliveries_offered_by_watch"),
    (Statements.oldestOfWatch, "deliveries_offered_by_watch"),
    (
      "SELECT 1 FROM deliveries e WHERE e.channel = ? AND e.recipient = ? AND e.watch = ? AND e.place = 0 AND e.sequence < ?",
      "deliveries_overtaken"
    ),
  ])
  func `whose turn it is costs index lookups without sorting`(_ sql: String, _ index: String) async throws {
    let plan = try await memoryStore().texts("EXPLAIN QUERY PLAN " + sql, column: 3)
    #expect(plan.count == 1 && plan[0].hasPrefix("SEARCH") && plan[0].contains(index), "\(plan)")
  }

  @Test func `a late look takes back what may not go, as if it had never been leased`() async throws {
    let store = try memoryStore()
    try await store.commit(
      run(
        items: [life("a"), life("b")],
        deliveries: [
          alert("gone", to: "r1", keys: ["a"]), alert("snoozed", to: "r2"), alert("goes", to: "r3", keys: ["a", "b"]),
        ]))
    let leases = try await store.lease()
    #expect(leases.count == 3)
    try await store.snooze(channel: "telegram", recipient: "r2", until: at(500), now: at(1))
    try await store.commit(run(seconds: 2, items: [life("a", .gone, since: 2)]))
    let going = try await store.recheck(leases, now: at(3))
    #expect(going.map(\.id) == ["goes"])
    #expect(going[0].message.lines.map(\.text) == ["line b"])
    #expect(going[0].attempt == 1)
    #expect(try await store.states() == ["gone": .obsolete, "snoozed": .pending, "goes": .leased])
    try await store.record([ended(going[0], .delivered(receipt: nil))], now: at(4))
    #expect(try await store.states()["goes"] == .delivered)
    #expect(try await store.lease(at: 500).map(\.attempt) == [1])
  }

  @Test func `a look at a lease that ran out gives nothing`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("a")]))
    let old = try await store.lease(at: 0, holds: 10)
    let new = try await store.lease(at: 20)
    #expect(new.map(\.attempt) == [2])
    #expect(try await store.recheck(old, now: at(21)).isEmpty)
    #expect(try await store.recheck(new, now: at(21)).map(\.id) == ["a"])
  }
}

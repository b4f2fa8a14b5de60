import Language
import PluginHost
import Testing

@testable import Storage

struct PlanTests {
  @Test(arguments: [
    (Statements.offered, "deliveries_offered"), (Statements.nextOffered, "deliveries_offered"),
    (Statements.nextLater, "deliveries_later"), (Statements.nextLeaseEnd, "deliveries_leased"),
    ("SELECT number FROM deliveries WHERE \(Statements.leaseEnded)", "deliveries_leased"),
  ])
  func `claims are index lookups without sorting`(_ sql: String, _ index: String) async throws {
    let plan = try await memoryStore().texts("EXPLAIN QUERY PLAN " + sql, column: 3)
    #expect(plan.count == 1)
    #expect(plan.allSatisfy { $0.contains("USING") && $0.contains(index) && $0.hasPrefix("SEARCH") }, "\(plan)")
  }

  @Test func `the queues' own statements search and never scan`() async throws {
    let store = try memoryStore()
    let statements = [
      "SELECT number FROM deliveries WHERE channel = ? AND place = 0 AND due_at <= ? ORDER BY due_at LIMIT ?",
      "SELECT min(number) FROM deliveries WHERE channel = ?1 AND recipient = ?2 AND place = 1",
      "SELECT 1 FROM deliveries WHERE channel = ?1 AND recipient = ?2 AND place = 2",
      "SELECT number FROM deliveries WHERE channel = ?1 AND state = 'pending' AND expires_at IS NOT NULL AND expires_at <= ?2",
      "SELECT count(*) FROM deliveries WHERE subscription = ?1 AND state = 'delivered' AND ended_at >= ?2",
      "SELECT count(*) FROM deliveries WHERE subscription = ?1 AND place IS NOT NULL",
      "SELECT id FROM deliveries WHERE channel = ? AND recipient = ? AND place IS NOT NULL AND state = 'pending'",
      "SELECT id FROM deliveries WHERE watch = ? AND place IS NOT NULL AND state = 'pending'",
    ]
    for sql in statements {
      let plan = try await store.texts("EXPLAIN QUERY PLAN " + sql, column: 3)
      #expect(!plan.isEmpty && plan.allSatisfy { $0.hasPrefix("SEARCH") }, "\(sql): \(plan)")
    }
  }

  @Test func `the figures of the outbox read what is open, and nothing of what has ended`() async throws {
    let plan = try await memoryStore().texts("EXPLAIN QUERY PLAN " + Statements.openByChannel, column: 3)
    #expect(plan.contains("SCAN deliveries USING INDEX deliveries_open"), "\(plan)")
  }

  @Test func `what a claim asks of its lines is looked up by key, however many items there are`() async throws {
    let plan = try await memoryStore().texts("EXPLAIN QUERY PLAN " + Statements.withdrawLate, column: 3)
    #expect(plan.count >= 4)
    #expect(plan.allSatisfy { $0.hasPrefix("SEARCH") || $0.hasPrefix("CORRELATED") }, "\(plan)")
  }

  @Test func `ten thousand people hear of one run, from one commit and one stored text`() async throws {
    let store = try memoryStore()
    let people = (0..<10_000).map { alert("d\($0)", to: "r\($0)", keys: ["a"], changes: [0]) }
    try await store.commit(run(items: [life("a")], deliveries: people) { $0.changes = [Change(.added, item("a"))] })
    #expect(try await store.number("SELECT count(*) FROM messages") == 1)
    #expect(try await store.number("SELECT count(*) FROM deliveries WHERE place = 2") == 10_000)
    var told: Set<String> = []
    while told.count < 10_000 {
      let leases = try await store.lease(limit: 30, at: 5)
      if leases.isEmpty { break }
      told.formUnion(leases.map(\.recipient))
      try await store.record(leases.map { ended($0, .delivered(receipt: nil)) }, now: at(5))
    }
    #expect(told.count == 10_000)
  }
}

import Glibc
import Language
import PluginHost
import TestSupport
import Testing

@testable import Storage

/// A hundred thousand deliveries that wait. Figures of time are measured by `make bench-outbox` only; that every claim is
/// an index lookup is tested always, in `PlanTests` and here on a full table.
@Suite(.serialized)
struct OutboxBench {
  static let isMeasuring = getenv("BENCH_OUTBOX") != nil

  /// `count` deliveries to as many recipients, by runs of a thousand.
  private static func fill(_ store: Store, _ count: Int) async throws {
    for first in stride(from: 0, to: count, by: 1000) {
      try await store.commit(
        run(
          watch: "w\(first)", items: [life("a")],
          deliveries: (first..<first + 1000).map { alert("d\($0)", to: "r\($0)", keys: ["a"], changes: [0]) }
        ) { $0.changes = [Change(.added, item("a"))] })
    }
  }

  @Test func `with many rows and statistics SQLite still takes the indexes for claims`() async throws {
    let store = try memoryStore()
    try await Self.fill(store, 3000)
    try await store.execute("ANALYZE")
    for sql in [Statements.offered, Statements.nextOffered, Statements.nextLater, Statements.nextLeaseEnd] {
      let plan = try await store.texts("EXPLAIN QUERY PLAN " + sql, column: 3)
      #expect(plan.count == 1 && plan.allSatisfy { $0.hasPrefix("SEARCH") && $0.contains("INDEX") }, "\(plan)")
    }
  }

  @Test(.enabled(if: isMeasuring, "make bench-outbox"))
  func `claims of an outbox of 100,000 rows`() async throws {
    let folder = try Folder()
    try await Self.fill(try Store(path: folder.store), 100_000)
    let clock = SystemTime()
    let opening = clock.uptime()
    let store = try Store(path: folder.store)
    let opened = clock.uptime() - opening
    var claims: [Duration] = []
    for round in 0..<1000 as Range<Int64> {
      let start = clock.uptime()
      let leases = try await store.lease(limit: 8, at: round)
      claims.append(clock.uptime() - start)
      #expect(leases.count == 8)
      try await store.record(leases.map { ended($0, .delivered(receipt: nil)) }, now: at(round))
    }
    claims.sort()
    let size = StoreFile.size(of: folder.store) >> 20
    print(
      "open \(opened / .milliseconds(1)) ms (\(size) MiB); claim of 8: p50 \(claims[500] / .milliseconds(1)) ms,",
      "p99 \(claims[990] / .milliseconds(1)) ms, max \(claims[999] / .milliseconds(1)) ms (this build, this disk)")
  }
}

import Language
import PluginHost
import Testing

@testable import Storage

/// What each statement of a delivery's life costs does not grow with what waits and what was sent.
struct DeliveryReviewCostTests {
  /// Found by trying: with one row the dearest takes some 600 steps (a claim that admits and hands out 8).
  private static let mostSteps = 6000
  private static let rows = 20_000

  /// `rows` waiting on one channel, of 20 watches, and as many that were sent with an attempt each.
  ///
  /// - Parameter recipient: SQL for the address of row n; of a channel without recipients all are the same.
  private func full(recipient: String) async throws -> Store {
    let store = try memoryStore()
    try await store.execute(
      """
      INSERT INTO messages (id, text) SELECT 1, text FROM (SELECT '\(JSONText.write(message(["a"]).json))' AS text);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(Self.rows * 2))
      INSERT INTO deliveries (id, kind, state, channel, recipient, subscription, rule, watch, site, message, sequence,
        created_at, due_at, useful_for_ms, limit_count, limit_per_ms, place, ended_at)
      SELECT 'x' || i, 'alert', iif(i % 2, 'pending', 'delivered'), 'ops', \(recipient), 'ops|' || \(recipient), 'r',
        'w' || (i % 20), 'site', 1, i, \(at(0).milliseconds) + i, \(at(0).milliseconds), 900000000, 5, 1000,
        iif(i % 2, 1, NULL), iif(i % 2, NULL, \(at(0).milliseconds) + i) FROM n;
      INSERT INTO delivery_lines (delivery, line, kind, item_key) SELECT number, 0, 'added', 'k' || number FROM deliveries;
      INSERT INTO attempts (delivery, channel, attempt, started_at, ended_at, outcome, reason, counted)
        SELECT number, channel, 1, ended_at, ended_at, 'delivered', 'ok', 1 FROM deliveries WHERE state = 'delivered';
      UPDATE deliveries SET place = 2 WHERE number IN
        (SELECT min(number) FROM deliveries WHERE place = 1 GROUP BY channel, recipient);
      """)
    return store
  }

  private func live(_ store: Store) async throws {
    let now: Int64 = 100
    var fresh = alert("new", to: "r1", channel: "ops", keys: ["k"], changes: [0])
    fresh.limit = RateLimit(count: 5, per: .seconds(1))
    try await store.commit(
      run(watch: "w1", seconds: now, items: [life("k")], deliveries: [fresh]) {
        $0.changes = [Change(.added, item("k"))]
      }
    )
    let leases = try await store.lease("ops", limit: 8, at: now)
    #expect(!leases.isEmpty)
    let going = try await store.recheck(leases, now: at(now + 6))
    try await store.begin(going)
    try await store.record(going.dropFirst(4).map { ended($0, .delivered(receipt: nil)) }, now: at(now + 7))
    try await store.record(
      going.prefix(4).map { ended($0, .retry(after: nil), next: at(now + 60), status: 503) }, now: at(now + 7))
    try await store.release(try await store.lease("ops", limit: 8, at: now + 8))
    _ = try await store.nextDue(channel: "ops", now: at(now + 9))
  }

  @Test(arguments: ["'r' || i", "''"])
  func `a send costs the same steps with twenty thousand waiting`(_ recipient: String) async throws {
    let store = try await full(recipient: recipient)
    _ = await store.takeSteps()
    try await live(store)
    for (sql, steps) in await store.takeSteps() where steps > Self.mostSteps {
      Issue.record("\(steps) steps: \(sql)")
    }
  }

  @Test(arguments: ["'r' || i", "''"])
  func `a look at a healthy channel does not read its whole past`(_ recipient: String) async throws {
    let store = try await full(recipient: recipient)
    _ = await store.takeSteps()
    let report = try await store.channelReport("ops", now: at(9000))
    #expect(report.faultsInARow == 0 && report.lastFailure == nil)
    for (sql, steps) in await store.takeSteps() where steps > Self.mostSteps && !sql.contains("count(*)") {
      Issue.record("\(steps) steps: \(sql)")
    }
  }
}

extension Store {
  fileprivate func takeSteps() -> [String: Int] { db.takeSteps() }
}

import Language
import Storage

/// What the oracle reads of the store, by statements of its own.
struct StoreView {
  let store: Store

  private func rows(_ sql: String, _ columns: Int, _ values: [Int64] = [], text: [String] = []) -> [[String]] {
    store.assumeIsolated { store in
      do {
        return try store.table(sql, columns: columns, values, text: text).map { $0.map { $0 ?? "" } }
      } catch {
        halt("the oracle can't read the store: \(error)")
      }
    }
  }

  /// Differs from what it was before any write.
  var changeCount: String { rows("SELECT total_changes()", 1)[0][0] }

  struct Run {
    var watch: String
    var id: Int64
    var repeats: Int64
    var startedWall: Int64
  }

  var lastRuns: [Run] {
    rows(
      """
      SELECT w.watch, w.last_run, r.repeats, r.started_at FROM watch_states w JOIN runs r ON r.id = w.last_run
      ORDER BY w.watch
      """, 4
    ).map { Run(watch: $0[0], id: number($0[1]), repeats: number($0[2]), startedWall: number($0[3])) }
  }

  /// `added s3`, sorted.
  func changes(of run: Int64) -> [String] {
    rows("SELECT kind, item_key FROM changes WHERE run = ?", 2, [run]).map { "\($0[0]) \($0[1])" }.sorted()
  }

  /// `s3 open`, sorted; without what is gone.
  func snapshot(of watch: String) -> [String] {
    rows("SELECT key, state FROM items WHERE watch = ? AND state <> 'gone'", 2, text: [watch])
      .map { "\($0[0]) \($0[1])" }.sorted()
  }

  func greeted(of watch: String) -> Set<String> {
    Set(rows("SELECT subscription FROM subscriptions_greeted WHERE watch = ?", 1, text: [watch]).map { $0[0] })
  }

  /// Watch and subscription of everybody.
  var greeted: Set<[String]> { Set(rows("SELECT watch, subscription FROM subscriptions_greeted", 2)) }

  /// `chat|u1 added s3`: who is told which change of a run.
  func lines(of run: Int64) -> Set<String> {
    Set(
      rows(
        """
        SELECT d.subscription, l.kind, l.item_key FROM changes c JOIN delivery_lines l ON l.change = c.id
        JOIN deliveries d ON d.number = l.delivery WHERE c.run = ?
        """, 3, [run]
      ).map { "\($0[0]) \($0[1]) \($0[2])" })
  }

  struct Delivery {
    var number: Int64
    var id: String
    var state: String
    var kind: String
    var channel: String
    var recipient: String
    var subscription: String
    var watch: String
    var reason: String
    var isOfRun: Bool
  }

  private static let delivery =
    "SELECT number, id, state, kind, channel, recipient, subscription, watch, reason, run FROM deliveries WHERE "

  private func deliveries(_ condition: String, _ values: [Int64] = [], text: [String] = []) -> [Delivery] {
    rows(StoreView.delivery + condition, 10, values, text: text).map {
      Delivery(
        number: number($0[0]), id: $0[1], state: $0[2], kind: $0[3], channel: $0[4], recipient: $0[5],
        subscription: $0[6], watch: $0[7], reason: $0[8], isOfRun: !$0[9].isEmpty)
    }
  }

  func deliveries(after number: Int64) -> [Delivery] { deliveries("number > ? ORDER BY number", [number]) }
  func delivery(_ number: Int64) -> Delivery? { deliveries("number = ?", [number]).first }
  func delivery(id: String) -> Delivery? { deliveries("id = ?", text: [id]).first }

  func keys(of delivery: Int64) -> [String] {
    rows("SELECT item_key FROM delivery_lines WHERE delivery = ? AND item_key IS NOT NULL", 1, [delivery]).map { $0[0] }
  }

  var incidents: (opened: Int64, closed: Int64) {
    let row = rows("SELECT count(*), count(closed_at) FROM incidents", 2)[0]
    return (number(row[0]), number(row[1]))
  }

  /// Per channel: delivered, dead, expired, waiting; counted from the rows.
  var counts: [String: [Int]] {
    let found = rows(
      """
      SELECT channel, sum(state = 'delivered'), sum(state = 'dead'), sum(state = 'expired'),
        sum(state IN ('pending', 'leased')) FROM deliveries GROUP BY channel
      """, 5)
    return Dictionary(uniqueKeysWithValues: found.map { ($0[0], $0.dropFirst().compactMap { Int($0) }) })
  }

  /// The same as `status` says it.
  var statusCounts: [String: [Int]] {
    store.assumeIsolated { store in
      guard let status = try? store.status() else { return [:] }
      return Dictionary(
        uniqueKeysWithValues: status.channels.map { ($0.name, [$0.delivered, $0.dead, $0.expired, $0.queued]) })
    }
  }

  var stillOpen: Set<Int64> {
    Set(rows("SELECT number FROM deliveries WHERE place IS NOT NULL", 1).map { number($0[0]) })
  }

  /// Leased, and perhaps on their way.
  var begun: [String] { rows("SELECT id FROM deliveries WHERE state = 'leased' AND unbegun = 0", 1).map { $0[0] } }

  private func number(_ text: String) -> Int64 { Int64(text) ?? 0 }
}

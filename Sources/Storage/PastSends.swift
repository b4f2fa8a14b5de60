import Language
import PluginHost

extension Store {
  /// Attempts are read from the newest back, so many at a time: their numbers rise as they end.
  private static let page = 1000

  public func pastSends(channel: String, since: Instant, now: Instant) throws -> [PastSend] {
    try db.reading {
      var sends = try recorded(channel, since: since)
      // Cut off with an earlier worker: still leased, and perhaps on their way.
      sends += try db.rows(
        "SELECT recipient, leased_at FROM deliveries WHERE channel = ? AND state = 'leased'", channel
      ) { PastSend(recipient: $0.text(0), startedAt: $0.instant(1), isLost: true) }
      // Waits longer than what is read back are found by what waits for them.
      sends += try db.rows(
        """
        SELECT d.recipient, a.started_at, a.next_at FROM deliveries d JOIN attempts a ON a.delivery = d.number
        WHERE d.channel = ?1 AND d.place = 0 AND d.due_at > ?2 AND a.outcome = 'throttled' AND a.status IS NOT NULL
          AND a.next_at > ?2 AND a.started_at < ?3
        """, channel, now, since
      ) { PastSend(recipient: $0.text(0), startedAt: $0.instant(1), throttledUntil: $0.instant(2)) }
      return sends.sorted { $0.startedAt < $1.startedAt }
    }
  }

  private func recorded(_ channel: String, since: Instant) throws -> [PastSend] {
    var sends: [PastSend] = []
    var before = Int64.max
    while true {
      let rows = try db.rows(
        """
        SELECT a.id, a.started_at, a.ended_at, d.recipient, CASE WHEN a.outcome = 'throttled' THEN a.next_at END,
          NOT (a.status IS NULL AND (a.outcome = 'throttled' OR a.reason IN ('unsure', 'over_budget')))
        FROM attempts a JOIN deliveries d ON d.number = a.delivery WHERE a.channel = ?1 AND a.id < ?2 ORDER BY a.id DESC LIMIT ?3
        """, channel, before, Store.page
      ) { row in
        (
          id: row.integer(0), endedAt: row.instantOrNil(2), wasSent: row.flag(5),
          send: PastSend(
            recipient: row.text(3), startedAt: row.instant(1), isLost: row.isNull(2),
            throttledUntil: row.instantOrNil(4))
        )
      }
      sends += rows.filter { $0.wasSent && ($0.send.startedAt >= since || $0.send.isLost) }.map(\.send)
      guard rows.count == Store.page, let last = rows.last else { return sends }
      if rows.contains(where: { row in row.endedAt.map { $0 < since } ?? false }) { return sends }
      before = last.id
    }
  }
}

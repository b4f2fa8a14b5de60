import Language

extension Store {
  /// The wall clock was set by `step` (NTP, an operator), which nobody waited for: what counts time that passes moves
  /// with it. Retries and leases keep their rest, a channel its pause, and what was seen a minute ago was seen a minute
  /// ago. What names a time of day stays: appointments, the end of quiet hours, of a snooze.
  public func clockWasSet(by step: Duration) throws {
    try db.transaction(durable: true) {
      try db.run("UPDATE deliveries SET lease_until_at = lease_until_at + ? WHERE state = 'leased'", step)
      // Only an attempt puts a delivery later than its own time. Where a snooze or a limit did, leasing asks again.
      try db.run(
        """
        UPDATE deliveries SET due_at = due_at + ?
        WHERE place = 0 AND attempt > 0 AND (not_before_at IS NULL OR due_at > not_before_at)
        """, step)
      try db.run("UPDATE channels SET until_at = until_at + ? WHERE until_at IS NOT NULL", step)
      try db.run(
        """
        UPDATE items SET last_seen_at = last_seen_at + ? WHERE (watch, key) IN (
          SELECT d.watch, l.item_key FROM deliveries d JOIN delivery_lines l ON l.delivery = d.number
          WHERE d.place IS NOT NULL AND l.item_key IS NOT NULL)
        """, step)
    }
  }
}

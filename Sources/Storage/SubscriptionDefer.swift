import Language

extension Store {
  /// Holds back what waits for a subscription until an instant, as its `snooze` says; nothing is lost by it. What is
  /// being sent goes out, but its retries wait.
  ///
  /// - Returns: How many deliveries wait longer for it.
  @discardableResult
  public func deferSubscription(_ subscription: String, watch: String, until: Instant, now: Instant) throws -> Int {
    try db.transaction(durable: true) {
      let held = try db.rows(
        """
        UPDATE deliveries SET not_before_at = ?3, due_at = max(due_at, ?3),
          place = CASE WHEN state = 'leased' THEN place ELSE 0 END
        WHERE subscription = ?1 AND place IS NOT NULL AND watch = ?2 AND kind IN ('alert', 'summary')
          AND coalesce(not_before_at, 0) < ?3
        RETURNING channel, lane
        """, subscription, watch, until
      ) { [$0.text(0), $0.text(1)] }
      for place in Set(held) { try Queue.fillFront(db, channel: place[0], lane: place[1]) }
      return held.count
    }
  }
}

import Language

extension Queue {
  /// Ends those that have nothing left to say because they are late, where nobody asks for them: on a channel that is
  /// off, paused or misconfigured. What waits for a time of its own (quiet hours, a snooze) may be seen again until then.
  static func expireLate(_ db: Connection, channel: String, now: Instant) throws {
    var last: Int64 = 0
    while true {
      let numbers = try db.rows(
        """
        SELECT number FROM deliveries WHERE channel = ?1 AND place IN (1, 2) AND place IS NOT NULL AND state = 'pending'
          AND number > ?3 AND created_at <= ?2 - useful_for_ms ORDER BY number LIMIT ?4
        """, channel, now, last, batch
      ) { $0.integer(0) }
      for number in numbers {
        try Leases.withdrawLate(db, number: number, now: now)
        if try Leases.whatIsLeft(db, number: number) == .late {
          try end(db, number: number, state: "expired", reason: "expired", now: now)
        }
      }
      guard numbers.count == batch, let end = numbers.last else { return }
      last = end
    }
  }
}

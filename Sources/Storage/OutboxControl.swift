import Language
import PluginHost

/// What operators and recipients may do to the outbox.
extension Store {
  /// Puts deliveries into the outbox that no run made: tests, maintainers' news of channels and of the store.
  ///
  /// - Returns: The channels whose workers are to be woken.
  @discardableResult
  public func enqueue(_ deliveries: [NewDelivery], watch: String, site: String, now: Instant) throws -> Set<String> {
    try db.transaction(durable: true) {
      var insertion = DeliveryInsertion(db: db, watch: watch, site: site, run: nil, now: now)
      return Set(try deliveries.filter { try insertion.insert($0) }.map(\.channel))
    }
  }

  /// Sends a delivery that has ended once more, as it is due now; one that waits is due at once.
  ///
  /// - Returns: False for an unknown or delivered one, one being sent, or where its recipient is gone.
  public func retry(delivery id: String, now: Instant, expiresAt: Instant? = nil) throws -> Bool {
    try db.transaction(durable: true) {
      let found = try db.first("SELECT number, state, channel, recipient FROM deliveries WHERE id = ?", id) {
        (number: $0.integer(0), state: $0.text(1), channel: $0.text(2), recipient: $0.text(3))
      }
      guard let found, found.state != "delivered", found.state != "leased",
        try !Recipients.resolve(db, channel: found.channel, address: found.recipient).isGone
      else { return false }
      try db.run(
        """
        UPDATE deliveries SET state = 'pending', place = 1, due_at = ?2, expires_at = ?3, ended_at = NULL
        WHERE number = ?1
        """, found.number, now, expiresAt)
      // Its tries are counted anew.
      try db.run("UPDATE attempts SET excused = 1 WHERE delivery = ?", found.number)
      try Queue.fillFront(db, channel: found.channel, recipient: found.recipient)
      return true
    }
  }

  /// Ends a delivery that waits; false where there is none.
  public func drop(delivery id: String, now: Instant) throws -> Bool {
    try db.transaction(durable: true) {
      let number = try db.first("SELECT number FROM deliveries WHERE id = ? AND state = 'pending'", id) {
        $0.integer(0)
      }
      guard let number else { return false }
      try Queue.end(db, number: number, state: "dropped", reason: "by_operator", now: now)
      return true
    }
  }

  /// Holds back everything for a recipient until an instant, nothing is lost by it; nil ends that.
  public func snooze(channel: String, recipient: String, until: Instant?, now: Instant) throws {
    try db.transaction(durable: true) {
      try db.run(
        """
        INSERT INTO recipients (channel, address, state, snoozed_until_at, since_at) VALUES (?, ?, 'active', ?, ?)
        ON CONFLICT DO UPDATE SET snoozed_until_at = excluded.snoozed_until_at
        """, channel, recipient, until, now)
      // Retries that were due later lose their wait: the recipient asked.
      try db.run(
        """
        UPDATE deliveries SET place = 0, due_at = max(coalesce(?3, ?4), coalesce(not_before_at, ?4))
        WHERE channel = ?1 AND recipient = ?2 AND place IS NOT NULL AND state = 'pending'
        """, channel, recipient, until, now)
      try Queue.admitDue(db, channel: channel, now: now)
    }
  }

  /// A recipient who was gone is back: what comes from now on is sent again.
  public func reviveRecipient(channel: String, address: String) throws {
    try db.transaction(durable: true) {
      _ = try db.run(
        "DELETE FROM recipients WHERE channel = ? AND address = ? AND state = 'gone'", channel, address)
    }
  }
}

import Language

/// What a recipient asked for with `slothunter subscriptions`: nothing more, or nothing for a while.
public struct SubscriptionHold: Sendable, Hashable {
  public var channel: String
  /// Where it goes now: a move is followed.
  public var recipient: String
  /// nil: of every watch.
  public var watch: String?
  public var isStopped: Bool
  public var snoozedUntil: Instant?
  public var since: Instant
}

/// Asked at insertion and again at each lease, so that a hold set beside a running service holds at once. Maintainers'
/// messages are never held by it.
enum SubscriptionHolds {
  struct Standing {
    var isStopped = false
    var until: Instant?
  }

  /// Stands for every watch in the table's key.
  static let everyWatch = ""

  static func standing(
    _ db: Connection, channel: String, recipient: String, watch: String, now: Instant
  ) throws -> Standing {
    try db.first(
      """
      SELECT max(stopped), max(snoozed_until_at) FROM subscription_holds
      WHERE channel = ? AND recipient = ? AND watch IN ('', ?)
      """, channel, recipient, watch
    ) { row in
      Standing(isStopped: row.intOrNil(0) == 1, until: row.instantOrNil(1).flatMap { $0 > now ? $0 : nil })
    } ?? Standing()
  }

  /// The same for a delivery that stands in front.
  static func standing(_ db: Connection, number: Int64, now: Instant) throws -> Standing {
    try db.first(
      """
      SELECT max(h.stopped), max(h.snoozed_until_at) FROM deliveries d JOIN subscription_holds h
        ON h.channel = d.channel AND h.recipient = d.recipient AND h.watch IN ('', d.watch)
      WHERE d.number = ? AND d.kind IN ('alert', 'summary')
      """, number
    ) { row in
      Standing(isStopped: row.intOrNil(0) == 1, until: row.instantOrNil(1).flatMap { $0 > now ? $0 : nil })
    } ?? Standing()
  }

  /// A recipient who moved keeps what was asked for, under either address.
  static func move(_ db: Connection, channel: String, from: String, to: String) throws {
    try db.run(
      """
      INSERT INTO subscription_holds (channel, recipient, watch, stopped, snoozed_until_at, since_at)
        SELECT channel, ?3, watch, stopped, snoozed_until_at, since_at FROM subscription_holds
        WHERE channel = ?1 AND recipient = ?2
      ON CONFLICT DO UPDATE SET stopped = max(stopped, excluded.stopped),
        snoozed_until_at = nullif(max(coalesce(snoozed_until_at, 0), coalesce(excluded.snoozed_until_at, 0)), 0)
      """, channel, from, to)
    try db.run("DELETE FROM subscription_holds WHERE channel = ? AND recipient = ?", channel, from)
  }

  /// Notes a snooze and holds back what waits; nothing is lost by it.
  ///
  /// - Parameter watch: ``everyWatch`` for all.
  /// - Returns: How many waiting deliveries wait for its end.
  static func snooze(
    _ db: Connection, channel: String, recipient: String, watch: String, until: Instant, now: Instant
  ) throws -> Int {
    try db.run(
      """
      INSERT INTO subscription_holds (channel, recipient, watch, snoozed_until_at, since_at) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET snoozed_until_at = excluded.snoozed_until_at
      """, channel, recipient, watch, until, now)
    let held = try db.rows(
      """
      UPDATE deliveries SET place = 0, due_at = \(Queue.noEarlier(than: "?4")), wished_until_at = ?4
      WHERE channel = ?1 AND recipient = ?2 AND (?3 = '' OR watch = ?3) AND place IS NOT NULL AND state = 'pending'
        AND kind IN ('alert', 'summary')
      RETURNING lane
      """, channel, recipient, watch, until
    ) { $0.text(0) }
    for lane in Set(held) { try Queue.fillFront(db, channel: channel, lane: lane) }
    return held.count
  }

  /// What was held back is due again, when its own time has come; retries lose their wait, as the recipient asked.
  static func release(_ db: Connection, channel: String, recipient: String, watch: String?, now: Instant) throws {
    try db.run(
      """
      UPDATE deliveries SET due_at = \(Queue.noEarlier(than: "?4")), wished_until_at = min(wished_until_at, ?4)
      WHERE channel = ?1 AND recipient = ?2 AND place IS NOT NULL AND place = 0 AND state = 'pending'
        AND (?3 IS NULL OR watch = ?3)
      """, channel, recipient, watch, now)
    try Queue.admitDue(db, channel: channel, now: now)
  }
}

extension Store {
  /// Everything asked for that is not over yet.
  public func subscriptionHolds(now: Instant) throws -> [SubscriptionHold] {
    try db.rows(
      """
      SELECT channel, recipient, watch, stopped, snoozed_until_at, since_at FROM subscription_holds
      WHERE stopped = 1 OR snoozed_until_at > ? ORDER BY channel, recipient, watch
      """, now
    ) { row in
      SubscriptionHold(
        channel: row.text(0), recipient: row.text(1),
        watch: row.text(2) == SubscriptionHolds.everyWatch ? nil : row.text(2), isStopped: row.flag(3),
        snoozedUntil: row.instantOrNil(4), since: row.instant(5))
    }
  }

  /// Nothing more for a recipient, of one watch or (nil) of all; what waits is cancelled, what is being sent goes out.
  ///
  /// - Returns: How many waiting deliveries that ended.
  @discardableResult
  public func stopSubscription(channel: String, recipient: String, watch: String?, now: Instant) throws -> Int {
    try db.transaction(durable: true) {
      let address = try Recipients.resolve(db, channel: channel, address: recipient).address
      try db.run(
        """
        INSERT INTO subscription_holds (channel, recipient, watch, stopped, since_at) VALUES (?, ?, ?, 1, ?)
        ON CONFLICT DO UPDATE SET since_at = CASE WHEN stopped = 1 THEN since_at ELSE excluded.since_at END, stopped = 1
        """, channel, address, watch ?? SubscriptionHolds.everyWatch, now)
      let waiting = try db.rows(
        """
        SELECT number FROM deliveries WHERE channel = ?1 AND recipient = ?2 AND place IS NOT NULL
          AND state = 'pending' AND kind IN ('alert', 'summary') AND (?3 IS NULL OR watch = ?3)
        """, channel, address, watch
      ) { $0.integer(0) }
      for number in waiting { try Queue.end(db, number: number, state: "cancelled", reason: "stopped", now: now) }
      return waiting.count
    }
  }

  /// Holds back what one watch has to say to a recipient until an instant; nothing is lost by it. For all watches see
  /// ``snooze(channel:recipient:until:now:)``.
  ///
  /// - Returns: How many waiting deliveries wait longer for it.
  @discardableResult
  public func snoozeSubscription(
    channel: String, recipient: String, watch: String, until: Instant, now: Instant
  ) throws -> Int {
    try db.transaction(durable: true) {
      let address = try Recipients.resolve(db, channel: channel, address: recipient).address
      return try SubscriptionHolds.snooze(
        db, channel: channel, recipient: address, watch: watch, until: until, now: now)
    }
  }

  /// The same of every watch; nil ends that.
  public func snooze(channel: String, recipient: String, until: Instant?, now: Instant) throws {
    try db.transaction(durable: true) {
      let address = try Recipients.resolve(db, channel: channel, address: recipient).address
      if let until {
        _ = try SubscriptionHolds.snooze(
          db, channel: channel, recipient: address, watch: SubscriptionHolds.everyWatch, until: until, now: now)
      } else {
        try db.run(
          "UPDATE subscription_holds SET snoozed_until_at = NULL WHERE channel = ? AND recipient = ? AND watch = ?",
          channel, address, SubscriptionHolds.everyWatch)
        try SubscriptionHolds.release(db, channel: channel, recipient: address, watch: nil, now: now)
      }
    }
  }

  /// Ends what a recipient asked for: a stop or snooze of one watch, or (nil) everything, also that the channel said
  /// they are gone. Who was stopped is greeted anew (`first:`) by the next run that reads.
  ///
  /// - Returns: Whether there was anything to end.
  @discardableResult
  public func resumeSubscription(channel: String, recipient: String, watch: String?, now: Instant) throws -> Bool {
    try db.transaction(durable: true) {
      let address = try Recipients.resolve(db, channel: channel, address: recipient).address
      let stopped = try db.rows(
        """
        DELETE FROM subscription_holds WHERE channel = ?1 AND recipient = ?2 AND (?3 IS NULL OR watch = ?3)
        RETURNING watch, stopped
        """, channel, address, watch
      ) { (watch: $0.text(0), isStopped: $0.flag(1)) }
      for hold in stopped where hold.isStopped {
        // The key of both: who moved is still named by the old address in the configuration.
        for name in Set([recipient, address]) {
          try db.run(
            "DELETE FROM subscriptions_greeted WHERE subscription = ?1 AND (?2 = '' OR watch = ?2)",
            "\(channel)|\(name)", hold.watch)
        }
        try db.unsettle(watch: hold.watch.isEmpty ? nil : hold.watch)
      }
      var ended = stopped.count
      if watch == nil {
        ended += try db.run(
          "DELETE FROM recipients WHERE channel = ? AND address = ? AND state = 'gone'", channel, address)
      }
      guard ended > 0 else { return false }
      try SubscriptionHolds.release(db, channel: channel, recipient: address, watch: watch, now: now)
      return true
    }
  }
}

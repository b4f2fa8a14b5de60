import Language
import PluginHost

/// Taking deliveries to send, and giving them back.
enum Leases {
  /// Leases whose process is gone, or whose time has run out: whether the channel accepted is not known.
  ///
  /// - Parameter condition: SQL of our own, over `deliveries`.
  static func takeBack(_ db: Connection, _ condition: String, _ values: any SQLBindable...) throws {
    let lost = try db.rows("SELECT number FROM deliveries WHERE \(condition)", of: values) { $0.integer(0) }
    for number in lost {
      if try takeBackUnbegun(db, number) { continue }
      try db.run(
        """
        INSERT INTO attempts (delivery, channel, attempt, started_at, outcome, reason, counted)
        SELECT number, channel, attempt, leased_at, 'lost', 'lost', 1 FROM deliveries WHERE number = ?
        """, number)
      try db.run(
        "UPDATE deliveries SET state = 'pending', lease_until_at = NULL, unsure = 1 WHERE number = ?", number)
    }
  }

  /// A lease that was lost before its send began is no attempt. Its number is used up all the same: a worker that still
  /// holds it can record nothing.
  private static func takeBackUnbegun(_ db: Connection, _ number: Int64) throws -> Bool {
    try db.run(
      """
      UPDATE deliveries SET state = 'pending', lease_until_at = NULL, open_attempt = NULL, unbegun = 0
      WHERE number = ? AND unbegun = 1
      """, number) > 0
  }

  /// One that stands in front, and what is left to say of it.
  struct Candidate {
    var number: Int64
    var recipient: String
    var expiresAt: Instant?
    var notBefore: Instant?
    /// ``QuietHours/text``.
    var quiet: String?
  }

  /// What a delivery still has to say.
  enum Remainder {
    case something
    /// Nothing: its items are gone.
    case gone
    /// Nothing, and some of it because it would come too late.
    case late
  }

  static func candidates(_ db: Connection, channel: String, limit: Int) throws -> [Candidate] {
    try db.rows(Statements.offered, channel, limit, read: candidate)
  }

  /// From the columns of ``Statements/candidate``.
  static func candidate(_ row: Row) -> Candidate {
    Candidate(
      number: row.integer(0), recipient: row.text(1), expiresAt: row.instantOrNil(2),
      notBefore: row.instantOrNil(3), quiet: row.textOrNil(4))
  }

  /// - Parameter unbegun: ``Store/begin(_:)`` will say when its send begins.
  static func take(
    _ db: Connection, _ candidate: Candidate, now: Instant, until: Instant, unbegun: Bool = false
  ) throws -> LeasedDelivery? {
    try db.run(
      """
      UPDATE deliveries SET state = 'leased', attempt = attempt + 1, open_attempt = attempt + 1, leased_at = ?2,
        lease_until_at = ?3, unbegun = ?4
      WHERE number = ?1
      """, candidate.number, now, until, unbegun)
    return try db.first(
      """
      SELECT d.id, d.channel, d.recipient, m.text, d.attempt, d.plain, d.sequence, d.created_at, d.expires_at, d.unsure,
        (SELECT count(*) FROM attempts a WHERE a.delivery = d.number AND a.excused < 2 AND (a.outcome = 'lost'
          OR a.reason IN ('timeout', 'reset', 'garbled', 'cancelled', 'too_large')
          OR (a.reason = 'server_error' AND a.status IN (502, 504)))),
        (SELECT count(*) FROM attempts a WHERE a.delivery = d.number AND a.outcome = 'retry' AND a.excused = 0),
        \(Turns.isOutOfOrder)
      FROM deliveries d JOIN messages m ON m.id = d.message WHERE d.number = ?
      """, candidate.number
    ) { row in
      guard let message = JSONText.read(row.text(3)).flatMap(Message.init(json:)) else {
        throw ItemJSON.damage(db.path)
      }
      return LeasedDelivery(
        id: row.text(0), channel: row.text(1), recipient: row.text(2), message: message, attempt: row.int(4),
        plain: row.flag(5), sequence: row.int(6), createdAt: row.instant(7), expiresAt: row.instantOrNil(8),
        unsure: row.flag(9), doubts: row.int(10), failures: row.int(11), isOutOfOrder: row.flag(12))
    }
  }

  /// Takes out the lines whose items are gone, and those that say that an item went which is there again.
  ///
  /// `leaving` counts as there: until it has settled, that an item is missing is no news. Of an item that the store
  /// knows nothing of (the spec's key was changed since) nothing can be said against it.
  static func withdrawGone(_ db: Connection, number: Int64) throws -> Remainder {
    try db.run(
      """
      UPDATE delivery_lines SET state = 'withdrawn'
      WHERE delivery = ?1 AND state = 'shown' AND item_key IS NOT NULL
        AND EXISTS (SELECT 1 FROM items JOIN deliveries d ON d.watch = items.watch
          WHERE d.number = ?1 AND d.kind IN ('alert', 'summary') AND items.key = delivery_lines.item_key
            AND items.state IN (CASE WHEN delivery_lines.kind IS 'removed' THEN 'open' ELSE 'gone' END,
              CASE WHEN delivery_lines.kind IS 'removed' THEN 'leaving' ELSE 'passed' END))
      """, number)
    return try whatIsLeft(db, number: number)
  }

  /// Takes out the lines that are told too late: past their own end, or seen too long ago.
  ///
  /// What counts is the last good run that saw the item, so what is still seen stays fresh however long it was held
  /// back; of what went (`removed`), and of items that the store knows nothing of, the run that found it: lines of later
  /// runs join a delivery that is held back. What its recipient's wish holds back (quiet hours, a snooze) is of use from
  /// when it may go: that something went stays true.
  static func withdrawLate(_ db: Connection, number: Int64, now: Instant) throws {
    try db.run(Statements.withdrawLate, number, now)
  }

  static func whatIsLeft(_ db: Connection, number: Int64) throws -> Remainder {
    let counts = try db.first(
      """
      SELECT count(*), coalesce(sum(state = 'shown'), 0), coalesce(sum(late), 0) FROM delivery_lines
      WHERE delivery = ?
      """, number
    ) { ($0.int(0), $0.int(1), $0.int(2)) }
    guard let (all, shown, late) = counts, all > 0, shown == 0 else { return .something }
    return late > 0 ? .late : .gone
  }

  /// When a delivery over its subscription's `at_most` may go; nil where it may go now.
  ///
  /// In any window of the limit's length at most so many were delivered or are on their way. Other watches of the same
  /// person do not count: a busy one would silence this one for good.
  static func heldByLimit(_ db: Connection, number: Int64, now: Instant) throws -> Instant? {
    let limit = try db.first(
      """
      SELECT subscription, watch, limit_count, limit_per_ms FROM deliveries
      WHERE number = ? AND limit_count IS NOT NULL
      """, number
    ) { row in
      (
        subscription: row.text(0), watch: row.text(1), count: row.int(2), per: Duration.milliseconds(row.integer(3))
      )
    }
    guard let limit else { return nil }
    let times = try db.rows(
      Statements.toldLately, limit.subscription, limit.watch, now - limit.per, now, number, limit.count
    ) { $0.instant(0) }
    guard times.count >= limit.count, let oldest = times.last else { return nil }
    return oldest + limit.per
  }

  /// When the quiet hours end that a delivery is about to be sent in; nil outside them. Planned for when it was made, but
  /// a retry, a limit or a pause may have brought it here.
  static func quietEnd(_ candidate: Candidate, now: Instant) -> Instant? {
    candidate.quiet.flatMap(QuietHours.init(text:))?.end(at: now)
  }

  static func withdrawnLines(_ db: Connection, number: Int64) throws -> Set<Int> {
    Set(
      try db.rows("SELECT line FROM delivery_lines WHERE delivery = ? AND state = 'withdrawn'", number) { $0.int(0) })
  }
}

/// Statements whose plan a test looks at: each must be an index lookup.
enum Statements {
  /// Lines that come too late to be told. A line's item is asked for by its key, not joined: of a view on the right of a
  /// LEFT JOIN, SQLite 3.40 makes a table first, of every item there is.
  static let withdrawLate = """
    UPDATE delivery_lines SET state = 'withdrawn', late = 1
    WHERE delivery = ?1 AND state = 'shown' AND (ends_at <= ?2 OR EXISTS (
      SELECT 1 FROM deliveries d
      WHERE d.number = ?1 AND d.useful_for_ms IS NOT NULL
        AND ?2 - d.useful_for_ms > coalesce(
          CASE WHEN delivery_lines.kind IS NOT 'removed' THEN
            (SELECT i.seen_at FROM items_seen i WHERE i.watch = d.watch AND i.key = delivery_lines.item_key) END,
          (SELECT max(r.ended_at, coalesce(d.not_before_at, 0), coalesce(d.wished_until_at, 0))
            FROM changes c JOIN runs r ON r.id = c.run WHERE c.id = delivery_lines.change),
          d.created_at)))
    """

  /// What must be known of a delivery to ask whether it may go now, however it was chosen.
  static let candidate = "SELECT number, recipient, expires_at, not_before_at, quiet FROM deliveries"
  /// Fresh before stale across recipients; each has one front, its oldest.
  static let offered = """
    \(candidate)
    WHERE channel = ? AND place = 2 AND state = 'pending' ORDER BY created_at DESC LIMIT ?
    """
  static let nextOffered = """
    SELECT due_at FROM deliveries
    WHERE channel = ? AND place = 2 AND state = 'pending' ORDER BY created_at DESC LIMIT 1
    """
  /// When a subscription was told within a window, newest first; what is on its way counts as told now. What lies in the
  /// future was recorded before the clock was set back, and says nothing.
  static let toldLately = """
    SELECT ?4 AS at FROM deliveries
    WHERE subscription = ?1 AND watch = ?2 AND state = 'leased'
      AND kind IN ('alert', 'summary') AND number <> ?5
    UNION ALL
    SELECT ended_at FROM deliveries
    WHERE subscription = ?1 AND watch = ?2 AND state = 'delivered' AND ended_at > ?3 AND ended_at <= ?4
      AND kind IN ('alert', 'summary') AND number <> ?5
    ORDER BY at DESC LIMIT ?6
    """
  static let nextLater = "SELECT min(due_at) FROM deliveries WHERE channel = ? AND place = 0"
  static let nextLeaseEnd = "SELECT min(lease_until_at) FROM deliveries WHERE channel = ? AND state = 'leased'"
  static let leaseEnded = "state = 'leased' AND channel = ? AND lease_until_at <= ?"
}

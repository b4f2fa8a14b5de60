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
      try db.run(
        """
        INSERT INTO attempts (delivery, attempt, started_at, outcome, reason, counted)
        SELECT number, attempt, leased_at, 'lost', 'lost', 1 FROM deliveries WHERE number = ?
        """, number)
      try db.run(
        "UPDATE deliveries SET state = 'pending', lease_until_at = NULL, unsure = 1 WHERE number = ?", number)
    }
  }

  /// One that stands in front, and what is left to say of it.
  struct Candidate {
    var number: Int64
    var recipient: String
    var expiresAt: Instant?
  }

  static func candidates(_ db: Connection, channel: String, limit: Int) throws -> [Candidate] {
    try db.rows(Statements.offered, channel, limit) {
      Candidate(number: $0.integer(0), recipient: $0.text(1), expiresAt: $0.instantOrNil(2))
    }
  }

  static func take(_ db: Connection, _ candidate: Candidate, now: Instant, until: Instant) throws -> LeasedDelivery? {
    try db.run(
      """
      UPDATE deliveries SET state = 'leased', attempt = attempt + 1, open_attempt = attempt + 1, leased_at = ?2,
        lease_until_at = ?3
      WHERE number = ?1
      """, candidate.number, now, until)
    return try db.first(
      """
      SELECT d.id, d.channel, d.recipient, m.text, d.attempt, d.plain, d.sequence, d.created_at, d.expires_at, d.unsure
      FROM deliveries d JOIN messages m ON m.id = d.message WHERE d.number = ?
      """, candidate.number
    ) { row in
      guard let message = JSONText.read(row.text(3)).flatMap(Message.init(json:)) else {
        throw ItemJSON.damage(db.path)
      }
      return LeasedDelivery(
        id: row.text(0), channel: row.text(1), recipient: row.text(2), message: message, attempt: row.int(4),
        plain: row.flag(5), sequence: row.int(6), createdAt: row.instant(7), expiresAt: row.instantOrNil(8),
        unsure: row.flag(9))
    }
  }

  /// Takes out the lines whose items are gone.
  ///
  /// `leaving` counts as there: until it has settled, that an item is missing is no news. Of an item that the store
  /// knows nothing of (the spec's key was changed since) nothing can be said against it. `removed` stays: it is true.
  ///
  /// - Returns: Whether anything is left to say.
  static func withdrawGone(_ db: Connection, number: Int64) throws -> Bool {
    try db.run(
      """
      UPDATE delivery_lines SET state = 'withdrawn'
      WHERE delivery = ?1 AND state = 'shown' AND item_key IS NOT NULL AND kind IS NOT 'removed'
        AND EXISTS (SELECT 1 FROM items JOIN deliveries d ON d.watch = items.watch
          WHERE d.number = ?1 AND d.kind IN ('alert', 'summary') AND items.key = delivery_lines.item_key
            AND items.state IN ('gone', 'passed'))
      """, number)
    let counts = try db.first(
      "SELECT count(*), coalesce(sum(state = 'shown'), 0) FROM delivery_lines WHERE delivery = ?", number
    ) { ($0.int(0), $0.int(1)) }
    guard let (all, shown) = counts else { return true }
    return all == 0 || shown > 0
  }

  static func withdrawnLines(_ db: Connection, number: Int64) throws -> Set<Int> {
    Set(
      try db.rows("SELECT line FROM delivery_lines WHERE delivery = ? AND state = 'withdrawn'", number) { $0.int(0) })
  }
}

/// Statements whose plan a test looks at: each must be an index lookup.
enum Statements {
  /// Fresh before stale across recipients; each has one front, its oldest.
  static let offered = """
    SELECT number, recipient, expires_at FROM deliveries
    WHERE channel = ? AND place = 2 AND state = 'pending' ORDER BY created_at DESC LIMIT ?
    """
  static let nextOffered = """
    SELECT due_at FROM deliveries
    WHERE channel = ? AND place = 2 AND state = 'pending' ORDER BY created_at DESC LIMIT 1
    """
  static let nextLater = "SELECT min(due_at) FROM deliveries WHERE channel = ? AND place = 0"
  static let nextLeaseEnd = "SELECT min(lease_until_at) FROM deliveries WHERE channel = ? AND state = 'leased'"
  static let leaseEnded = "state = 'leased' AND channel = ? AND lease_until_at <= ?"
}

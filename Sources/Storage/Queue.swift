import Language

/// Who may be sent next. Each recipient of a channel has a queue of its own, whose front is the only delivery that may
/// be leased: so one recipient never gets two at once and never holds up another, and a claim is one index lookup
/// however long the queues are.
///
/// `place` is 0 until a delivery's time has come, then 1, and 2 for the front.
enum Queue {
  /// The most rows one claim moves on, so that a hundred thousand deferred ones do not stop everybody else for seconds.
  static let batch = 1000

  /// Makes the oldest waiting delivery the front where there is none.
  static func fillFront(_ db: Connection, channel: String, recipient: String) throws {
    try db.run(
      """
      UPDATE deliveries SET place = 2
      WHERE number = (SELECT min(number) FROM deliveries WHERE channel = ?1 AND recipient = ?2 AND place = 1)
        AND NOT EXISTS (SELECT 1 FROM deliveries WHERE channel = ?1 AND recipient = ?2 AND place = 2)
      """, channel, recipient)
  }

  /// Lets those in whose time has come. One that is older than the front takes its place, unless that is being sent.
  static func admitDue(_ db: Connection, channel: String, now: Instant) throws {
    let admitted = try db.rows(
      """
      UPDATE deliveries SET place = 1 WHERE number IN
        (SELECT number FROM deliveries WHERE channel = ? AND place = 0 AND due_at <= ? ORDER BY due_at LIMIT ?)
      RETURNING recipient
      """, channel, now, batch
    ) { $0.text(0) }
    for recipient in Set(admitted) {
      try db.run(
        "UPDATE deliveries SET place = 1 WHERE channel = ? AND recipient = ? AND place = 2 AND state = 'pending'",
        channel, recipient)
      try fillFront(db, channel: channel, recipient: recipient)
    }
  }

  /// Ends those that are of no use any more.
  static func expire(_ db: Connection, channel: String, now: Instant) throws {
    let ended = try db.rows(
      """
      UPDATE deliveries SET state = 'expired', place = NULL, ended_at = ?2, reason = coalesce(reason, 'expired')
      WHERE number IN (SELECT number FROM deliveries
        WHERE channel = ?1 AND state = 'pending' AND expires_at IS NOT NULL AND expires_at <= ?2 LIMIT ?3)
      RETURNING recipient
      """, channel, now, batch
    ) { $0.text(0) }
    for recipient in Set(ended) { try fillFront(db, channel: channel, recipient: recipient) }
  }

  /// Ends one delivery, and lets the next one come to the front. An attempt whose end is not recorded stays open: that
  /// it was delivered after all may still come in.
  static func end(
    _ db: Connection, number: Int64, state: String, reason: String?, detail: String? = nil, receipt: String? = nil,
    now: Instant
  ) throws {
    let place = try db.first(
      """
      UPDATE deliveries SET state = ?2, place = NULL, lease_until_at = NULL, ended_at = ?3, reason = ?4, detail = ?5,
        receipt = ?6
      WHERE number = ?1 RETURNING channel, recipient
      """, number, state, now, reason, detail, receipt
    ) { ($0.text(0), $0.text(1)) }
    if let (channel, recipient) = place { try fillFront(db, channel: channel, recipient: recipient) }
  }

  /// Takes a pending delivery out of the front until its new time. An attempt whose end is not recorded stays open, as
  /// in ``end(_:number:state:reason:detail:receipt:now:)``.
  ///
  /// - Parameter isWish: Its recipient's quiet hours or snooze hold it back: it does not age by that.
  static func hold(_ db: Connection, number: Int64, until: Instant, isWish: Bool = false) throws {
    let found = try db.first(
      """
      UPDATE deliveries SET place = 0, due_at = ?2, wished_until_at = CASE WHEN ?3 THEN ?2 ELSE wished_until_at END
      WHERE number = ?1 RETURNING channel, recipient
      """, number, until, isWish
    ) { ($0.text(0), $0.text(1)) }
    if let (channel, recipient) = found { try fillFront(db, channel: channel, recipient: recipient) }
  }

  /// SQL over `deliveries`: no earlier than `time`, than its own time, and than its channel asked for.
  static func noEarlier(than time: String) -> String {
    """
    max(\(time), coalesce(not_before_at, 0), coalesce((SELECT max(a.next_at) FROM attempts a
      WHERE a.delivery = number AND a.outcome = 'throttled' AND a.status IS NOT NULL), 0))
    """
  }

  /// Puts a delivery back to be tried at `due`, or when it may go at all (a snooze may have come while it was being
  /// sent); nil leaves it where it stands in front.
  static func putBack(_ db: Connection, number: Int64, due: Instant?, now: Instant) throws {
    let found = try db.first(
      """
      UPDATE deliveries SET state = 'pending', lease_until_at = NULL, open_attempt = NULL,
        place = CASE WHEN max(coalesce(?2, ?3), coalesce(not_before_at, ?3)) > ?3 THEN 0 ELSE 1 END,
        due_at = max(coalesce(?2, due_at), coalesce(not_before_at, 0))
      WHERE number = ?1 RETURNING channel, recipient
      """, number, due, now
    ) { ($0.text(0), $0.text(1)) }
    if let (channel, recipient) = found { try fillFront(db, channel: channel, recipient: recipient) }
  }
}

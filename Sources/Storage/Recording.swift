import Language
import PluginHost

/// What an attempt's outcome does to its delivery, its recipient and its channel.
struct Recording {
  let db: Connection
  let now: Instant

  /// A channel that sends a delivery from address to address more often than this is in a circle.
  private static let maxMoves = 3

  private struct Found {
    var number: Int64
    var channel: String
    var recipient: String
    var isOpen: Bool
    var attempt: Int
    var openAttempt: Int?
    var plain: Bool
    var expiresAt: Instant?
  }

  func record(_ record: AttemptRecord) throws {
    // A delivery that retention has removed has no history to keep.
    guard let found = try find(record.delivery) else { return }
    let counts = isNewest(record, of: found)
    if counts {
      try db.run(
        "DELETE FROM attempts WHERE delivery = ? AND attempt = ? AND outcome = 'lost'", found.number, record.attempt)
      // Its end is known after all.
      try db.run(
        """
        UPDATE deliveries SET unsure = EXISTS (SELECT 1 FROM attempts WHERE delivery = number AND outcome = 'lost' AND excused < 2)
        WHERE number = ?
        """, found.number)
    }
    try keep(record, of: found, counts: counts)
    guard counts else { return }
    try db.run("UPDATE deliveries SET open_attempt = NULL WHERE number = ?", found.number)
    try apply(record, to: found)
  }

  private func find(_ id: String) throws -> Found? {
    try db.first(
      """
      SELECT number, channel, recipient, place IS NOT NULL, attempt, open_attempt, plain, expires_at
      FROM deliveries WHERE id = ?
      """, id
    ) { row in
      Found(
        number: row.integer(0), channel: row.text(1), recipient: row.text(2), isOpen: row.flag(3), attempt: row.int(4),
        openAttempt: row.intOrNil(5), plain: row.flag(6), expiresAt: row.instantOrNil(7))
    }
  }

  /// The fence: only the newest attempt, and that once, has effects. One that ended meanwhile (expired while its lease
  /// was lost) can only turn out to have been delivered.
  private func isNewest(_ record: AttemptRecord, of found: Found) -> Bool {
    guard found.attempt == record.attempt, found.openAttempt == record.attempt else { return false }
    if case .delivered = record.outcome { return true }
    return found.isOpen
  }

  private func keep(_ record: AttemptRecord, of found: Found, counts: Bool) throws {
    try db.run(
      """
      INSERT INTO attempts (delivery, channel, attempt, started_at, ended_at, outcome, status, reason, detail, next_at,
        counted, excused)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, found.number, found.channel, record.attempt, record.startedAt, record.endedAt, record.outcome.word,
      record.status,
      record.reason, record.detail, record.nextAt, counts, record.isExcused)
  }

  private func apply(_ record: AttemptRecord, to found: Found) throws {
    switch record.outcome {
    case .delivered(let receipt):
      try Queue.end(db, number: found.number, state: "delivered", reason: nil, receipt: receipt, now: now)
    case .throttled, .retry: try retry(record, found)
    case .moved(let address): try move(record, found, to: address)
    case .resendPlain:
      if found.plain { return try die(record, found) }
      try db.run("UPDATE deliveries SET plain = 1 WHERE number = ?", found.number)
      try Queue.putBack(db, number: found.number, due: now, now: now)
    case .recipientGone:
      try die(record, found, reason: "recipient_gone")
      try Recipients.markGone(
        db, channel: found.channel, address: found.recipient, reason: record.reason, now: now)
    case .rejected: try die(record, found)
    case .paused: try stop(record, found, state: .paused, until: record.nextAt ?? now + Channels.defaultPause)
    case .misconfigured: try stop(record, found, state: .misconfigured, until: nil)
    }
  }

  private func die(_ record: AttemptRecord, _ found: Found, reason: String? = nil) throws {
    try Queue.end(
      db, number: found.number, state: "dead", reason: reason ?? record.reason, detail: record.detail, now: now)
  }

  private func retry(_ record: AttemptRecord, _ found: Found) throws {
    guard let next = record.nextAt else { return try die(record, found) }
    if let end = found.expiresAt, end <= next {
      // It would be of no use when its turn came.
      return try Queue.end(
        db, number: found.number, state: "expired", reason: record.reason, detail: record.detail, now: now)
    }
    try db.run(
      "UPDATE deliveries SET reason = ?, detail = ? WHERE number = ?", record.reason, record.detail, found.number)
    try Queue.putBack(db, number: found.number, due: next, now: now)
  }

  private func move(_ record: AttemptRecord, _ found: Found, to address: String) throws {
    let moves = try db.first(
      "SELECT count(*) FROM attempts WHERE delivery = ? AND outcome = 'moved'", found.number
    ) { $0.int(0) }
    guard !address.isEmpty, address != found.recipient, (moves ?? 0) <= Recording.maxMoves else {
      return try die(record, found)
    }
    try Queue.putBack(db, number: found.number, due: now, now: now)
    try Recipients.move(
      db, channel: found.channel, from: found.recipient, to: address, reason: record.reason, now: now)
  }

  /// The channel's fault: the attempt does not count against the delivery, whose number it gets again.
  private func stop(
    _ record: AttemptRecord, _ found: Found, state: ChannelHealth.State, until: Instant?
  ) throws {
    try Channels.set(
      db, name: found.channel, state: state, until: until, reason: record.reason, detail: record.detail, now: now)
    try db.run("UPDATE deliveries SET attempt = attempt - 1 WHERE number = ?", found.number)
    try Queue.putBack(db, number: found.number, due: nil, now: now)
  }
}

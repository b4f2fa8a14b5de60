import Language

/// What is known of addresses. Most have no row: they are active where they were said to be.
enum Recipients {
  struct Target {
    /// Where it goes now.
    var address: String
    var isGone = false
  }

  /// The most moves that are followed; a circle ends there.
  private static let maxMoves = 8

  static func resolve(_ db: Connection, channel: String, address: String) throws -> Target {
    var target = Target(address: address)
    for _ in 0..<maxMoves {
      let found = try db.first(
        "SELECT state, moved_to FROM recipients WHERE channel = ? AND address = ?", channel, target.address
      ) { (isGone: $0.text(0) == "gone", movedTo: $0.textOrNil(1)) }
      guard let found else { return target }
      guard let moved = found.movedTo else {
        target.isGone = found.isGone
        return target
      }
      target.address = moved
    }
    return target
  }

  /// Ends a recipient and everything that waits for it.
  static func markGone(_ db: Connection, channel: String, address: String, reason: String, now: Instant) throws {
    try db.run(
      """
      INSERT INTO recipients (channel, address, state, reason, since_at) VALUES (?, ?, 'gone', ?, ?)
      ON CONFLICT DO UPDATE SET state = 'gone', moved_to = NULL, reason = excluded.reason, since_at = excluded.since_at,
        told_at = CASE WHEN state = 'gone' THEN told_at END
      """, channel, address, reason, now)
    try db.run(
      """
      UPDATE deliveries SET state = 'dead', place = NULL, ended_at = ?3, reason = 'recipient_gone'
      WHERE channel = ?1 AND recipient = ?2 AND place IS NOT NULL AND state = 'pending'
      """, channel, address, now)
  }

  /// Keeps the new address, for what waits and for what comes.
  static func move(_ db: Connection, channel: String, from: String, to: String, reason: String, now: Instant) throws {
    guard from != to else { return }
    try db.run(
      """
      INSERT INTO recipients (channel, address, state, moved_to, reason, since_at) VALUES (?, ?, 'active', ?, ?, ?)
      ON CONFLICT DO UPDATE SET state = 'active', moved_to = excluded.moved_to, reason = excluded.reason,
        since_at = excluded.since_at
      """, channel, from, to, reason, now)
    // The new address answers: whatever was known of it before is out of date.
    try db.run(
      "UPDATE recipients SET state = 'active', moved_to = NULL WHERE channel = ? AND address = ?", channel, to)
    try SubscriptionHolds.move(db, channel: channel, from: from, to: to)
    try db.run(
      """
      INSERT INTO sequences (channel, recipient, watch, last)
        SELECT channel, ?3, watch, last FROM sequences WHERE channel = ?1 AND recipient = ?2
      ON CONFLICT DO UPDATE SET last = max(last, excluded.last)
      """, channel, from, to)
    try db.run(
      """
      UPDATE deliveries SET recipient = ?3, place = min(place, 1)
      WHERE channel = ?1 AND recipient = ?2 AND place IS NOT NULL AND state = 'pending'
      """, channel, from, to)
    try Queue.fillFront(db, channel: channel, recipient: to)
  }
}

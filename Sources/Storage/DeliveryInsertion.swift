import Language
import PluginHost

/// Puts deliveries into the outbox, inside the caller's transaction.
struct DeliveryInsertion {
  let db: Connection
  let watch: String
  let site: String
  let run: Int64?
  let now: Instant
  /// Rows of `changes`, in the order of ``RunCommit/changes``.
  let changeRows: [Int64]
  private var messages: [Message: Int64] = [:]

  init(db: Connection, watch: String, site: String, run: Int64?, now: Instant, changeRows: [Int64] = []) {
    self.db = db
    self.watch = watch
    self.site = site
    self.run = run
    self.now = now
    self.changeRows = changeRows
  }

  /// A delivery whose id is there already is the same one, stored by a call whose answer was lost.
  ///
  /// - Returns: Whether it waits in the outbox now.
  @discardableResult
  mutating func insert(_ delivery: NewDelivery) throws -> Bool {
    precondition(DeliveryInsertion.isSafe(delivery.id), "a delivery's id has letters, digits, _ and - only")
    if try db.first("SELECT 1 FROM deliveries WHERE id = ?", delivery.id, read: { _ in true }) != nil { return false }
    let target = try Recipients.resolve(db, channel: delivery.channel, address: delivery.recipient)
    let isForPeople = delivery.message.kind == .alert || delivery.message.kind == .summary
    let hold =
      try isForPeople
      ? SubscriptionHolds.standing(
        db, channel: delivery.channel, recipient: target.address, watch: watch, now: now)
      : SubscriptionHolds.Standing()
    // What is never sent is stored all the same: `why` says that it was not, and why.
    let end: (state: String, reason: String)? =
      target.isGone ? ("dead", "recipient_gone") : hold.isStopped ? ("cancelled", "stopped") : nil
    if end == nil {
      try withdrawRepeated(delivery)
      if let held = try held(like: delivery, for: target.address) {
        try append(delivery, to: held)
        return true
      }
    }
    let due = [delivery.notBefore, hold.until].compactMap { $0 }.max() ?? now
    let sequence = try nextSequence(channel: delivery.channel, recipient: target.address)
    try db.run(
      """
      INSERT INTO deliveries (id, kind, state, channel, recipient, subscription, rule, watch, site, run, message,
        sequence, created_at, not_before_at, due_at, wished_until_at, expires_at, useful_for_ms, limit_count,
        limit_per_ms, place, ended_at, reason, quiet)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      delivery.id, delivery.message.kind.rawValue, end?.state ?? "pending", delivery.channel,
      target.address, delivery.subscription, delivery.rule, watch, site, run, try messageRow(delivery.message),
      sequence, now, delivery.notBefore, due, hold.until, delivery.expiresAt, delivery.usefulFor,
      delivery.limit?.count, delivery.limit?.per, end == nil ? (due > now ? 0 : 1) : nil,
      end == nil ? nil : now, end?.reason, delivery.quiet?.text)
    let row = db.lastInsertedRow
    try insertLines(of: delivery, row: row, after: 0)
    if end == nil, due <= now { try Queue.fillFront(db, channel: delivery.channel, recipient: target.address) }
    return end == nil
  }

  /// What went and came back before anybody was told is told once, by the newest delivery, also where a summary was to
  /// tell it first. One that may have been accepted already keeps its lines: it is sent as it was.
  private func withdrawRepeated(_ delivery: NewDelivery) throws {
    for line in delivery.message.lines {
      guard let key = line.itemKey, line.change != .removed else { continue }
      try db.run(
        """
        UPDATE delivery_lines SET state = 'withdrawn'
        WHERE state = 'shown' AND item_key = ?1 AND (kind IS ?2 OR (kind IS NULL AND ?2 = 'added')) AND delivery IN (SELECT number FROM deliveries
          WHERE subscription = ?3 AND place IS NOT NULL AND watch = ?4 AND state = 'pending' AND unsure = 0
            AND run IS NOT ?5)
        """, key, line.change?.rawValue, delivery.subscription, watch, run)
    }
  }

  /// What was held back until the same time goes out as one message (DESIGN.md 4.8), where it is told alike.
  private func held(like delivery: NewDelivery, for address: String) throws -> (number: Int64, message: Message)? {
    guard let until = delivery.notBefore, delivery.message.kind == .alert, !delivery.message.lines.isEmpty else {
      return nil
    }
    return try db.rows(
      """
      SELECT d.number, m.text FROM deliveries d JOIN messages m ON m.id = d.message
      WHERE d.subscription = ?1 AND d.place IS NOT NULL AND d.place = 0 AND d.watch = ?2 AND d.kind = 'alert'
        AND d.attempt = 0 AND d.not_before_at = ?3 AND d.channel = ?4 AND d.recipient = ?5 AND d.quiet IS ?6
        AND d.limit_count IS ?7 AND d.limit_per_ms IS ?8
      """, delivery.subscription, watch, until, delivery.channel, address, delivery.quiet?.text,
      delivery.limit?.count, delivery.limit?.per
    ) { row in
      guard let message = JSONText.read(row.text(1)).flatMap(Message.init(json:)) else {
        throw ItemJSON.damage(db.path)
      }
      return (row.integer(0), message)
    }.first { $0.message.language == delivery.message.language }
  }

  private mutating func append(_ delivery: NewDelivery, to held: (number: Int64, message: Message)) throws {
    var message = held.message
    message.lines += delivery.message.lines
    let before = try db.first("SELECT message FROM deliveries WHERE number = ?", held.number) { $0.integer(0) }
    try db.run(
      """
      UPDATE deliveries SET message = ?2,
        expires_at = CASE WHEN expires_at IS NULL OR ?3 IS NULL THEN NULL ELSE max(expires_at, ?3) END
      WHERE number = ?1
      """, held.number, try messageRow(message), delivery.expiresAt)
    if let before { try forget(message: before) }
    try insertLines(of: delivery, row: held.number, after: held.message.lines.count)
  }

  /// A digest's text is written anew with each run that adds to it: a day of them must not stay behind.
  private mutating func forget(message row: Int64) throws {
    let gone = try db.run(
      "DELETE FROM messages WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM deliveries WHERE message = ?1)", row)
    if gone > 0 { messages = messages.filter { $0.value != row } }
  }

  /// - Parameter first: Lines that the message had before.
  private func insertLines(of delivery: NewDelivery, row: Int64, after first: Int) throws {
    var changes = delivery.changes.makeIterator()
    for (index, line) in delivery.message.lines.enumerated() where line.change != nil || line.itemKey != nil {
      let change = line.change == nil ? nil : changes.next()
      try db.run(
        "INSERT INTO delivery_lines (delivery, line, change, kind, item_key, ends_at) VALUES (?, ?, ?, ?, ?, ?)", row,
        first + index, change.flatMap { changeRows.indices.contains($0) ? changeRows[$0] : nil }, line.change?.rawValue,
        line.itemKey, delivery.lineEnds.indices.contains(index) ? delivery.lineEnds[index] : nil)
    }
  }

  private mutating func messageRow(_ message: Message) throws -> Int64 {
    if let row = messages[message] { return row }
    try db.run("INSERT INTO messages (text) VALUES (?)", JSONText.write(message.json))
    messages[message] = db.lastInsertedRow
    return db.lastInsertedRow
  }

  private func nextSequence(channel: String, recipient: String) throws -> Int {
    // Never falls back: RETURNING gives one row.
    try db.first(
      """
      INSERT INTO sequences (channel, recipient, watch, last) VALUES (?, ?, ?, 1)
      ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last
      """, channel, recipient, watch
    ) { $0.int(0) } ?? 1
  }

  private static func isSafe(_ id: String) -> Bool {
    !id.isEmpty
      && id.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }
}

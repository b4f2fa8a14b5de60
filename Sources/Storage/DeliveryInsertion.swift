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
    let due = [delivery.notBefore, target.snoozedUntil].compactMap { $0 }.max() ?? now
    let sequence = try nextSequence(channel: delivery.channel, recipient: target.address)
    try db.run(
      """
      INSERT INTO deliveries (id, kind, state, channel, recipient, subscription, rule, watch, site, run, message,
        sequence, created_at, not_before_at, due_at, expires_at, useful_for_ms, limit_count, limit_per_ms, place,
        ended_at, reason)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      delivery.id, delivery.message.kind.rawValue, target.isGone ? "dead" : "pending", delivery.channel,
      target.address, delivery.subscription, delivery.rule, watch, site, run, try messageRow(delivery.message),
      sequence, now, delivery.notBefore, due, delivery.expiresAt, delivery.usefulFor,
      delivery.limit?.count, delivery.limit?.per, target.isGone ? nil : (due > now ? 0 : 1),
      target.isGone ? now : nil, target.isGone ? "recipient_gone" : nil)
    try insertLines(of: delivery, row: db.lastInsertedRow)
    if !target.isGone, due <= now { try Queue.fillFront(db, channel: delivery.channel, recipient: target.address) }
    return !target.isGone
  }

  private func insertLines(of delivery: NewDelivery, row: Int64) throws {
    var changes = delivery.changes.makeIterator()
    for (index, line) in delivery.message.lines.enumerated() where line.change != nil || line.itemKey != nil {
      let change = line.change == nil ? nil : changes.next()
      try db.run(
        "INSERT INTO delivery_lines (delivery, line, change, kind, item_key, ends_at) VALUES (?, ?, ?, ?, ?, ?)", row,
        index, change.flatMap { changeRows.indices.contains($0) ? changeRows[$0] : nil }, line.change?.rawValue,
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

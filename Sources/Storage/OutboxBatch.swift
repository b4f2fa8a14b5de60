import Language

/// Why an operator's wish for a delivery can't be met: fixed words, also of `--json`.
public enum OutboxRefusal: String, Sendable, Hashable, CaseIterable {
  case unknown
  /// The channel has accepted it: it would come twice.
  case delivered
  /// A worker is sending it now; its end decides.
  case beingSent = "being_sent"
  /// Its recipient is gone; `subscriptions resume` first.
  case recipientGone = "recipient_gone"
  /// Nothing to drop: it has ended.
  case ended
}

/// What becomes, or would become, of one delivery.
public struct OutboxAnswer: Sendable, Hashable {
  public var id: String
  /// nil: done, or would be.
  public var refusal: OutboxRefusal?
}

extension Store {
  /// At most so many a transaction, so that the service beside never waits long.
  private static let batch = 500

  /// Sends deliveries that have ended once more; those that wait are due at once. Their tries are counted anew, and that
  /// one of them may have been accepted is no reason any more not to send. What they say is looked at again when their
  /// turn comes: items that are gone, or too late, still fall out.
  ///
  /// - Parameter isRehearsal: Answers only; changes nothing.
  public func retry(deliveries ids: [String], now: Instant, isRehearsal: Bool = false) throws -> [OutboxAnswer] {
    try each(ids, isRehearsal) { id in
      if let refusal = try refusalToRetry(id) { return refusal }
      if !isRehearsal { try putBack(id, now: now) }
      return nil
    }
  }

  /// Ends deliveries that wait: they are never sent, and stay listed as `dropped`. So does a dead letter that somebody has
  /// seen to, with its reason.
  public func drop(deliveries ids: [String], now: Instant, isRehearsal: Bool = false) throws -> [OutboxAnswer] {
    try each(ids, isRehearsal) { id in
      let found = try db.first("SELECT number, state FROM deliveries WHERE id = ?", id) {
        (number: $0.integer(0), state: $0.text(1))
      }
      guard let found else { return .unknown }
      let isDead = found.state == "dead"
      guard isDead || found.state == "pending" else { return found.state == "leased" ? .beingSent : .ended }
      if isRehearsal { return nil }
      if isDead {
        try db.run("UPDATE deliveries SET state = 'dropped' WHERE number = ?", found.number)
      } else {
        try Queue.end(db, number: found.number, state: "dropped", reason: "by_operator", now: now)
      }
      return nil
    }
  }

  private func each(
    _ ids: [String], _ isRehearsal: Bool, _ act: (String) throws -> OutboxRefusal?
  ) throws -> [OutboxAnswer] {
    var answers: [OutboxAnswer] = []
    for start in stride(from: 0, to: ids.count, by: Store.batch) {
      let part = ids[start..<min(start + Store.batch, ids.count)]
      let body = { try part.map { OutboxAnswer(id: $0, refusal: try act($0)) } }
      answers += try isRehearsal ? db.reading(body) : db.transaction(durable: true, body)
    }
    return answers
  }

  private func refusalToRetry(_ id: String) throws -> OutboxRefusal? {
    let found = try db.first("SELECT state, channel, recipient FROM deliveries WHERE id = ?", id) {
      (state: $0.text(0), channel: $0.text(1), recipient: $0.text(2))
    }
    guard let found else { return .unknown }
    if found.state == "delivered" { return .delivered }
    if found.state == "leased" { return .beingSent }
    let isGone = try Recipients.resolve(db, channel: found.channel, address: found.recipient).isGone
    return isGone ? .recipientGone : nil
  }

  /// An end of its own (28 hours for maintainers) that is over would end it again at once.
  private func putBack(_ id: String, now: Instant) throws {
    let found = try db.first(
      """
      UPDATE deliveries SET state = 'pending', place = 1, due_at = ?2, ended_at = NULL, unsure = 0,
        not_before_at = min(not_before_at, ?2), expires_at = CASE WHEN expires_at <= ?2 THEN NULL ELSE expires_at END
      WHERE id = ?1 RETURNING number, channel, recipient
      """, id, now
    ) { (number: $0.integer(0), channel: $0.text(1), recipient: $0.text(2)) }
    guard let found else { return }
    try db.run("UPDATE attempts SET excused = 2 WHERE delivery = ?", found.number)
    try Queue.fillFront(db, channel: found.channel, recipient: found.recipient)
  }
}

extension Store {
  /// Changes whenever another process has written to the store: a running service looks at it to hear of a command at
  /// once (<https://www.sqlite.org/pragma.html#pragma_data_version>).
  public func writesOfOthers() throws -> Int { try db.first("PRAGMA data_version") { $0.int(0) } ?? 0 }
}

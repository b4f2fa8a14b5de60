import Language

/// Why a delivery that waits is not sent now, or what took one out that has ended; for `why`.
public struct HeldBack: Sendable, Hashable {
  /// Fixed words, also of `--json`.
  public enum Cause: String, Sendable, Hashable, CaseIterable {
    /// Quiet hours or a digest: its message begins then.
    case notBefore = "not_before"
    case snoozed, stopped
    case atMost = "at_most"
    /// An attempt failed; the next one is due then.
    case retryLater = "retry_later"
    case channelPaused = "channel_paused"
    case channelMisconfigured = "channel_misconfigured"
    /// Older ones of the same recipient go first.
    case behindOthers = "behind_others"
    /// Lines that fell out because their items were gone.
    case linesGone = "lines_gone"
    /// Lines that fell out because they would have come too late.
    case linesLate = "lines_late"
  }

  public var cause: Cause
  public var until: Instant?
  /// How many others or lines.
  public var count: Int?
}

extension Store {
  /// Everything that holds a delivery back at `now`, or held it back when it was made; in no order of importance.
  public func heldBack(delivery id: String, now: Instant) throws -> [HeldBack] {
    try db.reading {
      guard let facts = try facts(of: id) else { return [] }
      var found: [HeldBack] = []
      if let from = facts.notBefore { found.append(HeldBack(cause: .notBefore, until: from)) }
      if facts.isWaiting { found += try waits(facts, now) }
      if facts.isStopped { found.append(HeldBack(cause: .stopped)) }
      if facts.gone > 0 { found.append(HeldBack(cause: .linesGone, count: facts.gone)) }
      if facts.late > 0 { found.append(HeldBack(cause: .linesLate, count: facts.late)) }
      return found
    }
  }

  private struct Facts {
    var number: Int64
    var channel: String
    var recipient: String
    var isWaiting: Bool
    var isStopped: Bool
    var notBefore: Instant?
    var due: Instant
    var attempts: Int
    var gone: Int
    var late: Int
  }

  private func facts(of id: String) throws -> Facts? {
    try db.first(
      """
      SELECT number, channel, recipient, state = 'pending', reason IS 'stopped', not_before_at, due_at, attempt,
        (SELECT count(*) FROM delivery_lines WHERE delivery = number AND state = 'withdrawn' AND late = 0),
        (SELECT count(*) FROM delivery_lines WHERE delivery = number AND state = 'withdrawn' AND late = 1)
      FROM deliveries WHERE id = ?
      """, id
    ) { row in
      Facts(
        number: row.integer(0), channel: row.text(1), recipient: row.text(2), isWaiting: row.flag(3),
        isStopped: row.flag(4), notBefore: row.instantOrNil(5), due: row.instant(6), attempts: row.int(7),
        gone: row.int(8), late: row.int(9))
    }
  }

  private func waits(_ facts: Facts, _ now: Instant) throws -> [HeldBack] {
    var found: [HeldBack] = []
    if let snooze = try SubscriptionHolds.standing(db, number: facts.number, now: now).until {
      found.append(HeldBack(cause: .snoozed, until: snooze))
    }
    if let until = try Leases.heldByLimit(db, number: facts.number, now: now) {
      found.append(HeldBack(cause: .atMost, until: until))
    }
    if facts.attempts > 0, facts.due > now { found.append(HeldBack(cause: .retryLater, until: facts.due)) }
    switch try Channels.health(db, name: facts.channel) {
    case let health? where health.state == .misconfigured: found.append(HeldBack(cause: .channelMisconfigured))
    case let health? where health.state == .paused && health.until.map { $0 > now } ?? true:
      found.append(HeldBack(cause: .channelPaused, until: health.until))
    default: break
    }
    let ahead = try db.first(
      """
      SELECT count(*) FROM deliveries WHERE channel = ? AND recipient = ? AND place IS NOT NULL AND place > 0
        AND number < ?
      """, facts.channel, facts.recipient, facts.number
    ) { $0.int(0) }
    if let ahead, ahead > 0 { found.append(HeldBack(cause: .behindOthers, count: ahead)) }
    return found
  }
}

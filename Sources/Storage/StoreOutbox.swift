import Language
import PluginHost

extension Store: BeginningOutbox {
  /// The most deliveries that one claim ends (expired, nothing left to say) before it is content with what it has.
  private static let maxEndedPerLease = 1000

  public func lease(channel: String, limit: Int, now: Instant, until: Instant) throws -> [LeasedDelivery] {
    try lease(channel: channel, limit: limit, now: now, until: until, unbegun: false)
  }

  func lease(
    channel: String, limit: Int, now: Instant, until: Instant, unbegun: Bool
  ) throws -> [LeasedDelivery] {
    try db.transaction(durable: true, at: .lease) {
      try Leases.takeBack(db, Statements.leaseEnded, channel, now)
      try Queue.expire(db, channel: channel, now: now)
      try Queue.admitDue(db, channel: channel, now: now)
      guard try Channels.mayCarry(db, name: channel, now: now) else { return [] }
      var leased: [LeasedDelivery] = []
      var ended = 0
      while leased.count < limit, ended < Store.maxEndedPerLease {
        guard let candidate = try turns[channel, default: Turns()].next(db, channel: channel) else { break }
        if let delivery = try lease(candidate, of: channel, now: now, until: until, unbegun: unbegun) {
          leased.append(delivery)
        } else {
          ended += 1
        }
      }
      return leased
    }
  }

  /// nil where it ended or is held back instead: every "may this go now?" is asked here.
  func lease(
    _ candidate: Leases.Candidate, of channel: String, now: Instant, until: Instant, unbegun: Bool
  ) throws -> LeasedDelivery? {
    if let end = candidate.expiresAt, end <= now {
      try Queue.end(db, number: candidate.number, state: "expired", reason: "expired", now: now)
      return nil
    }
    let hold = try SubscriptionHolds.standing(db, number: candidate.number, now: now)
    if hold.isStopped {
      try Queue.end(db, number: candidate.number, state: "cancelled", reason: "stopped", now: now)
      return nil
    }
    // Its own time may have been put off while it was out.
    if let start = candidate.notBefore, start > now {
      try Queue.hold(db, number: candidate.number, until: start)
      return nil
    }
    if let end = [hold.until, Leases.quietEnd(candidate, now: now)].compactMap({ $0 }).max() {
      try Queue.hold(db, number: candidate.number, until: end, isWish: true)
      return nil
    }
    try Leases.withdrawLate(db, number: candidate.number, now: now)
    switch try Leases.withdrawGone(db, number: candidate.number) {
    case .something: break
    case .late:
      try Queue.end(db, number: candidate.number, state: "expired", reason: "expired", now: now)
      return nil
    case .gone:
      try Queue.end(db, number: candidate.number, state: "obsolete", reason: "gone_before_sending", now: now)
      return nil
    }
    if let until = try Leases.heldByLimit(db, number: candidate.number, now: now) {
      try Queue.hold(db, number: candidate.number, until: until)
      return nil
    }
    guard var delivery = try Leases.take(db, candidate, now: now, until: until, unbegun: unbegun) else { return nil }
    let withdrawn = try Leases.withdrawnLines(db, number: candidate.number)
    if !withdrawn.isEmpty {
      delivery.message.lines = delivery.message.lines.enumerated()
        .filter { !withdrawn.contains($0.offset) }.map(\.element)
    }
    return delivery
  }

  public func record(_ attempts: [AttemptRecord], now: Instant) throws {
    try db.transaction(durable: true, at: .mark) {
      for attempt in attempts { try Recording(db: db, now: now).record(attempt) }
    }
  }

  public func release(_ deliveries: [LeasedDelivery]) throws {
    try db.transaction(durable: true, at: .release) {
      for delivery in deliveries { try putBack(delivery) }
    }
  }

  public func nextDue(channel: String, now: Instant) throws -> Instant? {
    try db.reading {
      guard let health = try Channels.health(db, name: channel) else { return try nextDue(channel, now) }
      switch health.state {
      case .misconfigured: return nil
      case .active: return try nextDue(channel, now)
      case .paused: return try nextDue(channel, now).map { max($0, health.until ?? $0) }
      }
    }
  }

  private func nextDue(_ channel: String, _ now: Instant) throws -> Instant? {
    let times = try [Statements.nextOffered, Statements.nextLater, Statements.nextLeaseEnd].map {
      try db.first($0, channel) { $0.instantOrNil(0) } ?? nil
    }
    // Whatever is in front is due, also where its own time was put off or the clock set back since it came there.
    return [times[0].map { min($0, now) }, times[1], times[2]].compactMap { $0 }.min()
  }
}

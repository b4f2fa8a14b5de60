import Language
import PluginHost

extension ChannelWorker {
  /// How many are looked at for one that has not tried in vain.
  private static let probeChoice = 8

  /// A lease holds for two sends at least, so that a slow one is not handed out again.
  private var leaseTime: Duration { max(tuning.lease, (adapter.timeout + tuning.grace) * 2) }
  /// A send must not begin with less of its lease left than it may take.
  private var longestSend: Duration { adapter.timeout + tuning.grace }

  func lease() async {
    let now = time.uptime()
    let requests = pace.allowance(at: now, free: tuning.concurrency - inFlight)
    // Who tries whether a channel is back is chosen among several.
    let choice = pace.isProbing(at: now) ? ChannelWorker.probeChoice : 1
    let limit = min(requests * choice * adapter.batch, tuning.holding - held.count)
    // Where only the rate is used up, its window says exactly when to go on.
    foundNothing = requests > 0
    guard limit > 0 else { return }
    do {
      let wall = time.now()
      let leased = try await leaseFromOutbox(limit: limit, now: wall, until: wall + leaseTime)
      storeFailures = 0
      foundNothing = leased.isEmpty
      triage(leased, leasedAt: now)
    } catch {
      storeFailed("lease", error)
    }
  }

  /// Sorts what was leased into what goes now, what waits a moment, and what is not sent at all.
  private func triage(_ leased: [LeasedDelivery], leasedAt: Duration) {
    let leaseEnds = leasedAt + leaseTime
    var now: [Assignment] = []
    let again = Set(leased.map(\.id))
    // Their leases ran out while they waited here.
    held.removeAll { again.contains($0.assignment.delivery.id) }
    for delivery in leased {
      if sending[delivery.id] != nil {
        // Its lease ran out under our own send: that send's end counts for the newest attempt.
        sending[delivery.id] = delivery.attempt
      } else if let expiry = delivery.expiresAt, expiry <= time.now() {
        unwanted.append(delivery)
        foundNothing = true
      } else if !policy.mayResend(doubts: known(delivery)) {
        unsent.append(notAgain(delivery))
      } else {
        let assignment = assign(delivery, leasedAt)
        let wait = pace.wait(for: delivery.recipient, at: time.uptime())
        if wait == .zero {
          now.append(assignment)
        } else if time.uptime() + wait + longestSend <= leaseEnds {
          held.append((assignment, time.uptime() + wait))
        } else {
          unsent.append(heldBack(delivery, wait))
        }
      }
    }
    ready += now.batches(of: adapter.batch)
    if pace.isProbing(at: time.uptime()) { letOthersProbe() }
  }

  func assign(_ delivery: LeasedDelivery, _ leasedAt: Duration) -> Assignment {
    var delivery = delivery
    delivery.message = delivery.numbered
    return Assignment(
      delivery: delivery, rendered: adapter.render(delivery.message), leasedAt: leasedAt,
      leaseEnds: leasedAt + leaseTime, alone: alone.contains(delivery.id))
  }

  /// One message that always fails must not keep a channel closed that works for all others.
  private func letOthersProbe() {
    if ready.allSatisfy({ probed.contains($0[0].delivery.id) }) { probed = [] }
    let tried = ready.filter { probed.contains($0[0].delivery.id) }
    ready = ready.filter { !probed.contains($0[0].delivery.id) } + tried
  }

  func known(_ delivery: LeasedDelivery) -> Int { max(delivery.doubts, doubts[delivery.id] ?? 0) }

  private func notAgain(_ delivery: LeasedDelivery) -> AttemptRecord {
    doubts[delivery.id] = nil
    return AttemptRecord(
      delivery: delivery.id, attempt: delivery.attempt, startedAt: time.now(), endedAt: time.now(),
      outcome: .rejected, status: nil, reason: NotifyReason.unsure.rawValue,
      detail: "an earlier attempt may have been accepted; when_unsure is \(adapter.spec.whenUnsure.rawValue)",
      nextAt: nil)
  }

  /// The recipient must wait longer than a lease lasts: the delivery waits in the outbox.
  private func heldBack(_ delivery: LeasedDelivery, _ wait: Duration) -> AttemptRecord {
    let until = time.now() + wait
    onEvent(.heldBack(channel: channel, delivery: delivery.id, until: until))
    return AttemptRecord(
      delivery: delivery.id, attempt: delivery.attempt, startedAt: time.now(), endedAt: time.now(),
      outcome: .throttled(retryAfter: wait), status: nil, reason: NotifyReason.rateLimited.rawValue,
      detail: "not sent: the recipient's limit is used up until then", nextAt: until, isExcused: true)
  }

  /// Moves what waited for its recipient to what goes now.
  func promoteHeld() {
    let now = time.uptime()
    var due: [Assignment] = []
    var waiting: [(assignment: Assignment, from: Duration)] = []
    for (assignment, from) in held {
      let wait = max(from - now, pace.wait(for: assignment.delivery.recipient, at: now))
      if wait <= .zero {
        due.append(assignment)
      } else if now + wait + longestSend <= assignment.leaseEnds {
        waiting.append((assignment, now + wait))
      } else {
        unwanted.append(assignment.delivery)
      }
    }
    held = waiting
    ready += due.batches(of: adapter.batch)
  }

  /// The next request that may start now; nil when none is ready or none may.
  func nextStart() -> [Assignment]? {
    let now = time.uptime()
    while !ready.isEmpty, pace.allowance(at: now, free: tuning.concurrency - inFlight) > 0 {
      let batch = ready.removeFirst()
      let fresh = batch.filter { $0.leaseEnds >= now + longestSend && !isStale($0.delivery) }
      unwanted += batch.filter { $0.leaseEnds < now + longestSend || isStale($0.delivery) }.map(\.delivery)
      guard !fresh.isEmpty else { continue }
      start(fresh, at: now)
      return fresh
    }
    return nil
  }

  /// What was ready goes back to the outbox at the end of the turn.
  func takeReady() {
    unwanted += ready.joined().map(\.delivery)
    ready = []
  }

  /// Gives back what was leased and not tried.
  func release() async {
    let back = unwanted
    unwanted = []
    guard !back.isEmpty else { return }
    do {
      try await outbox.release(back)
    } catch {
      // Their leases lapse: they come back by themselves, later.
      storeFailed("release", error)
    }
  }

  /// - Returns: How many deliveries went back.
  @discardableResult
  func giveBackEverything() async -> Int {
    takeReady()
    unwanted += held.map(\.assignment.delivery)
    held = []
    let count = unwanted.count
    await release()
    return count
  }

  private func isStale(_ delivery: LeasedDelivery) -> Bool { delivery.expiresAt.map { $0 <= time.now() } ?? false }

  private func start(_ batch: [Assignment], at now: Duration) {
    inFlight += 1
    if pace.isProbing(at: now) { probed.formUnion(batch.map(\.delivery.id)) }
    pace.started(batch.map(\.delivery.recipient), at: now)
    for assignment in batch { sending[assignment.delivery.id] = assignment.delivery.attempt }
  }
}

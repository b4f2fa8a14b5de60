import Language
import PluginHost

extension ChannelWorker {
  /// One request, from its start to its record.
  func perform(_ leased: [Assignment]) async {
    let current = stillAlike(await recheck(leased))
    let budgeted = await reserve(current)
    let batch = budgeted.going
    let startedAt = time.now()
    guard !batch.isEmpty, await begin(batch) else {
      await refund(budgeted, count: batch.count)
      return await recordUnsent(budgeted.waiting)
    }
    Failpoint.reach(.beforeSend)
    let results = await sendWithinDeadline(batch)
    Failpoint.reach(.afterSend)
    let endedAt = time.now()
    await refund(budgeted, count: results.count { !$0.mayCost })
    if isRefusedBatch(batch, results) {
      sendAlone(batch, results[0])
      return await record(budgeted.waiting, requests: 0)
    }
    follow(results[0], of: batch)
    var records = budgeted.waiting
    for (assignment, result) in zip(batch, results) {
      if let record = settle(assignment, result, startedAt: startedAt, endedAt: endedAt) { records.append(record) }
    }
    await record(records, requests: 1)
  }

  /// A request that was not made after all says nothing about the channel: where it was to show whether that is back,
  /// another one does.
  private func recordUnsent(_ records: [AttemptRecord]) async {
    pace.unsent(at: time.uptime())
    await record(records, requests: 1)
  }

  /// The notifier's request has its own timeout; this one holds even where a fetcher does not keep to it.
  private func sendWithinDeadline(_ batch: [Assignment]) async -> [SendResult] {
    let outgoing = Outgoing(
      id: batch[0].delivery.id, recipients: adapter.spec.takesRecipient ? batch.map(\.delivery.recipient) : [],
      message: batch[0].delivery.message, rendered: batch[0].rendered, plain: batch[0].delivery.plain,
      sequence: batch[0].delivery.sequence)
    let (adapter, time, limit) = (adapter, time, adapter.timeout + tuning.grace)
    return await withTaskGroup(of: [SendResult]?.self) { group in
      group.addTask { await adapter.send(outgoing) }
      group.addTask {
        try? await time.sleep(for: limit)
        return nil
      }
      var isLate = false
      for await results in group {
        guard let results else {
          isLate = !Task.isCancelled
          group.cancelAll()
          continue
        }
        group.cancelAll()
        return isLate ? results.map { $0.reason == .cancelled ? $0.timedOut : $0 } : results
      }
      return []
    }
  }

  /// A batch is refused for one bad address in it; whose it was, only sending alone shows.
  private func isRefusedBatch(_ batch: [Assignment], _ results: [SendResult]) -> Bool {
    guard batch.count > 1 else { return false }
    return results.allSatisfy { result in
      switch result.outcome {
      case .recipientGone: result.reason == .recipientGone
      case .moved: true
      default: false
      }
    }
  }

  private func sendAlone(_ batch: [Assignment], _ result: SendResult) {
    follow(result, of: batch)
    for assignment in batch {
      sending[assignment.delivery.id] = nil
      alone.insert(assignment.delivery.id)
    }
    let single = batch.map { assignment in
      var single = assignment
      single.alone = true
      return [single]
    }
    ready.insert(contentsOf: single, at: 0)
    inFlight -= 1
    signal.wake()
  }

  /// What one result means for one delivery.
  ///
  /// - Returns: nil for a send that was cut off and must count as never recorded: the outbox will call it unsure.
  private func settle(
    _ assignment: Assignment, _ result: SendResult, startedAt: Instant, endedAt: Instant
  ) -> AttemptRecord? {
    var delivery = assignment.delivery
    delivery.attempt = sending.removeValue(forKey: delivery.id) ?? delivery.attempt
    if result.reason == .cancelled {
      cut += 1
      guard adapter.spec.whenUnsure == .resend else { return nil }
    }
    let known = known(delivery) + (result.doubtful ? 1 : 0)
    let decision = policy.decide(
      result, delivery, doubts: known, channelRests: channelRests(after: result), startedAt: startedAt,
      endedAt: endedAt)
    doubts[delivery.id] = decision.wait == nil || known == 0 ? nil : known
    if decision.wait == nil { alone.remove(delivery.id) }
    switch result.outcome {
    case .throttled: if let wait = decision.wait { hold(delivery.recipient, wait) }
    // `Retry-After` of a 503: whoever else is spoken to, the server asked for it.
    case .retry(let asked?) where asked > .zero: holdAsked(delivery.recipient, decision.wait ?? asked, result)
    default: break
    }
    onEvent(.attempted(channel: channel, decision.record))
    if case .delivered = decision.record.outcome {
      onEvent(.delivered(channel: channel, latency: max(.zero, endedAt - delivery.createdAt)))
    }
    return decision.record
  }

  /// nil where the fault is the delivery's own, or none.
  private func channelRests(after result: SendResult) -> Duration? {
    guard result.isFault, pace.breaker.blamesChannel else { return nil }
    return max(.milliseconds(1), (pace.breaker.opensUntil ?? .zero) - time.uptime())
  }

  /// One address or one account for all recipients.
  var isOneForAll: Bool { !adapter.spec.takesRecipient || adapter.batch > 1 }

  private func holdAsked(_ recipient: String, _ wait: Duration, _ result: SendResult) {
    let now = time.uptime()
    guard isOneForAll || (500...599).contains(result.status ?? 0) else {
      return pace.holdRecipient(recipient, until: now + wait, at: now)
    }
    pace.hold(until: now + wait)
    onEvent(.channelThrottled(channel: channel, wait: wait))
  }

  private func hold(_ recipient: String, _ wait: Duration) {
    let now = time.uptime()
    let wholeChannel = isOneForAll
    if pace.throttled(recipient, wholeChannel: wholeChannel, until: now + wait, at: now) {
      onEvent(.channelThrottled(channel: channel, wait: wait))
    }
  }

  /// What a result means for the channel.
  private func follow(_ result: SendResult, of batch: [Assignment]) {
    let now = time.uptime()
    switch pace.ended(result, of: batch.map(\.delivery.id), at: now) {
    case .opened(let until):
      onEvent(
        .breakerOpened(
          channel: channel, faults: pace.breaker.faultsInARow, reason: result.reason, wait: until - now))
    case .closed:
      probed = []
      onEvent(.breakerClosed(channel: channel))
    case nil: break
    }
    switch result.outcome {
    case .misconfigured:
      if !isHalted { onEvent(.halted(channel: channel, reason: result.reason, detail: result.detail)) }
      isHalted = true
    case .paused:
      pace.hold(until: now + result.pause)
      onEvent(.paused(channel: channel, reason: result.reason, detail: result.detail, wait: result.pause))
    default: break
    }
  }
}

extension SendResult {
  fileprivate var timedOut: SendResult {
    var result = self
    result.reason = .timeout
    result.detail = "no answer within the time for a send"
    return result
  }
}

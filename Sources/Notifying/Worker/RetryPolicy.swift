import Language
import PluginHost

/// Decides what a send's result means for its delivery: end it, or when to try again. Pure but for jitter.
struct RetryPolicy: Sendable {
  var whenUnsure: NotifierSpec.WhenUnsure
  var random: RandomSource

  struct Decision: Sendable {
    var record: AttemptRecord
    /// Until the delivery is due again; nil where it ended.
    var wait: Duration?
  }

  /// - Parameters:
  ///   - doubts: Attempts that may have been accepted, this one included.
  ///   - channelRests: How long the channel is left alone, where the fault is the channel's and not the delivery's.
  func decide(
    _ result: SendResult, _ delivery: LeasedDelivery, doubts: Int, channelRests: Duration? = nil, startedAt: Instant,
    endedAt: Instant
  ) -> Decision {
    var result = result
    var wait: Duration?
    let isExcused = channelRests != nil || result.isFault && result.neverArrived
    switch result.outcome {
    case .delivered, .recipientGone, .rejected: break
    case .throttled(let asked):
      wait = waiting(asked, else: max(Backoff.throttled, Backoff.delay(beforeRetry: delivery.attempt)))
    case .retry(let asked):
      if result.doubtful, !mayResend(doubts: doubts) {
        giveUp(&result, .unsure)
      } else if isExcused {
        if delivery.expiresAt == nil, endedAt - delivery.createdAt > Backoff.horizon {
          giveUp(&result, .gaveUp)
        } else {
          // It goes as soon as the channel is back, in its place.
          let own = channelRests ?? Backoff.jittered(Backoff.delay(beforeRetry: delivery.attempt), random)
          wait = max(own, asked.map { Backoff.after($0, random) } ?? .zero)
        }
      } else if delivery.failures + 1 >= Backoff.tries {
        giveUp(&result, .gaveUp)
      } else {
        wait = asked.map { Backoff.after($0, random) } ?? untilNextTry(delivery, endedAt)
      }
    case .moved, .resendPlain:
      // At once; with pauses where a channel keeps sending us around.
      wait = delivery.attempt <= 3 ? .zero : Backoff.delay(beforeRetry: delivery.attempt)
    case .paused: wait = result.pause
    case .misconfigured: wait = .zero
    }
    let record = AttemptRecord(
      delivery: delivery.id, attempt: delivery.attempt, startedAt: startedAt, endedAt: endedAt,
      outcome: result.outcome, status: result.status, reason: result.reason.rawValue, detail: result.detail,
      nextAt: wait.map { endedAt + $0 }, isExcused: isExcused)
    return Decision(record: record, wait: wait)
  }

  /// Whether a delivery may go out (again) after so many attempts that may have been accepted.
  func mayResend(doubts: Int) -> Bool {
    switch whenUnsure {
    case .resend: true
    case .resendOnce: doubts <= 1
    case .drop: doubts == 0
    }
  }

  private func untilNextTry(_ delivery: LeasedDelivery, _ now: Instant) -> Duration {
    let failed = delivery.failures + 1
    let wait = Backoff.jittered(Backoff.delay(afterFailure: failed), random)
    guard failed == Backoff.tries - 1 else { return wait }
    // The last one: when the time is over, and a little later.
    let left = delivery.createdAt + Backoff.horizon - now
    return max(wait, left + .seconds(600) * random.fraction() + .seconds(1))
  }

  private func waiting(_ asked: Duration?, else backoff: Duration) -> Duration {
    asked.map { Backoff.after($0, random) } ?? Backoff.jittered(backoff, random)
  }

  private func giveUp(_ result: inout SendResult, _ reason: NotifyReason) {
    result.detail = result.reason.rawValue + (result.detail.map { ": " + $0 } ?? "")
    result.outcome = .rejected
    result.reason = reason
  }
}

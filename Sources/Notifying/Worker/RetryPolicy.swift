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

  /// - Parameter doubts: Attempts that may have been accepted, this one included.
  func decide(
    _ result: SendResult, _ delivery: LeasedDelivery, doubts: Int, startedAt: Instant, endedAt: Instant
  ) -> Decision {
    var result = result
    var wait: Duration?
    switch result.outcome {
    case .delivered, .recipientGone, .rejected: break
    case .throttled(let asked):
      wait = waiting(asked, else: max(Backoff.throttled, Backoff.delay(beforeRetry: delivery.attempt)))
    case .retry(let asked):
      if result.doubtful, !mayResend(doubts: doubts) {
        giveUp(&result, .unsure)
      } else if delivery.expiresAt == nil, endedAt - delivery.createdAt > Backoff.horizon {
        giveUp(&result, .gaveUp)
      } else {
        wait = waiting(asked, else: Backoff.delay(beforeRetry: delivery.attempt))
      }
    case .moved, .resendPlain:
      // At once; with pauses where a channel keeps sending us around.
      wait = delivery.attempt <= 3 ? .zero : Backoff.delay(beforeRetry: delivery.attempt)
    case .paused: wait = Backoff.pause
    case .misconfigured: wait = .zero
    }
    let record = AttemptRecord(
      delivery: delivery.id, attempt: delivery.attempt, startedAt: startedAt, endedAt: endedAt,
      outcome: result.outcome, status: result.status, reason: result.reason.rawValue, detail: result.detail,
      nextAt: wait.map { endedAt + $0 })
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

  private func waiting(_ asked: Duration?, else backoff: Duration) -> Duration {
    asked.map { Backoff.after($0, random) } ?? Backoff.jittered(backoff, random)
  }

  private func giveUp(_ result: inout SendResult, _ reason: NotifyReason) {
    result.detail = result.reason.rawValue + (result.detail.map { ": " + $0 } ?? "")
    result.outcome = .rejected
    result.reason = reason
  }
}

import Language
import Notifying
import PluginHost

extension Log {
  /// What a channel's worker tells.
  func report(_ event: NotifyEvent) {
    switch event {
    case .attempted(let channel, let attempt):
      info(
        "send", ("channel", channel), ("delivery", attempt.delivery), ("attempt", "\(attempt.attempt)"),
        ("outcome", attempt.outcome.word), ("reason", attempt.reason), ("status", attempt.status.map(String.init)),
        ("detail", attempt.outcome.word == "delivered" ? nil : attempt.detail))
    case .delivered: break
    case .heldBack(let channel, let delivery, let until):
      debug("send held back", ("channel", channel), ("delivery", delivery), ("until", Value.instant(until).plainText))
    case .breakerOpened(let channel, let faults, let reason, let wait):
      warn(
        "channel does not answer", ("channel", channel), ("faults", "\(faults)"), ("reason", reason.rawValue),
        ("wait_ms", "\(wait.inMilliseconds)"))
    case .breakerClosed(let channel): info("channel answers again", ("channel", channel))
    case .channelThrottled(let channel, let wait):
      warn("channel throttled", ("channel", channel), ("wait_ms", "\(wait.inMilliseconds)"))
    case .paused(let channel, let reason, let detail, let wait):
      warn(
        "channel paused", ("channel", channel), ("reason", reason.rawValue), ("detail", detail),
        ("wait_ms", "\(wait.inMilliseconds)"))
    case .halted(let channel, let reason, let detail):
      error("channel misconfigured", ("channel", channel), ("reason", reason.rawValue), ("detail", detail))
    case .storeFailed(let channel, let operation, let message, let wait):
      error(
        "outbox failed", ("channel", channel), ("operation", operation), ("error", message),
        ("wait_ms", "\(wait.inMilliseconds)"))
    case .stopped(let channel, let cut, let released):
      info("channel stopped", ("channel", channel), ("cut", "\(cut)"), ("released", "\(released)"))
    }
  }
}

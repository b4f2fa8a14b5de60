import Language
import PluginHost

/// What a worker has to tell logs and metrics. Holds no secret and no recipient's address.
public enum NotifyEvent: Sendable, Hashable {
  /// One try of one delivery came to its end and is about to be recorded.
  case attempted(channel: String, AttemptRecord)
  /// A delivery was accepted, so long after it was made.
  case delivered(channel: String, latency: Duration)
  /// An attempt was not made: why, and when it is due again.
  case heldBack(channel: String, delivery: String, until: Instant)
  /// The channel does not answer; nothing is sent for so long, then one message tries it.
  case breakerOpened(channel: String, faults: Int, reason: NotifyReason, wait: Duration)
  case breakerClosed(channel: String)
  /// The channel asked us to wait with everything.
  case channelThrottled(channel: String, wait: Duration)
  /// The channel can't send now (no credit, or the day's budget is used up); it is tried again after `wait`.
  case paused(channel: String, reason: NotifyReason, detail: String?, wait: Duration)
  /// The channel is set up wrongly: nothing more is sent until its configuration changes.
  case halted(channel: String, reason: NotifyReason, detail: String?)
  /// The outbox could not be read or written; it is tried again after `wait`.
  case storeFailed(channel: String, operation: String, message: String, wait: Duration)
  /// The worker ended: sends that were cut off, and deliveries given back untried.
  case stopped(channel: String, cut: Int, released: Int)
}

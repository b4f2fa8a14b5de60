import Language
import Metrics
import Notifying
import PluginHost

/// What is counted for one channel.
final class ChannelMeters: Sendable {
  private static let words = [
    "delivered", "throttled", "retry", "moved", "resend_plain", "recipient_gone", "rejected", "paused", "misconfigured",
  ]

  private let attempts: [String: Counter]
  private let attemptTime: Histogram
  private let deliveryTime: Histogram
  private let registry: Registry
  private let name: String

  init(_ registry: Registry, channel: String) {
    attempts = Dictionary(
      uniqueKeysWithValues: ChannelMeters.words.map { ($0, registry.counter(MeterCatalog.attempts, channel, $0)) })
    attemptTime = registry.histogram(MeterCatalog.attemptTime, channel)
    deliveryTime = registry.histogram(MeterCatalog.deliveryTime, channel)
    self.registry = registry
    name = channel
  }

  /// A worker begins: nothing speaks against the channel yet.
  func started() { set(up: true) }

  private func set(up: Bool) { registry.gauge(MeterCatalog.channelUp, name).set(up) }

  func heard(_ event: NotifyEvent) {
    switch event {
    case .attempted(_, let attempt):
      attempts[attempt.outcome.word]?.add()
      // No answer and no wait either: not sent at all.
      attemptTime.observe(attempt.endedAt - attempt.startedAt)
      if case .delivered = attempt.outcome { set(up: true) }
    case .delivered(_, let latency): deliveryTime.observe(latency)
    case .breakerOpened, .paused, .halted: set(up: false)
    case .breakerClosed: set(up: true)
    // Switched off is neither up nor down.
    case .stopped: registry.remove(MeterCatalog.channelUp, name)
    case .heldBack, .channelThrottled, .storeFailed: break
    }
  }
}

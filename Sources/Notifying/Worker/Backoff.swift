import PluginHost

/// Waiting times before tries that nobody asked us to wait for.
enum Backoff {
  /// Waiting time before retry `n`, counted from 1.
  ///
  /// 2 s × 2ⁿ⁻¹, capped at 5 min: 2 s, 4 s, 8 s … 256 s, then 5 min from the ninth on.
  /// Jitter is added by the caller, so this stays testable.
  static func delay(beforeRetry n: Int) -> Duration {
    n >= 9 ? .seconds(300) : .seconds(2 << max(0, n - 1))
  }

  /// Tries that a delivery gets where each fails by its own fault: over 28 hours, as long as Svix and Stripe's
  /// neighbours give a webhook.
  static let tries = 8

  /// Waiting time after failed try `n`, counted from 1: 2 s × 6ⁿ⁻¹, so 2 s, 12 s, 72 s, 7 min, 43 min, 4 h 19 min.
  ///
  /// Quick at first, because an alert is stale in minutes; the last try comes when ``horizon`` is over.
  static func delay(afterFailure n: Int) -> Duration {
    var seconds = 2
    for _ in 1..<max(1, min(n, tries - 2)) { seconds *= 6 }
    return .seconds(seconds)
  }

  /// From 80 % to 120 %, so that what failed together does not come back together.
  static func jittered(_ delay: Duration, _ random: RandomSource) -> Duration {
    delay * (0.8 + 0.4 * random.fraction())
  }

  /// A little more than what a channel asked for: its clock and ours need not agree.
  static func after(_ asked: Duration, _ random: RandomSource) -> Duration {
    asked + .milliseconds(250) + .milliseconds(500) * random.fraction()
  }

  /// What never expires is retried for so long from its making.
  static let horizon: Duration = .seconds(28 * 3600)
  /// A channel without credit is tried again after so long.
  static let pause: Duration = .seconds(600)
  /// A 429 that names no time.
  static let throttled: Duration = .seconds(5)
}

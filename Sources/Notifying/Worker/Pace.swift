import PluginHost

/// When a channel may be spoken to: its rates, its breaker, and the waits that it or a recipient asked for.
struct Pace: Sendable {
  private(set) var breaker = Breaker()
  private var channelRate: RateWindow?
  private let recipientLimit: RateLimit?
  private var recipientRates: [String: RateWindow] = [:]
  /// Uptime before which nothing goes to a recipient.
  private var recipientHolds: [String: Duration] = [:]
  private var channelHold: Duration = .zero
  /// Recipients throttled since anything else happened: three of them mean the channel.
  private var throttledInARow: Set<String> = []

  init(rate: RateLimit?, perRecipient: RateLimit?) {
    channelRate = rate.map(RateWindow.init)
    recipientLimit = perRecipient
  }

  /// How long until anything may be sent at all.
  func wait(at now: Duration) -> Duration {
    max(channelHold - now, (breaker.opensUntil ?? now) - now, channelRate?.wait(at: now) ?? .zero, .zero)
  }

  /// How many requests may start now, at most `free`.
  func allowance(at now: Duration, free: Int) -> Int {
    guard channelHold <= now else { return 0 }
    return max(0, min(free, breaker.allowance(at: now) ?? free, channelRate?.available(at: now) ?? free))
  }

  /// Closed gates that will take a while: what is leased is better given back.
  func isShut(at now: Duration) -> Bool { channelHold > now || breaker.allowance(at: now) == 0 }

  func wait(for recipient: String, at now: Duration) -> Duration {
    max(.zero, (recipientHolds[recipient] ?? .zero) - now, recipientRates[recipient]?.wait(at: now) ?? .zero)
  }

  mutating func started(_ recipients: [String], at now: Duration) {
    breaker.started()
    channelRate?.take(at: now)
    guard let recipientLimit else { return }
    for recipient in recipients { recipientRates[recipient, default: RateWindow(recipientLimit)].take(at: now) }
    // Remembering everyone ever written to would grow for ever.
    if recipientRates.count > 4096 { recipientRates = recipientRates.filter { !$0.value.isIdle(at: now) } }
  }

  /// - Returns: What the breaker did, if anything.
  mutating func ended(_ result: SendResult, at now: Duration) -> Breaker.Transition? {
    // Neither says anything about the channel.
    if result.reason == .cancelled || result.reason == .unsendable {
      breaker.abandoned(at: now)
      return nil
    }
    if case .throttled = result.outcome {} else { throttledInARow = [] }
    return result.isFault ? breaker.failed(at: now) : breaker.answered()
  }

  /// The channel asked for a wait.
  ///
  /// - Parameter wholeChannel: The notifier has one address or one account for all; else it is the recipient's wait,
  ///   until three recipients in a row are told so.
  /// - Returns: Whether everything waits.
  mutating func throttled(_ recipient: String, wholeChannel: Bool, until: Duration, at now: Duration) -> Bool {
    throttledInARow.insert(recipient)
    guard wholeChannel || throttledInARow.count >= 3 else {
      recipientHolds[recipient] = max(until, recipientHolds[recipient] ?? .zero)
      if recipientHolds.count > 4096 { recipientHolds = recipientHolds.filter { $0.value > now } }
      return false
    }
    hold(until: until)
    return true
  }

  mutating func hold(until: Duration) { channelHold = max(channelHold, until) }
}

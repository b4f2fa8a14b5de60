import Language
import PluginHost

/// When a channel may be spoken to: its rates, its breaker, and the waits that it or a recipient asked for.
struct Pace: Sendable {
  /// So many recipients throttled in a row mean the channel, and one more for each message it took lately.
  private static let fewThrottled = 3
  /// At the most: a channel that throttles everybody hears no more calls than this before it is left alone.
  private static let manyThrottled = 50
  private static let lately: Duration = .seconds(60)

  var breaker = Breaker()
  private var channelRate: RateWindow?
  private var recipients: RecipientRates
  /// Uptime before which nothing goes to a recipient.
  private var recipientHolds: [String: Duration] = [:]
  private var channelHold: Duration = .zero
  /// The same, concluded from several recipients: over as soon as a message is taken.
  private var concludedHold: Duration = .zero
  /// Recipients throttled since anything else happened.
  private var throttledInARow: Set<String> = []
  /// When the last messages were taken, oldest first.
  private var taken: [Duration] = []

  init(
    rate: RateLimit?, perRecipient: RateLimit?, perGroup: RateLimit? = nil,
    isGroup: @escaping @Sendable (String) -> Bool = { _ in false }
  ) {
    channelRate = rate.map(RateWindow.init)
    recipients = RecipientRates(each: perRecipient, group: perGroup, isGroup: isGroup)
  }

  private var hold: Duration { max(channelHold, concludedHold) }

  /// How long until anything may be sent at all.
  func wait(at now: Duration) -> Duration {
    max(hold - now, (breaker.opensUntil ?? now) - now, channelRate?.wait(at: now) ?? .zero, .zero)
  }

  /// How many requests may start now, at most `free`.
  func allowance(at now: Duration, free: Int) -> Int {
    guard hold <= now else { return 0 }
    return max(0, min(free, breaker.allowance(at: now) ?? free, channelRate?.available(at: now) ?? free))
  }

  /// Closed gates that will take a while: what is leased is better given back.
  func isShut(at now: Duration) -> Bool { hold > now || breaker.allowance(at: now) == 0 }

  /// The next send is to show whether the channel is back.
  func isProbing(at now: Duration) -> Bool { breaker.blamesChannel && breaker.allowance(at: now) == 1 }

  func wait(for recipient: String, at now: Duration) -> Duration {
    max(.zero, (recipientHolds[recipient] ?? .zero) - now, recipients.wait(for: recipient, at: now))
  }

  mutating func started(_ recipients: [String], at now: Duration) {
    breaker.started()
    channelRate?.take(at: now)
    for recipient in recipients { self.recipients.take(recipient, at: now) }
  }

  /// What was started was not sent.
  mutating func unsent(at now: Duration) { breaker.abandoned(at: now) }

  /// - Returns: What the breaker did, if anything.
  mutating func ended(_ result: SendResult, of deliveries: [String] = [], at now: Duration) -> Breaker.Transition? {
    // Neither says anything about the channel.
    if result.reason == .cancelled || result.reason == .unsendable {
      breaker.abandoned(at: now)
      return nil
    }
    if case .throttled = result.outcome {} else { throttledInARow = [] }
    if case .delivered = result.outcome {
      if taken.count >= Pace.manyThrottled { taken.removeFirst() }
      taken.append(now)
      concludedHold = .zero
    }
    return result.isFault
      ? breaker.failed(at: now, of: deliveries, unreachable: result.neverArrived) : breaker.answered()
  }

  /// The channel asked for a wait.
  ///
  /// - Parameter wholeChannel: The notifier has one address or one account for all; else it is the recipient's wait,
  ///   until several recipients in a row are told so, more of them while others' messages are taken.
  /// - Returns: Whether everything waits.
  mutating func throttled(_ recipient: String, wholeChannel: Bool, until: Duration, at now: Duration) -> Bool {
    throttledInARow.insert(recipient)
    if wholeChannel {
      hold(until: until)
      return true
    }
    holdRecipient(recipient, until: until, at: now)
    let needed = Pace.fewThrottled + taken.count { now - $0 < Pace.lately }
    guard throttledInARow.count >= min(needed, Pace.manyThrottled) else { return false }
    concludedHold = max(concludedHold, until)
    return true
  }

  mutating func hold(until: Duration) { channelHold = max(channelHold, until) }

  mutating func holdRecipient(_ recipient: String, until: Duration, at now: Duration) {
    recipientHolds[recipient] = max(until, recipientHolds[recipient] ?? .zero)
    if recipientHolds.count > 4096 { recipientHolds = recipientHolds.filter { $0.value > now } }
  }

  /// What the worker before this one sent, oldest first: rates and waits go on where they were.
  ///
  /// - Parameters:
  ///   - offset: Uptime less wall time, to tell the one from the other.
  ///   - lag: How long after it was handed out a send whose end is not known may have begun.
  mutating func resume(
    _ past: [PastSend], wholeChannel: Bool, lag: Duration, at now: Duration, wall: Instant
  ) {
    for send in past {
      // A clock that was set back makes the past the future.
      let started = min(now, now - (wall - send.startedAt) + (send.isLost ? lag : .zero))
      channelRate?.take(at: started)
      recipients.take(send.recipient, at: started)
      if let until = send.throttledUntil, until > wall {
        _ = throttled(send.recipient, wholeChannel: wholeChannel, until: now + (until - wall), at: started)
      } else if !send.isLost {
        throttledInARow = []
        concludedHold = .zero
      }
    }
  }
}

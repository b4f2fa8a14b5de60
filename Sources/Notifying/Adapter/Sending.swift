import Language
import PluginHost

/// One request to make: a message for one recipient, or the same text for several.
public struct Outgoing: Sendable {
  /// The idempotency key; of a batch, its first delivery's.
  public var id: String
  /// Empty where the channel is the address.
  public var recipients: [String]
  public var message: Message
  public var rendered: RenderedMessage
  /// Send ``RenderedMessage/plain``.
  public var plain: Bool
  public var sequence: Int

  public init(
    id: String, recipients: [String], message: Message, rendered: RenderedMessage, plain: Bool = false,
    sequence: Int = 1
  ) {
    self.id = id
    self.recipients = recipients
    self.message = message
    self.rendered = rendered
    self.plain = plain
    self.sequence = sequence
  }
}

/// What a send came to for one recipient.
public struct SendResult: Sendable, Hashable {
  public var outcome: AttemptOutcome
  /// HTTP status; nil when no answer came.
  public var status: Int?
  public var reason: NotifyReason
  /// The provider's words (or ours where no answer came): one line, scrubbed of secrets and addresses, at most 500
  /// characters.
  public var detail: String?
  /// The channel may have accepted it although the outcome is to try again.
  public var doubtful: Bool
  /// How long the channel asked to be left alone with outcome `paused`.
  public var asked: Duration?
  /// `outcomes[3]`, nil where a default decided.
  public var rule: String?

  public init(
    outcome: AttemptOutcome, status: Int? = nil, reason: NotifyReason, detail: String? = nil, doubtful: Bool = false,
    rule: String? = nil, asked: Duration? = nil
  ) {
    self.outcome = outcome
    self.status = status
    self.reason = reason
    self.detail = detail
    self.doubtful = doubtful
    self.rule = rule
    self.asked = asked
  }

  /// No answer, and nothing of the request arrived: surely not the message's fault.
  var neverArrived: Bool { status == nil && !doubtful }

  /// How long a channel that can't send now is left alone: no shorter than it asked.
  var pause: Duration { asked.map { max(Backoff.pause, $0 + .milliseconds(250)) } ?? Backoff.pause }

  /// Whether the channel took the message, or may have.
  var mayCost: Bool {
    if case .delivered = outcome { return true }
    return doubtful
  }

  /// The channel itself did not work: no answer, or a server's error.
  public var isFault: Bool {
    switch outcome {
    case .retry: status == nil || (500...599).contains(status ?? 0) || reason == .garbled
    default: false
    }
  }
}

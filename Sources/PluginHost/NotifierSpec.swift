import Language

/// How to speak to a channel: one `notifiers/*.yaml`, checked, compiled and immutable.
public struct NotifierSpec: Sendable {
  public enum Transport: Sendable {
    case http(RequestTemplate)
    /// `print: "{message}"`: to standard output, for trying things out.
    case print(Template)
  }

  /// What to do with a delivery whose attempt may have been accepted.
  public enum WhenUnsure: String, Sendable, Hashable, CaseIterable {
    /// The channel knows the idempotency key, or a double is harmless.
    case resend
    case resendOnce = "resend_once"
    case drop
  }

  public enum Signing: String, Sendable, Hashable, CaseIterable { case standardWebhooks = "standard_webhooks" }

  public var id: String
  public var title: String
  public var options: OptionSchema
  /// `chat_id`, and the pattern an address must match.
  public var recipientName: String
  public var recipientPattern: (any CompiledSelector)?
  /// False where the channel itself is the address (a webhook).
  public var takesRecipient: Bool
  /// The kind of a ``MessageFormat``.
  public var format: String
  /// In the format's units.
  public var maxLength: Int?
  public var rate: RateLimit?
  public var ratePerRecipient: RateLimit?
  /// For recipients that match ``groupPattern``, beside ``ratePerRecipient``.
  public var ratePerGroup: RateLimit?
  /// Which addresses are groups of people: Telegram's begin with a minus.
  public var groupPattern: (any CompiledSelector)?
  public var send: Transport
  /// Another request instead of `send` where a condition on options holds, in order (Sms.ir's verify templates).
  public var variants: [(option: String, send: Transport)]
  public var outcomes: [NotifierOutcomeRule]
  /// How many equal texts go in one request; 1 means no batching. `{recipients}` is the list then.
  public var batch: Int
  public var whenUnsure: WhenUnsure
  public var signing: Signing?
  /// Names the option that holds the signing secret.
  public var signingOption: String?
  public var version: String
  public var file: String

  /// What templates may name beside options and the address (`recipient`, or `recipients` in a batch), with types.
  ///
  /// `message` is the laid-out message (for `json` an object), `plain` the same without markup; `first_line`, `lines` and
  /// `count` are of the lines below the title, for channels that take pieces.
  public static let messageNames: [(String, ValueType)] = [
    ("message", .unknown), ("title", .text), ("first_line", .text), ("lines", .unknown), ("count", .integer),
    ("link", .url), ("plain", .text), ("delivery_id", .text), ("sequence", .integer), ("language", .text),
    ("site", .text), ("watch", .text), ("kind", .text), ("at", .instant),
  ]

  public init(
    id: String, title: String, options: OptionSchema, recipientName: String, recipientPattern: (any CompiledSelector)?,
    takesRecipient: Bool, format: String, maxLength: Int?, rate: RateLimit?, ratePerRecipient: RateLimit?,
    send: Transport, variants: [(option: String, send: Transport)], outcomes: [NotifierOutcomeRule], batch: Int,
    whenUnsure: WhenUnsure, signing: Signing?, signingOption: String?, version: String, file: String,
    ratePerGroup: RateLimit? = nil, groupPattern: (any CompiledSelector)? = nil
  ) {
    self.id = id
    self.title = title
    self.options = options
    self.recipientName = recipientName
    self.recipientPattern = recipientPattern
    self.takesRecipient = takesRecipient
    self.format = format
    self.maxLength = maxLength
    self.rate = rate
    self.ratePerRecipient = ratePerRecipient
    self.ratePerGroup = ratePerGroup
    self.groupPattern = groupPattern
    self.send = send
    self.variants = variants
    self.outcomes = outcomes
    self.batch = batch
    self.whenUnsure = whenUnsure
    self.signing = signing
    self.signingOption = signingOption
    self.version = version
    self.file = file
  }
}

/// `30/s`, `20/min`: at most `count` in any window of `per`.
public struct RateLimit: Sendable, Hashable {
  public var count: Int
  public var per: Duration
  public init(count: Int, per: Duration) {
    self.count = count
    self.per = per
  }
}

/// One line of a notifier's `outcomes`.
public struct NotifierOutcomeRule: Sendable {
  public enum Outcome: String, Sendable, Hashable, CaseIterable {
    case delivered, throttled, retry, moved
    case resendPlain = "resend_plain"
    case recipientGone = "recipient_gone"
    case rejected, paused, misconfigured
  }

  public var outcome: Outcome
  public var condition: OutcomeCondition
  /// The provider's id of the message.
  public var receipt: SelectorList?
  /// Seconds, or an HTTP date, in the body.
  public var retryAfter: SelectorList?
  /// The new address, for `moved`.
  public var to: SelectorList?
  /// One result per recipient of a batch, in order.
  public var each: SelectorList?
  /// Values of `each` that mean: this recipient was refused.
  public var refused: [Value]
  /// `outcomes[3]`.
  public var keyPath: String

  public init(
    outcome: Outcome, condition: OutcomeCondition, receipt: SelectorList? = nil, retryAfter: SelectorList? = nil,
    to: SelectorList? = nil, each: SelectorList? = nil, refused: [Value] = [], keyPath: String
  ) {
    self.outcome = outcome
    self.condition = condition
    self.receipt = receipt
    self.retryAfter = retryAfter
    self.to = to
    self.each = each
    self.refused = refused
    self.keyPath = keyPath
  }
}

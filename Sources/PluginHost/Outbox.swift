import Language

/// A delivery handed to a worker for one attempt.
public struct LeasedDelivery: Sendable, Hashable {
  /// Stable over all attempts: the idempotency key.
  public var id: String
  public var channel: String
  public var recipient: String
  public var message: Message
  /// Counted from 1; an attempt that is not the newest can record nothing.
  public var attempt: Int
  /// Send with the plain text: the channel refused the markup once.
  public var plain: Bool
  /// Per recipient and watch, counted from 1.
  public var sequence: Int
  public var createdAt: Instant
  /// No use after this; nil for what never expires.
  public var expiresAt: Instant?
  /// The start of an attempt whose end was never recorded: the channel may have accepted it.
  public var unsure: Bool
  /// How many earlier attempts the channel may have accepted: no end recorded, or no answer came (reasons `timeout`,
  /// `reset`, `garbled`, `cancelled`). At least 1 where ``unsure``; decides `when_unsure: resend_once`.
  public var doubts: Int
  /// Earlier tries that failed by the delivery's own fault as far as is known: those count towards giving up.
  public var failures: Int
  /// An earlier one of this recipient and watch still waits, or a later one was delivered: the message carries its
  /// ``sequence``, as order can't be kept.
  public var isOutOfOrder: Bool

  public init(
    id: String, channel: String, recipient: String, message: Message, attempt: Int, plain: Bool, sequence: Int,
    createdAt: Instant, expiresAt: Instant?, unsure: Bool, doubts: Int = 0, failures: Int = 0,
    isOutOfOrder: Bool = false
  ) {
    self.id = id
    self.channel = channel
    self.recipient = recipient
    self.message = message
    self.attempt = attempt
    self.plain = plain
    self.sequence = sequence
    self.createdAt = createdAt
    self.expiresAt = expiresAt
    self.unsure = unsure
    self.doubts = max(doubts, unsure ? 1 : 0)
    self.failures = failures
    self.isOutOfOrder = isOutOfOrder
  }
}

/// What one attempt came to, as decided by the notifier's `outcomes`.
public enum AttemptOutcome: Sendable, Hashable {
  case delivered(receipt: String?)
  case throttled(retryAfter: Duration?)
  case retry(after: Duration?)
  /// The recipient has a new address; it is kept and the delivery goes there.
  case moved(to: String)
  case resendPlain
  case recipientGone
  /// This message will never be accepted.
  case rejected
  /// The channel can't send now (no credit); the delivery waits.
  case paused
  /// The channel is set up wrongly; it stops until its configuration changes.
  case misconfigured

  /// The word for it in files, logs and the store.
  public var word: String {
    switch self {
    case .delivered: "delivered"
    case .throttled: "throttled"
    case .retry: "retry"
    case .moved: "moved"
    case .resendPlain: "resend_plain"
    case .recipientGone: "recipient_gone"
    case .rejected: "rejected"
    case .paused: "paused"
    case .misconfigured: "misconfigured"
    }
  }
}

/// One try of one delivery, as recorded.
public struct AttemptRecord: Sendable, Hashable {
  public var delivery: String
  public var attempt: Int
  public var startedAt: Instant
  public var endedAt: Instant
  public var outcome: AttemptOutcome
  /// HTTP status; nil when no answer came.
  public var status: Int?
  /// `rate_limited`, `timeout`, `no_credit` …: one of a fixed list of words.
  public var reason: String
  /// The provider's words, scrubbed of secrets and cut to 500 characters.
  public var detail: String?
  /// When the delivery is due again, for outcomes that try again.
  public var nextAt: Instant?
  /// The channel's fault: does not count towards giving the delivery up.
  public var isExcused: Bool

  public init(
    delivery: String, attempt: Int, startedAt: Instant, endedAt: Instant, outcome: AttemptOutcome, status: Int?,
    reason: String, detail: String?, nextAt: Instant?, isExcused: Bool = false
  ) {
    self.delivery = delivery
    self.attempt = attempt
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.outcome = outcome
    self.status = status
    self.reason = reason
    self.detail = detail
    self.nextAt = nextAt
    self.isExcused = isExcused
  }
}

/// The worker's side of the outbox. Storage keeps it; Notifying works through it.
///
/// Every call is one transaction. A lease that runs out gives the delivery back, marked ``LeasedDelivery/unsure``.
public protocol Outbox: Sendable {
  /// Up to `limit` due deliveries of `channel`, each now held until `until`. Never two of one recipient at once;
  /// expired ones are ended as `expired`, and lines whose items are gone are taken out (a delivery left without lines
  /// ends as `obsolete`), before anything is handed out. Fresh before stale, oldest first per recipient.
  func lease(channel: String, limit: Int, now: Instant, until: Instant) async throws -> [LeasedDelivery]
  /// Records attempts with their effects on deliveries, recipients and the channel, all or nothing. Records whose
  /// attempt number is no longer the newest are kept for history and change nothing.
  func record(_ attempts: [AttemptRecord], now: Instant) async throws
  /// Gives back what was leased and not tried, as if never leased.
  func release(_ deliveries: [LeasedDelivery]) async throws
  /// When the next delivery of `channel` is due (may be past), nil when none waits.
  func nextDue(channel: String, now: Instant) async throws -> Instant?
  /// Asks again of leased deliveries whether they may go now, as ``lease(channel:limit:now:until:)`` did: for those that
  /// waited in a worker's hands.
  ///
  /// - Returns: Those that may, with what is left to say. The others have ended or went back, as if never leased.
  func recheck(_ deliveries: [LeasedDelivery], now: Instant) async throws -> [LeasedDelivery]
  /// What was sent since an instant, so that a new worker keeps the rates and the waits of the one before.
  func pastSends(channel: String, since: Instant, now: Instant) async throws -> [PastSend]
  /// Sets aside, before a send, what up to `count` messages cost within a day's budget.
  ///
  /// - Returns: For how many of them there is room.
  func reserve(_ cost: Spending, upTo count: Int, channel: String, budget: Budget, day: Instant) async throws -> Int
  /// Gives back what was set aside for messages that surely were not accepted.
  func refund(_ cost: Spending, count: Int, channel: String, day: Instant) async throws
}

/// One send of a channel's past, as far as rates and waits are concerned.
public struct PastSend: Sendable, Hashable {
  public var recipient: String
  public var startedAt: Instant
  /// Its end was never recorded: ``startedAt`` is when it was handed out, and it may have been sent some time later.
  public var isLost: Bool
  /// The channel asked to wait until then.
  public var throttledUntil: Instant?

  public init(recipient: String, startedAt: Instant, isLost: Bool = false, throttledUntil: Instant? = nil) {
    self.recipient = recipient
    self.startedAt = startedAt
    self.isLost = isLost
    self.throttledUntil = throttledUntil
  }
}

/// What an outbox may know more: whether a lost lease had got as far as its send. One that can't tell takes every lost
/// lease for a send that may have been accepted.
public protocol BeginningOutbox: Outbox {
  /// As ``Outbox/lease(channel:limit:now:until:)``, for a worker that tells with ``begin(_:)`` when it sends. Lost before
  /// that, a delivery comes back as if it had not been tried: it was surely not accepted.
  func leaseUnbegun(channel: String, limit: Int, now: Instant, until: Instant) async throws -> [LeasedDelivery]
  /// These are about to be sent; to be called before anything of them leaves the machine.
  func begin(_ deliveries: [LeasedDelivery]) async throws
}

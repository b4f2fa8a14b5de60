import PluginHost

/// What an origin may be asked, shared by every spec that reads it.
public struct OriginLimits: Sendable, Hashable {
  /// Least time between two starts of requests; nil is unlimited.
  public var gap: Duration?
  /// Most requests at once; nil is unlimited.
  public var concurrency: Int?

  public init(gap: Duration? = nil, concurrency: Int? = nil) {
    self.gap = gap
    self.concurrency = concurrency
  }

  public init(_ limits: Limits) { self.init(gap: limits.gap, concurrency: limits.concurrency) }

  /// The strictest of each.
  public static func merge(_ all: some Sequence<OriginLimits>) -> OriginLimits {
    all.reduce(into: OriginLimits()) { merged, limits in
      merged.gap = [merged.gap, limits.gap].compactMap { $0 }.max()
      merged.concurrency = [merged.concurrency, limits.concurrency].compactMap { $0 }.min()
    }
  }
}

/// Politeness towards one origin, as a state machine without a clock of its own: all times are uptimes, never less
/// than at the call before.
///
/// Every `.go` must be followed by one ``finished(_:at:random:)``.
public struct OriginBudget: Sendable, Hashable {
  public enum Admission: Sendable, Hashable {
    /// Send it now: it is counted.
    case go
    /// Ask again after this.
    case wait(Duration)
    /// As many as may be are under way: ask again when one has finished.
    case busy
  }

  public enum Result: Sendable, Hashable {
    /// Any answer that is none of the others, 404 included: the origin works.
    case answered
    /// 429, or 503 with a Retry-After.
    case throttled(retryAfter: Duration?)
    /// No answer, or 5xx.
    case failed
    /// Never sent, or given up by us: says nothing about the origin.
    case cancelled
  }

  public enum Breaker: Sendable, Hashable {
    case closed
    case open(until: Duration)
    /// One request finds out whether the origin is back; the others wait for it.
    case halfOpen
  }

  /// Failures in a row that open the breaker.
  public static let failuresToOpen = 5
  /// How long the breaker stays open at first, doubled with each failed probe.
  public static let firstPause: Duration = .seconds(30)
  public static let longestPause: Duration = .seconds(900)
  /// A Retry-After beyond this is taken for this: an origin does not decide that it is never watched again.
  public static let longestRetryAfter: Duration = .seconds(86_400)

  /// May be replaced at a reload; what is known of the origin stays.
  public var limits: OriginLimits
  public private(set) var breaker: Breaker = .closed
  /// Failures and refusals in a row.
  public private(set) var failures = 0
  public private(set) var inFlight = 0
  private var lastStart: Duration?
  /// From backoff after failures.
  private var notBefore: Duration = .zero
  /// From Retry-After, or backoff after a refusal.
  private var silentUntil: Duration = .zero
  private var refusedAt: Duration?
  /// Times the breaker opened since the origin last worked.
  private var pauses = 0

  public init(limits: OriginLimits) { self.limits = limits }

  /// - Parameter begun: When the run began that the request belongs to; nil for a request of its own.
  public mutating func admit(at now: Duration, begun: Duration? = nil) -> Admission {
    if case .open(let until) = breaker {
      if until > now { return .wait(until - now) }
      breaker = .halfOpen
    }
    let concurrency = breaker == .halfOpen ? 1 : limits.concurrency ?? .max
    if inFlight >= max(1, concurrency) { return .busy }
    let spaced = lastStart.flatMap { start in limits.gap.map { start + $0 } } ?? .zero
    let wait = max(spaced, notBefore, mayEnd(begun) ? .zero : silentUntil) - now
    if wait > .zero { return .wait(wait) }
    inFlight += 1
    lastStart = now
    return .go
  }

  /// A run that had begun when one refusal came may end, at its usual pace: one thing that is always refused must not
  /// keep all that is asked after it unread for ever. Two refusals in a row mean the origin, not the thing.
  private func mayEnd(_ begun: Duration?) -> Bool {
    guard let begun, let refusedAt else { return false }
    return failures < 2 && begun <= refusedAt
  }

  public mutating func finished(_ result: Result, at now: Duration, random: RandomSource) {
    precondition(inFlight > 0, "a request finished that was never admitted")
    inFlight -= 1
    switch result {
    case .cancelled: break
    case .answered: heal()
    case .throttled(let retryAfter):
      failures += 1
      // Being refused is an answer: the origin lives, so the breaker closes.
      breaker = .closed
      pauses = 0
      refusedAt = now
      // Requests end in any order: an earlier answer must not shorten what a later one asked for.
      silentUntil = max(silentUntil, now + pause(retryAfter, random))
    case .failed:
      failures += 1
      delay(until: now + jittered(backoff(beforeRetry: failures), random: random))
      openIfNeeded(at: now)
    }
  }

  private mutating func heal() {
    failures = 0
    pauses = 0
    breaker = .closed
  }

  private mutating func delay(until instant: Duration) { notBefore = max(notBefore, instant) }

  /// What the origin asked for wins over our own backoff.
  private func pause(_ retryAfter: Duration?, _ random: RandomSource) -> Duration {
    guard let retryAfter else { return jittered(backoff(beforeRetry: failures), random: random) }
    return min(max(retryAfter, .zero), OriginBudget.longestRetryAfter)
  }

  private mutating func openIfNeeded(at now: Duration) {
    let isProbe = breaker == .halfOpen
    if case .open = breaker { return }
    guard isProbe || failures >= OriginBudget.failuresToOpen else { return }
    // 30 s × 2⁵ is beyond the longest pause.
    let pause = min(OriginBudget.firstPause * (1 << min(pauses, 5)), OriginBudget.longestPause)
    pauses += 1
    breaker = .open(until: now + pause)
  }
}

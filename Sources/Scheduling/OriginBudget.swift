import PluginHost

/// What an origin may be asked, shared by every spec that reads it.
public struct OriginLimits: Sendable, Hashable {
  /// A token comes each so often, and each request takes one; nil is unlimited.
  public var gap: Duration?
  /// Most requests at once; nil is unlimited.
  public var concurrency: Int?
  /// As many tokens as may lie ready. One: requests are `gap` apart.
  public var burst: Int?
  /// Least time between two starts, whatever tokens there are.
  public var pause: Duration?
  /// Most arrivals in any window of a length.
  public var rates: Set<RateLimit>

  public init(
    gap: Duration? = nil, concurrency: Int? = nil, burst: Int? = nil, pause: Duration? = nil,
    rates: Set<RateLimit> = []
  ) {
    self.gap = gap
    self.concurrency = concurrency
    self.burst = burst
    self.pause = pause
    self.rates = rates
  }

  public init(_ limits: Limits) {
    // Without a gap nothing is limited, whatever rate it came from.
    let isLimited = limits.gap != nil
    self.init(
      gap: limits.gap, concurrency: limits.concurrency, burst: isLimited ? limits.burst : nil,
      pause: isLimited ? limits.pause : nil, rates: isLimited ? Set([limits.rate].compactMap { $0 }) : [])
  }

  /// The strictest of each.
  public static func merge(_ all: some Sequence<OriginLimits>) -> OriginLimits {
    all.reduce(into: OriginLimits()) { merged, limits in
      merged.gap = [merged.gap, limits.gap].compactMap { $0 }.max()
      merged.concurrency = [merged.concurrency, limits.concurrency].compactMap { $0 }.min()
      merged.burst = [merged.burst, limits.burst].compactMap { $0 }.min()
      merged.pause = [merged.pause, limits.pause].compactMap { $0 }.max()
      merged.rates.formUnion(limits.rates)
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
  public var limits: OriginLimits { didSet { if limits.rates != oldValue.rates { renewWindows() } } }
  public private(set) var breaker: Breaker = .closed
  /// Failures and refusals in a row.
  public private(set) var failures = 0
  public private(set) var inFlight = 0
  private var lastStart: Duration?
  /// When the bucket would be empty: each request moves it on by one `gap`, and it never lies more than a full bucket
  /// back.
  private var emptyAt: Duration = .zero
  private var windows: [ArrivalWindow] = []
  /// The newest request that was let in.
  public private(set) var ticket: UInt64 = 0
  /// From backoff after failures.
  private var notBefore: Duration = .zero
  /// From Retry-After, or backoff after a refusal.
  private var silentUntil: Duration = .zero
  private var refusedAt: Duration?
  /// Times the breaker opened since the origin last worked.
  private var pauses = 0

  public init(limits: OriginLimits) {
    self.limits = limits
    windows = limits.rates.map { ArrivalWindow($0) }
  }

  /// Windows longer than this start empty after a restart: waiting for all of them would cost more news than it saves
  /// the site, and the bucket alone keeps their number too. What it does not count is how long requests are under way.
  static let longestAssumed = Duration.seconds(2)

  /// What was asked before `instant` is not known, by this process: as much as was allowed is assumed.
  public mutating func assumeSpent(at instant: Duration) {
    lastStart = max(lastStart ?? instant, instant)
    // The first when a full bucket could have come together anew: with the bursts of before no window holds too many.
    emptyAt = max(emptyAt, instant + (limits.gap ?? .zero) * (2 * max(1, limits.burst ?? 1) - 1))
    for index in windows.indices where windows[index].per <= OriginBudget.longestAssumed {
      windows[index].assumeFull(at: instant)
    }
  }

  /// Windows that are new know nothing of what went before.
  private mutating func renewWindows() {
    let known = Dictionary(windows.map { (WindowKey($0), $0) }) { first, _ in first }
    windows = limits.rates.map { rate in
      var window = ArrivalWindow(rate)
      if let old = known[WindowKey(window)] { return old }
      if let lastStart, window.per <= OriginBudget.longestAssumed { window.assumeFull(at: lastStart) }
      return window
    }
  }

  private struct WindowKey: Hashable {
    var count: Int
    var per: Duration
    init(_ window: ArrivalWindow) { (count, per) = (window.count, window.per) }
  }

  /// What is worth keeping over a restart.
  public struct Memory: Sendable, Hashable {
    public var silentUntil: Duration
    public var closedUntil: Duration
    public var failures: Int
    public var pauses: Int

    public init(silentUntil: Duration, closedUntil: Duration, failures: Int, pauses: Int) {
      self.silentUntil = silentUntil
      self.closedUntil = closedUntil
      self.failures = failures
      self.pauses = pauses
    }
  }

  /// nil where nothing is worth keeping: the origin works, or has failed a few times at most.
  public func memory(at now: Duration) -> Memory? {
    var closedUntil = Duration.zero
    if case .open(let until) = breaker { closedUntil = until }
    guard silentUntil > now || closedUntil > now || breaker == .halfOpen else { return nil }
    return Memory(silentUntil: silentUntil, closedUntil: closedUntil, failures: failures, pauses: pauses)
  }

  /// Takes up what an earlier process knew, in uptimes of this one.
  public mutating func take(_ memory: Memory, at now: Duration) {
    silentUntil = max(silentUntil, min(memory.silentUntil, now + OriginBudget.longestRetryAfter))
    if memory.closedUntil > now { breaker = .open(until: min(memory.closedUntil, now + OriginBudget.longestPause)) }
    failures = max(failures, memory.failures)
    pauses = max(pauses, memory.pauses)
  }

  /// Nothing is under way, nothing is held against it, and what was sent is long ago.
  public func isIdle(at now: Duration) -> Bool {
    inFlight == 0 && failures == 0 && breaker == .closed && max(silentUntil, notBefore) <= now
      && (lastStart ?? .zero) + .seconds(86_400) <= now
  }

  /// - Parameter begun: When the run that the request belongs to began to ask; nil for one that has had no answer yet.
  public mutating func admit(at now: Duration, begun: Duration? = nil) -> Admission {
    if case .open(let until) = breaker {
      if until > now { return .wait(until - now) }
      breaker = .halfOpen
    }
    if freePlaces == 0 { return .busy }
    let wait = max(spaced(at: now), notBefore, mayEnd(begun) ? .zero : silentUntil) - now
    if wait > .zero { return .wait(wait) }
    start(at: now)
    return .go
  }

  /// How many more requests may be under way.
  public var freePlaces: Int {
    let places = breaker == .halfOpen ? 1 : max(1, limits.concurrency ?? .max)
    return max(0, places - inFlight)
  }

  /// The earliest start that the bucket, the pause and the windows allow.
  private func spaced(at now: Duration) -> Duration {
    var earliest = Duration.zero
    if let lastStart {
      if let pause = limits.pause { earliest = lastStart + pause }
      if let gap = limits.gap {
        // From the last start, should the gap have grown since.
        let burst = max(1, limits.burst ?? 1)
        earliest = max(earliest, burst == 1 ? lastStart + gap : emptyAt - gap * (burst - 1))
      }
    }
    for window in windows { earliest = max(earliest, now + window.wait(at: now)) }
    return earliest
  }

  private mutating func start(at now: Duration) {
    inFlight += 1
    ticket += 1
    lastStart = now
    emptyAt = max(emptyAt, now) + (limits.gap ?? .zero)
    for index in windows.indices { windows[index].left(ticket, at: now) }
  }

  /// A run that was asking when one refusal came, and has had an answer, may end at its usual pace: one thing that is always refused must not
  /// keep all that is asked after it unread for ever. Two refusals in a row mean the origin, not the thing.
  private func mayEnd(_ begun: Duration?) -> Bool {
    guard let begun, let refusedAt else { return false }
    return failures < 2 && begun <= refusedAt
  }

  /// - Parameter ticket: Of the request; nil where nothing is known of when it arrived.
  public mutating func finished(
    _ result: Result, at now: Duration, random: RandomSource, ticket: UInt64? = nil
  ) {
    precondition(inFlight > 0, "a request finished that was never admitted")
    inFlight -= 1
    if let ticket { for index in windows.indices { windows[index].answered(ticket, at: now) } }
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

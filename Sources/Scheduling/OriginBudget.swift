import Language
import PluginHost

/// How one origin is treated, whatever specs ask of it: a least gap between starts, a bound on what runs at once, and
/// silence while the origin asks for it or keeps failing. Pure; times are uptimes.
public struct OriginBudget: Sendable, Hashable {
  /// What came back, as far as politeness is concerned.
  public enum Answer: Sendable, Hashable {
    case status(Int, retryAfter: Duration?)
    case failure(FetchFailure.Reason)
  }

  public enum Admission: Sendable, Hashable {
    case go
    /// Ask again then: it is somebody else's turn, or too soon.
    case wait(Duration)
    /// As many as may run are running: ask again when one has left.
    case full
    /// The origin asked for silence, or fails: nothing is sent before this long has passed.
    case held(Duration)
  }

  /// Failures in a row that open the breaker.
  public static let breakerThreshold = 5
  /// `Retry-After` beyond this is cut: a day-long value is a mistake of the server more often than a wish.
  public static let maxRetryAfter = Duration.seconds(3600)

  public private(set) var gap: Duration
  public private(set) var concurrency: Int
  public private(set) var running = 0
  public private(set) var failures = 0
  public private(set) var heldUntil: Duration?
  private var nextStart: Duration = .zero

  public init(gap: Duration = .zero, concurrency: Int = .max) {
    self.gap = gap
    self.concurrency = concurrency
  }

  /// The strictest spec wins.
  public mutating func tighten(_ limits: Limits) {
    gap = max(gap, limits.gap ?? .zero)
    concurrency = min(concurrency, limits.concurrency ?? .max)
  }

  /// Starts one request where it may start; the caller calls ``leave(_:now:chance:)`` when it has ended.
  public mutating func enter(now: Duration) -> Admission {
    if let until = heldUntil {
      guard now >= until else { return .held(until - now) }
      // After silence one request tests the ground; the others wait for what it says.
      if failures >= OriginBudget.breakerThreshold, running > 0 { return .full }
    }
    guard running < concurrency else { return .full }
    guard now >= nextStart else { return .wait(nextStart - now) }
    running += 1
    nextStart = now + gap
    return .go
  }

  /// - Parameter chance: In 0 ..< 1, for jitter.
  public mutating func leave(_ answer: Answer, now: Duration, chance: Double) {
    running = max(0, running - 1)
    switch answer {
    case .status(let status, let retryAfter) where status == 429 || (status == 503 && retryAfter != nil):
      failures += 1
      hold(retryAfter.map { min($0, OriginBudget.maxRetryAfter) } ?? pause(chance), now)
    case .status(500..., _):
      fail(now, chance)
    case .status:
      failures = 0
      heldUntil = nil
    case .failure(let reason):
      // What we refused ourselves says nothing about the origin.
      switch reason {
      case .cancelled, .refusedURL, .refusedNever, .refusedAddress, .heldBack, .tooLarge: break
      default: fail(now, chance)
      }
    }
  }

  private mutating func fail(_ now: Duration, _ chance: Double) {
    failures += 1
    if failures >= OriginBudget.breakerThreshold { hold(pause(chance), now) }
  }

  private mutating func hold(_ time: Duration, _ now: Duration) {
    heldUntil = max(heldUntil ?? .zero, now + time)
  }

  /// Backoff with up to a quarter of jitter on top.
  private func pause(_ chance: Double) -> Duration {
    backoff(beforeRetry: max(1, failures)) * (1 + chance / 4)
  }
}

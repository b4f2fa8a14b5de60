import PluginHost

/// `30/s`, `10/day`: at most `count` in any window of `per`, not only in those that start on the second.
///
/// Keeps the times of the last `count`; a token bucket would let nearly twice as many into a window that starts full.
public struct RateBudget: Sendable, Hashable {
  public let count: Int
  public let per: Duration
  /// A ring once it holds `count`; ``oldest`` is then the next to be replaced.
  private var times: [Duration] = []
  private var oldest = 0

  public init(count: Int, per: Duration) {
    precondition(count > 0 && per > .zero, "a rate lets something through")
    self.count = count
    self.per = per
  }

  public init(_ limit: RateLimit) { self.init(count: limit.count, per: limit.per) }

  /// How long to wait before the next is within the limit; zero is now.
  ///
  /// - Parameter now: An uptime, never less than at the call before.
  public func wait(at now: Duration) -> Duration {
    times.count < count ? .zero : max(.zero, times[oldest] + per - now)
  }

  /// nil when it may happen now, and is counted; else how long to wait.
  public mutating func admit(at now: Duration) -> Duration? {
    let wait = wait(at: now)
    if wait > .zero { return wait }
    if times.count < count {
      times.append(now)
    } else {
      times[oldest] = now
      oldest = (oldest + 1) % count
    }
    return nil
  }

  /// Whether forgetting it would change nothing: for dropping recipients that are quiet.
  public func isIdle(at now: Duration) -> Bool {
    guard let last = times.isEmpty ? nil : times[(oldest + times.count - 1) % times.count] else { return true }
    return last + per <= now
  }
}

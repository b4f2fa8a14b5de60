import Language
import PluginHost

/// When a watch runs: every so often, a little off the beat, so that watches added together drift apart. Pure.
public struct Schedule: Sendable, Hashable {
  /// Share of `every` by which a run may come early or late, so that the mean stays `every`.
  public static let jitter = 0.05

  /// After a start, what is overdue is spread over this long at most: no host sees a burst.
  public static let startSpread = Duration.seconds(60)

  public var every: Duration

  public init(every: Duration) { self.every = every }

  /// How long after the start of a run the next one starts.
  ///
  /// A run that took longer than `every` is followed at once by one, never by all those missed.
  ///
  /// - Parameters:
  ///   - elapsed: Since the start of the last run.
  ///   - chance: In 0 ..< 1.
  public func wait(afterRunOf elapsed: Duration, chance: Double) -> Duration {
    max(.zero, every * (1 + Schedule.jitter * (2 * chance - 1)) - elapsed)
  }

  /// How long after the start of the process the first run starts: what is not yet due keeps its time, what is overdue
  /// (or was never run) is spread.
  ///
  /// - Parameter lastRun: When the watch last ran, by the wall clock; a time in the future counts as never.
  public func firstWait(lastRun: Instant?, now: Instant, chance: Double) -> Duration {
    let spread = min(every, Schedule.startSpread) * chance
    guard let lastRun, lastRun <= now else { return spread }
    let left = every - (now - lastRun)
    return left > .zero ? left : spread
  }
}

/// Waiting time before retry `n`, counted from 1: 2 s × 2ⁿ⁻¹, capped at 5 min: 2 s, 4 s, 8 s … 256 s, then 5 min from
/// the ninth on. Jitter is added by the caller, so this stays testable.
public func backoff(beforeRetry n: Int) -> Duration {
  .seconds(min(300, 2 << min(max(n, 1) - 1, 10)))
}

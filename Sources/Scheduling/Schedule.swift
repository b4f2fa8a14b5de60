import Language
import PluginHost

/// When a watch runs next. Pure: the clock and chance are passed in.
///
/// Waits are uptimes, so a clock that is set neither skips runs nor makes a burst of them. Wall time is used once,
/// after a restart, to see how long ago the last run was.
public struct Schedule: Sendable, Hashable {
  /// The least time between two starts of runs.
  public var every: Duration
  /// Up to this part of `every` is added to each wait, so that watches of one interval do not march in step.
  public var jitter: Double

  /// Watches that are overdue at a start are spread over this, or over their interval where that is shorter.
  public static let startSpread: Duration = .seconds(60)
  /// The same for so many watches: no more than a thousand start in a second on average.
  public static func startSpread(of watches: Int) -> Duration { max(startSpread, .milliseconds(watches)) }

  /// How soon a reading that is not believed by itself is confirmed: long enough for a site that was caught between two
  /// states, short enough for who waits. Found by judgement.
  public static let confirmAfter: Duration = .seconds(10)

  public init(every: Duration, jitter: Double = 0.05) {
    precondition(every > .zero, "a watch has an interval")
    precondition(jitter >= 0, "jitter only ever adds")
    self.every = every
    self.jitter = jitter
  }

  /// The first run after a start of the process.
  ///
  /// One that would have come due later keeps its time; an overdue or new one is placed by chance within ``startSpread``.
  /// None waits longer than `every`. A last run in the future (the clock was set back) tells nothing.
  ///
  /// - Parameters:
  ///   - lastRunAt: From the store; nil for a watch that never ran.
  ///   - now: The same moment as `uptime`.
  ///   - longest: What overdue watches are spread over, see ``startSpread(of:)``.
  public func firstRun(
    lastRunAt: Instant?, now: Instant, uptime: Duration, longest: Duration = Schedule.startSpread, random: RandomSource
  ) -> Duration {
    let spread = min(every, longest) * random.fraction()
    guard let lastRunAt, lastRunAt <= now else { return uptime + spread }
    let left = every - (now - lastRunAt)
    // Overdue: it gets the same spread as all the others, not the time of its own that has passed.
    return left > .zero ? uptime + left : uptime + spread
  }

  /// The run after one that was planned for `planned`.
  ///
  /// The plan, not the end of the run, is what the interval is counted from, so slow runs do not drift. Missed runs are
  /// not caught up on: one that is overdue comes now, once.
  ///
  /// - Parameter uptime: Now.
  public func nextRun(after planned: Duration, uptime: Duration, random: RandomSource) -> Duration {
    max(planned + every + every * (jitter * random.fraction()), uptime)
  }

  /// The confirming run after one that is not believed by itself; a quarter later at most, and never later than the
  /// next regular one could come.
  public func confirmingRun(uptime: Duration, random: RandomSource) -> Duration {
    uptime + min(every, jittered(Schedule.confirmAfter, random: random))
  }
}

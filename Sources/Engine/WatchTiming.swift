import Language
import PluginHost
import Scheduling

/// When a watch runs next, by its interval or by the calendar.
///
/// Intervals are waited for by the uptime, so a clock that is set moves nothing. What a calendar says is about the wall,
/// and follows it. A missed time is made up for once, not as often as it was missed.
struct WatchTiming {
  var watch: Watch
  /// What `every` comes to within the limits of the origins.
  var interval: Duration
  /// What is due at one moment, for many watches, is spread over this.
  var spread = Schedule.startSpread
  var time: any TimeSource
  var random: RandomSource

  /// Where a calendar names no time any more.
  private static let never = Duration.seconds(30 * 86_400)

  private var timing: Timing { watch.timing }
  private var schedule: Schedule {
    timing.jitter.map { Schedule(every: interval, jitter: $0) } ?? Schedule(every: interval)
  }

  /// After a start of the process, or where the watch is new.
  func first(lastRunAt: Instant?) -> DueRuns.Moment {
    let (now, uptime) = (time.now(), time.uptime())
    guard timing.cron.isEmpty else {
      guard let last = lastRunAt, last <= now, let missed = timing.nextTime(after: last), missed <= now,
        timing.isOpen(at: now)
      else { return calendar(after: now) }
      // Spread like all that is overdue at a start.
      let late = now + min(spread, watch.every) * random.fraction()
      return moment(timing.isOpen(at: late) ? late : now)
    }
    return open(schedule.firstRun(lastRunAt: lastRunAt, now: now, uptime: uptime, longest: spread, random: random))
  }

  /// After the run that was planned for `planned`.
  func next(after planned: Duration) -> DueRuns.Moment {
    let uptime = time.uptime()
    guard timing.cron.isEmpty else {
      let now = time.now()
      // Lines that are read one by one may meet: the site's minimum holds between them too. It is counted from the
      // calendar's own time, which jitter puts off, and a second is left for what a clock rounds away: a line for every
      // minute of a site whose minimum is a minute leaves none out.
      let apart = watch.spec.limits.minInterval * (1 - min(1, timing.jitter ?? 0)) - .seconds(1)
      let earliest = now - (uptime - planned) + max(.zero, apart)
      let next = timing.nextTime(after: earliest - .milliseconds(1))
      if let next, next <= now, timing.isOpen(at: now) { return moment(now) }
      return calendar(after: max(now, earliest - .milliseconds(1)))
    }
    return open(schedule.nextRun(after: planned, uptime: uptime, random: random))
  }

  /// Soon, to confirm what is not believed by itself.
  func confirming() -> DueRuns.Moment {
    let soon = schedule.confirmingRun(uptime: time.uptime(), random: random)
    return timing.within.isEmpty ? DueRuns.Moment(uptime: soon) : open(soon)
  }

  /// Its hours were over when its time came.
  func reopened() -> DueRuns.Moment {
    timing.cron.isEmpty ? open(time.uptime()) : calendar(after: time.now())
  }

  private func calendar(after instant: Instant) -> DueRuns.Moment {
    guard let next = timing.nextTime(after: instant) else { return moment(time.now() + WatchTiming.never) }
    guard let jitter = timing.jitter, jitter > 0, let following = timing.nextTime(after: next) else {
      return moment(next)
    }
    let late = next + (following - next) * (jitter * random.fraction())
    return moment(timing.isOpen(at: late) ? late : next)
  }

  /// At `uptime`, or when its hours begin; then spread, as everything that has the same hours begins with them.
  private func open(_ uptime: Duration) -> DueRuns.Moment {
    guard !timing.within.isEmpty else { return DueRuns.Moment(uptime: uptime) }
    let wall = time.now() + (uptime - time.uptime())
    guard !timing.isOpen(at: wall) else { return moment(wall) }
    guard let opening = timing.opening(from: wall) else { return moment(wall + WatchTiming.never) }
    let spread = opening + min(watch.every, self.spread) * random.fraction()
    return moment(timing.isOpen(at: spread) ? spread : opening)
  }

  private func moment(_ wall: Instant) -> DueRuns.Moment {
    DueRuns.Moment(uptime: time.uptime() + (wall - time.now()), wall: wall)
  }
}

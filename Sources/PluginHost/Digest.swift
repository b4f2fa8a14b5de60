import Language

/// When what was collected is sent, by the clock on the wall: the same windows for everybody, so a window needs no
/// memory and a restart in the middle of it changes nothing.
public enum Digest: Sendable, Hashable {
  /// So long each, counted from midnight; the last of a day ends at midnight.
  case every(Duration)
  /// At these times of each day, in order.
  case at([CivilTime])

  /// A window of a second is no digest, and longer than a day is what `at:` is for.
  public static let lengths: ClosedRange<Duration> = .seconds(60) ... .seconds(86_400)

  /// The end of the window that `now` lies in: always after `now`, and never before the end of an earlier one, on days
  /// of 23 and 25 hours too. There windows of a length count hours that pass, not those on the wall.
  public func end(after now: Instant, in zone: TimeZoneRules) -> Instant {
    let today = zone.civil(of: now).0
    switch self {
    case .every(let length):
      let midnight = zone.instant(of: today)
      let windows = (now - midnight).inMilliseconds / max(1, length.inMilliseconds) + 1
      return min(midnight + length * Int(windows), zone.instant(of: today.adding(days: 1)))
    case .at(let times):
      // A time that the clock skips may come after the next one: not the first in order, but the soonest.
      let ends = [today, today.adding(days: 1)].flatMap { day in times.map { zone.instant(of: day, $0) } }
      return ends.filter { $0 > now }.min() ?? zone.instant(of: today.adding(days: 2))
    }
  }
}

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

  /// The end of the window that `now` lies in: always after `now`.
  public func end(after now: Instant, in zone: TimeZoneRules) -> Instant {
    let (date, time) = zone.civil(of: now)
    var day = date
    // Clocks that go back or forward can make a day's candidates fall before `now`: the next day's can't.
    for _ in 0..<3 {
      for second in seconds(from: day == date ? time.secondsOfDay : 0) {
        let end =
          second == 86_400
          ? zone.instant(of: day.adding(days: 1)) : zone.instant(of: day, CivilTime(secondsOfDay: second))
        if end > now { return end }
      }
      day = day.adding(days: 1)
    }
    return now + .seconds(86_400)
  }

  /// Ends of a day's windows that may come after a second of that day, in order; 86,400 is the next midnight.
  private func seconds(from second: Int) -> [Int] {
    switch self {
    case .at(let times): return times.map(\.secondsOfDay).sorted()
    case .every(let length):
      let step = max(1, Int(length.components.seconds))
      let next = min(86_400, (second / step + 1) * step)
      return next == 86_400 ? [next] : [next, min(86_400, next + step), 86_400]
    }
  }
}

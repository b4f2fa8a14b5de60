/// Times of the calendar as cron writes them: `*/10 7-22 * * sat-wed`.
///
/// Minute, hour, day of the month, month, weekday. Where both days are restricted either makes a match, as cron has it.
/// Clocks that change: a time that the wall shows twice comes twice; a time that it skips comes when the skipped hour is
/// over, unless the line runs every hour anyway (`*`), which then goes on by the wall.
public struct CronLine: Sendable, Hashable {
  /// As it was written.
  public let source: String
  let fields: CronFields

  public init(_ source: String) throws(SyntaxError) {
    self.source = source
    fields = try CronParser.fields(of: source)
    guard hasTime else {
      throw SyntaxError(
        "no day fits this line", offset: 0, help: "the month that it names does not have the day that it names")
    }
  }

  /// So many days are searched for the next time: the longest wait there can be is for 29 February over 1900 or 2100,
  /// eight years.
  public static let horizon = 8 * 366

  /// The first time after `instant`.
  public func next(after instant: Instant, in zone: TimeZoneRules) -> Instant? {
    let first = zone.civil(of: instant).date
    for day in 0...CronLine.horizon {
      let date = first.adding(days: day)
      guard fields.contains(date) else { continue }
      if let found = next(after: instant, on: date, zone) { return found }
    }
    return nil
  }

  /// The least that lies between two times on days whose clocks are not changed.
  public var leastDistance: Duration {
    let minutes = fields.minutesOfDay
    guard let first = minutes.first, let last = minutes.last else { return .seconds(86_400) }
    var least = first + 1440 - last
    for (earlier, later) in zip(minutes, minutes.dropFirst()) { least = min(least, later - earlier) }
    return .seconds(60 * least)
  }

  private var hasTime: Bool {
    // Every day of the year there is, one of a leap year.
    (0..<366).contains { fields.containsInSomeYear(CivilDate(year: 2024, month: 1, day: 1).adding(days: $0)) }
  }

  private func next(after instant: Instant, on date: CivilDate, _ zone: TimeZoneRules) -> Instant? {
    let day = WallDay(date, zone)
    if let offset = day.steadyOffset {
      let midnight = Int64(date.dayNumber) * 86_400 - Int64(offset)
      let passed = max(-1, (instant.seconds - midnight).flooredDivision(by: 60))
      return fields.minute(after: Int(min(passed, 1440))).map { Instant(seconds: midnight + Int64($0) * 60) }
    }
    return fields.minutesOfDay.flatMap { instants(date, $0, day, zone) }.filter { $0 > instant }.min()
  }

  private func instants(_ date: CivilDate, _ minute: Int, _ day: WallDay, _ zone: TimeZoneRules) -> [Instant] {
    let found = zone.instants(of: date, CivilTime(secondsOfDay: minute * 60))
    guard found.isEmpty, !fields.runsEveryHour else { return found }
    return day.change.map { [$0] } ?? []
  }
}

/// What an hour, a day and a month must be.
struct CronFields: Sendable, Hashable {
  /// Bit n: minute n.
  var minutes: UInt64 = 0
  var hours: UInt64 = 0
  /// Bit n: day n, from 1.
  var days: UInt64 = 0
  /// `L`.
  var isLastDay = false
  var months: UInt64 = 0
  /// Bit n: weekday n, Sunday being 0.
  var weekdays: UInt64 = 0
  /// `5#2`, the second Friday: bit 7 * (week - 1) + weekday.
  var numbered: UInt64 = 0
  /// Began with `*`.
  var anyDay = false
  var anyWeekday = false
  /// The hour is `*`.
  var runsEveryHour = false

  func contains(_ date: CivilDate) -> Bool {
    guard months >> date.month & 1 == 1 else { return false }
    let weekday = date.weekday % 7
    let isLast = isLastDay && date.day == CivilDate.daysInMonth(date.month, year: date.year)
    let byDay = days >> date.day & 1 == 1 || isLast
    let byWeekday = weekdays >> weekday & 1 == 1 || numbered >> (7 * ((date.day - 1) / 7) + weekday) & 1 == 1
    return anyDay || anyWeekday ? byDay && byWeekday : byDay || byWeekday
  }

  /// Whether a day of the year can fit, whatever weekday it falls on.
  func containsInSomeYear(_ date: CivilDate) -> Bool {
    guard months >> date.month & 1 == 1 else { return false }
    let byDay = days >> date.day & 1 == 1 || isLastDay
    return byDay || !(anyDay || anyWeekday)
  }

  /// In order.
  var minutesOfDay: [Int] {
    (0..<24).filter { hours >> $0 & 1 == 1 }.flatMap { hour in
      (0..<60).filter { minutes >> $0 & 1 == 1 }.map { hour * 60 + $0 }
    }
  }

  /// The first minute of the day after one that may be -1.
  func minute(after minute: Int) -> Int? {
    let start = minute + 1
    guard start < 1440 else { return nil }
    let hour = start / 60
    if hours >> hour & 1 == 1 {
      let rest = minutes >> (start % 60)
      if rest != 0 { return start + rest.trailingZeroBitCount }
    }
    let later = hours >> (hour + 1)
    return later == 0 ? nil : (hour + 1 + later.trailingZeroBitCount) * 60 + minutes.trailingZeroBitCount
  }
}

/// A day on the wall of one place.
struct WallDay {
  /// From its first to its last moment; nil where clocks are changed on it.
  let steadyOffset: Int?
  /// When they are changed.
  let change: Instant?

  init(_ date: CivilDate, _ zone: TimeZoneRules) {
    let midnight = Int64(date.dayNumber) * 86_400
    // The day and three hours on both sides: clocks that are changed at midnight count to both days.
    let about = midnight - Int64(zone.offset(at: Instant(seconds: midnight)))
    let (start, end) = (about - 3 * 3600, about + 27 * 3600)
    let (before, after) = (zone.offset(at: Instant(seconds: start)), zone.offset(at: Instant(seconds: end)))
    guard before != after else {
      steadyOffset = before
      change = nil
      return
    }
    steadyOffset = nil
    var (known, changed) = (start, end)
    while changed - known > 1 {
      let middle = (known + changed) / 2
      if zone.offset(at: Instant(seconds: middle)) == before { known = middle } else { changed = middle }
    }
    change = Instant(seconds: changed)
  }
}

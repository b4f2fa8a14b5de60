import Diagnostics

/// Hours of the week in which something may happen: `07:00-23:00`, `sat-wed 07:00-23:00`, `fri`.
///
/// By the clock on the wall, from the first time up to, not including, the second; over midnight where the second is the
/// earlier: such a window belongs to the day on which it begins.
public struct CalendarWindow: Sendable, Hashable {
  /// As it was written.
  public let source: String
  /// Bit n: ISO weekday n + 1, Monday being bit 0.
  private let days: UInt8
  /// Seconds of the day; `end` is at most a day after `start`, so above 86,400 over midnight.
  private let start: Int
  private let end: Int

  public init(_ source: String) throws(SyntaxError) {
    self.source = source
    var days: UInt8 = 0
    var times: (Int, Int)?
    var offset = 0
    for word in source.split(separator: " ", omittingEmptySubsequences: false) {
      defer { offset += word.unicodeScalars.count + 1 }
      guard !word.isEmpty else { continue }
      if word.contains(":") {
        guard times == nil else { throw SyntaxError("one span of hours is enough here", offset: offset) }
        times = try CalendarWindow.times(word, offset)
      } else {
        days |= try CalendarWindow.days(word, offset)
      }
    }
    guard days != 0 || times != nil else {
      throw SyntaxError("this names no time", offset: 0, help: CalendarWindow.help)
    }
    self.days = days == 0 ? 0x7F : days
    (start, end) = times ?? (0, 86_400)
  }

  private static let help = "weekdays and hours, as in sat-wed 07:00-23:00"

  private static func times(_ word: Substring, _ offset: Int) throws(SyntaxError) -> (Int, Int) {
    let ends = word.split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, let start = seconds(ends[0]), let end = seconds(ends[1]), start != end, start < 86_400,
      end > 0
    else { throw SyntaxError("'\(word)' is no span of hours", offset: offset, help: "write it as 07:00-23:00") }
    return (start, end > start ? end : end + 86_400)
  }

  /// 24:00 ends a day.
  private static func seconds(_ text: Substring) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2,
      parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
      let hour = Int(parts[0]), let minute = Int(parts[1])
    else { return nil }
    if hour == 24, minute == 0 { return 86_400 }
    return CivilTime(validHour: hour, minute: minute)?.secondsOfDay
  }

  private static func days(_ word: Substring, _ offset: Int) throws(SyntaxError) -> UInt8 {
    var days: UInt8 = 0
    for item in word.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = item.split(separator: "-", omittingEmptySubsequences: false)
      guard ends.count <= 2 else { throw SyntaxError("'\(item)' is no span of days", offset: offset, help: help) }
      let first = try day(ends[0], offset)
      let last = ends.count == 2 ? try day(ends[1], offset) : first
      var number = first
      while true {
        days |= 1 << number
        if number == last { break }
        number = (number + 1) % 7
      }
    }
    return days
  }

  private static func day(_ word: Substring, _ offset: Int) throws(SyntaxError) -> Int {
    let text = word.lowercased()
    if let number = WeekdayWord.number(text) { return Int(number) - 1 }
    let guess = didYouMean(text, among: WeekdayWord.all.map { String($0.prefix(3)) } + WeekdayWord.all)
    throw SyntaxError(
      "'\(word)' is no weekday", offset: offset, help: (guess.map { "did you mean '\($0)'? " } ?? "") + help)
  }

  private func isOn(_ date: CivilDate) -> Bool { days >> (date.weekday - 1) & 1 == 1 }

  /// Whether the wall shows a time of it.
  public func contains(_ instant: Instant, _ zone: TimeZoneRules) -> Bool {
    let (date, time) = zone.civil(of: instant)
    let seconds = time.secondsOfDay
    if isOn(date), seconds >= start, seconds < end { return true }
    return seconds + 86_400 < end && isOn(date.adding(days: -1))
  }

  /// The first moment after `instant` that is in it and whose moment before is not; nil where none is within a fortnight:
  /// a window that a clock skips.
  public func opening(after instant: Instant, _ zone: TimeZoneRules) -> Instant? {
    let first = zone.civil(of: instant).date.adding(days: -1)
    for day in 0...14 {
      let date = first.adding(days: day)
      let found = openings(on: date, zone).filter { $0 > instant && contains($0, zone) }
      if let earliest = found.min() { return earliest }
    }
    return nil
  }

  /// Its start, as often as the wall shows it, and the moment at which clocks are changed.
  private func openings(on date: CivilDate, _ zone: TimeZoneRules) -> [Instant] {
    let change = WallDay(date, zone).change.map { [$0] } ?? []
    guard isOn(date) else { return change }
    return zone.instants(of: date, CivilTime(secondsOfDay: start)) + change
  }
}

/// The rule at the end of a zone file for all years to come: `<+0330>-3:30`, `CET-1CEST,M3.5.0,M10.5.0/3`.
///
/// POSIX.1 TZ strings with the extension of RFC 8536 (times from -167 to 167 hours). Signs are POSIX's: west is positive
/// in the text, east here.
struct PosixZoneRule: Sendable, Hashable {
  var standard: Int
  /// nil where clocks never change.
  var daylight: Daylight?

  struct Daylight: Sendable, Hashable {
    var offset: Int
    var start: Day
    var end: Day
  }

  /// A day of the year with a local time on it, in seconds.
  struct Day: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
      /// `J60`: 1 to 365, 29 February never counted.
      case julian(Int)
      /// `59`: 0 to 365, leap days counted.
      case zeroBased(Int)
      /// `M3.5.0`: month, week (5 is the last), weekday with 0 for Sunday.
      case weekday(month: Int, week: Int, weekday: Int)
    }
    var kind: Kind
    var seconds: Int
  }

  func offset(at seconds: Int64) -> Int {
    guard let daylight else { return standard }
    let local = Int(seconds) + standard
    let year = CivilDate(dayNumber: local.flooredDivision(by: CivilTime.secondsInDay)).year
    // The rule of a year may begin or end in the next one, seen from the other offset.
    var isDaylight = false
    var latest = Int.min
    for year in (year - 1)...(year + 1) {
      let start = daylight.start.localSeconds(in: year) - standard
      let end = daylight.end.localSeconds(in: year) - daylight.offset
      if start <= seconds, start > latest { (latest, isDaylight) = (start, true) }
      if end <= seconds, end >= latest { (latest, isDaylight) = (end, false) }
    }
    return isDaylight ? daylight.offset : standard
  }
}

extension PosixZoneRule.Day {
  /// Since 1970, on the local clock.
  func localSeconds(in year: Int) -> Int { dayNumber(in: year) * CivilTime.secondsInDay + seconds }

  private func dayNumber(in year: Int) -> Int {
    let newYear = CivilDate(year: year, month: 1, day: 1).dayNumber
    switch kind {
    case .julian(let day): return newYear + day - 1 + (day >= 60 && CivilDate.isLeap(year) ? 1 : 0)
    case .zeroBased(let day): return newYear + day
    case .weekday(let month, let week, let weekday):
      let first = CivilDate(year: year, month: month, day: 1)
      var day = (weekday - first.weekday % 7 + 7) % 7 + (week - 1) * 7
      if day >= CivilDate.daysInMonth(month, year: year) { day -= 7 }
      return first.dayNumber + day
    }
  }
}

extension PosixZoneRule {
  /// nil for text that is no rule; an unreadable footer must not be half obeyed.
  init?(_ text: String) {
    var rest = Substring(text)
    guard Self.skipName(&rest), let west = Self.time(&rest) else { return nil }
    standard = -west
    daylight = nil
    if rest.isEmpty { return }
    guard Self.skipName(&rest) else { return nil }
    var offset = standard + 3600
    if !rest.isEmpty, rest.first != "," {
      guard let west = Self.time(&rest) else { return nil }
      offset = -west
    }
    guard let start = Self.day(&rest), let end = Self.day(&rest), rest.isEmpty else { return nil }
    daylight = Daylight(offset: offset, start: start, end: end)
  }

  private static func skipName(_ rest: inout Substring) -> Bool {
    if rest.first == "<" {
      guard let end = rest.firstIndex(of: ">") else { return false }
      rest = rest[rest.index(after: end)...]
      return true
    }
    let name = rest.prefix { $0.isASCII && $0.isLetter }
    rest = rest.dropFirst(name.count)
    return name.count >= 3
  }

  /// `[+-]hh[:mm[:ss]]` in seconds.
  private static func time(_ rest: inout Substring) -> Int? {
    let negative = rest.first == "-"
    if negative || rest.first == "+" { rest.removeFirst() }
    guard let hours = number(&rest, upTo: 167) else { return nil }
    var seconds = hours * 3600
    for unit in [60, 1] where rest.first == ":" {
      rest.removeFirst()
      guard let count = number(&rest, upTo: 59) else { return nil }
      seconds += count * unit
    }
    return negative ? -seconds : seconds
  }

  /// `,M3.2.0/2:00`, `,J60`, `,59`; 02:00 where no time is given.
  private static func day(_ rest: inout Substring) -> Day? {
    guard rest.first == "," else { return nil }
    rest.removeFirst()
    guard let kind = dayKind(&rest) else { return nil }
    guard rest.first == "/" else { return Day(kind: kind, seconds: 7200) }
    rest.removeFirst()
    return time(&rest).map { Day(kind: kind, seconds: $0) }
  }

  private static func dayKind(_ rest: inout Substring) -> Day.Kind? {
    switch rest.first {
    case "J":
      rest.removeFirst()
      return number(&rest, upTo: 365).flatMap { $0 > 0 ? .julian($0) : nil }
    case "M":
      rest.removeFirst()
      guard let month = number(&rest, upTo: 12), month > 0, dot(&rest), let week = number(&rest, upTo: 5), week > 0,
        dot(&rest), let weekday = number(&rest, upTo: 6)
      else { return nil }
      return .weekday(month: month, week: week, weekday: weekday)
    default: return number(&rest, upTo: 365).map { .zeroBased($0) }
    }
  }

  private static func dot(_ rest: inout Substring) -> Bool {
    guard rest.first == "." else { return false }
    rest.removeFirst()
    return true
  }

  private static func number(_ rest: inout Substring, upTo limit: Int) -> Int? {
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    guard digits.count <= 3, let number = Int(digits), number <= limit else { return nil }
    rest = rest.dropFirst(digits.count)
    return number
  }
}

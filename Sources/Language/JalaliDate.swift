/// A day of the Jalali (Solar Hijri) calendar, Iran's civil calendar.
///
/// Leap years follow the 33-year cycles of the break table that the common libraries share. ICU, jdatetime and
/// persiantools agree with it for 1200 to 1501, far beyond any date a site shows.
public struct JalaliDate: Sendable, Hashable, Comparable {
  public var year: Int
  /// 1 is Farvardin, 12 is Esfand.
  public var month: Int
  public var day: Int

  public init(year: Int, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// nil for a day that the calendar does not have.
  public init?(validYear year: Int, month: Int, day: Int) {
    self.init(year: year, month: month, day: day)
    guard isValid else { return nil }
  }

  public static func < (a: JalaliDate, b: JalaliDate) -> Bool {
    (a.year, a.month, a.day) < (b.year, b.month, b.day)
  }

  /// The years that the break table covers, but its last: the year after must be known too.
  public static let years = 1...3176

  public var isValid: Bool {
    Self.years.contains(year) && (1...12).contains(month) && (1...Self.daysInMonth(month, year: year)).contains(day)
  }

  /// 0 for a month that isn't.
  public static func daysInMonth(_ month: Int, year: Int) -> Int {
    switch month {
    case 1...6: 31
    case 7...11: 30
    case 12: isLeap(year) ? 30 : 29
    default: 0
    }
  }

  public static func isLeap(_ year: Int) -> Bool {
    years.contains(year) && yearStart(year).yearsSinceLeap == 0
  }

  /// `1405-07-14`.
  public var text: String { padded(year, to: 4) + "-" + twoDigits(month) + "-" + twoDigits(day) }
}

extension JalaliDate {
  /// The same day in the Gregorian calendar; nil where ``isValid`` is false.
  public var civil: CivilDate? {
    guard isValid else { return nil }
    return CivilDate(dayNumber: Self.firstDay(of: year) + Self.daysBefore(month: month) + day - 1)
  }

  /// nil for days outside ``years``.
  public init?(_ civil: CivilDate) {
    // Nowruz falls on 19 to 22 March, so the year is known up to one.
    var year = civil.year - 621
    guard Self.years.contains(year) || Self.years.contains(year - 1) else { return nil }
    let number = civil.dayNumber
    var first = Self.firstDay(of: year)
    if number < first {
      year -= 1
      first = Self.firstDay(of: year)
    }
    guard Self.years.contains(year) else { return nil }
    let dayOfYear = number - first
    let month = dayOfYear < 186 ? dayOfYear / 31 + 1 : (dayOfYear - 186) / 30 + 7
    self.init(year: year, month: month, day: dayOfYear - Self.daysBefore(month: month) + 1)
  }

  /// Days of the year before `month`: six months of 31, then of 30.
  private static func daysBefore(month: Int) -> Int { (month - 1) * 30 + min(month - 1, 6) }

  /// The day number of 1 Farvardin.
  private static func firstDay(of year: Int) -> Int {
    CivilDate(year: year + 621, month: 3, day: yearStart(year).marchDay).dayNumber
  }

  /// Jalali years at which the cycle of leap years is interrupted: K. M. Borkowski, "The Persian calendar for 3000
  /// years", Earth, Moon and Planets 74 (1996).
  private static let breaks = [
    -61, 9, 38, 199, 426, 686, 756, 818, 1111, 1181, 1210, 1635, 2060, 2097, 2192, 2262, 2324, 2394, 2456, 3178,
  ]

  /// The day of March on which `year` begins, and how many years passed since the last leap year (0 for a leap year).
  private static func yearStart(_ year: Int) -> (marchDay: Int, yearsSinceLeap: Int) {
    var leaps = -14
    var start = breaks[0]
    var span = 0
    for next in breaks.dropFirst() {
      span = next - start
      if year < next { break }
      leaps += span / 33 * 8 + span % 33 / 4
      start = next
    }
    var n = year - start
    leaps += n / 33 * 8 + (n % 33 + 3) / 4
    if span % 33 == 4, span - n == 4 { leaps += 1 }
    let gregorian = year + 621
    let gregorianLeaps = gregorian / 4 - (gregorian / 100 + 1) * 3 / 4 - 150
    if span - n < 6 { n = n - span + (span + 4) / 33 * 33 }
    let sinceLeap = ((n + 1) % 33 - 1) % 4
    return (20 + leaps - gregorianLeaps, sinceLeap == -1 ? 4 : sinceLeap)
  }
}

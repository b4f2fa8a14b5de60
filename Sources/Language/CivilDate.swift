/// A day of the proleptic Gregorian calendar, without a place.
public struct CivilDate: Sendable, Hashable, Comparable {
  public var year: Int
  /// 1 to 12.
  public var month: Int
  /// 1 to 31.
  public var day: Int

  public init(year: Int, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  public static func < (a: CivilDate, b: CivilDate) -> Bool {
    (a.year, a.month, a.day) < (b.year, b.month, b.day)
  }
}

extension CivilDate {
  /// nil for a day that the calendar does not have, and for years outside 1 to 9999.
  public init?(validYear year: Int, month: Int, day: Int) {
    self.init(year: year, month: month, day: day)
    guard isValid else { return nil }
  }

  /// Whether the calendar has this day and it is in the years 1 to 9999.
  public var isValid: Bool {
    (1...9999).contains(year) && (1...12).contains(month)
      && (1...Self.daysInMonth(month, year: year)).contains(day)
  }

  public static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

  /// 0 for a month that isn't.
  public static func daysInMonth(_ month: Int, year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    case 1...12: 31
    default: 0
    }
  }

  /// Days since 1970-01-01.
  ///
  /// Eras of 400 years (146,097 days) that begin in March, so that the leap day ends a year:
  /// <https://howardhinnant.github.io/date_algorithms.html>.
  public var dayNumber: Int {
    let y = month <= 2 ? year - 1 : year
    let era = y.flooredDivision(by: 400)
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// The day so many days after 1970-01-01.
  public init(dayNumber: Int) {
    let z = dayNumber + 719_468
    let era = z.flooredDivision(by: 146_097)
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    self.init(
      year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month, day: dayOfYear - (153 * shifted + 2) / 5 + 1)
  }

  /// Stops some 10 million years away rather than overflow.
  public func adding(days: Int) -> CivilDate {
    let far = 4_000_000_000
    return CivilDate(dayNumber: dayNumber + min(max(days, -far), far))
  }

  /// ISO numbering: 1 is Monday, 7 is Sunday.
  public var weekday: Int { (dayNumber + 3).flooredRemainder(by: 7) + 1 }

  /// `2026-10-06`.
  public var text: String { padded(year, to: 4) + "-" + twoDigits(month) + "-" + twoDigits(day) }
}

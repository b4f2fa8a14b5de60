/// What a ``DatePattern`` prints: a day, a time, or both.
struct PrintableDate {
  var date: CivilDate?
  var time: CivilTime?
  var milliseconds = 0
  /// Seconds east of Greenwich.
  var offset: Int?
}

extension DatePattern {
  /// Fields of a part that is missing print nothing. With `fa`, digits are Persian as the words are.
  func print(_ value: PrintableDate, _ calendar: TypeSpec.Calendar, language: String) -> String {
    var numbers: (year: Int, month: Int, day: Int)?
    if let date = value.date {
      // Outside the Jalali table (no site gets there) a Gregorian date is better than none.
      let jalali = calendar == .jalali ? JalaliDate(date) : nil
      numbers = jalali.map { ($0.year, $0.month, $0.day) } ?? (date.year, date.month, date.day)
    }
    var text = ""
    for piece in pieces {
      switch piece {
      case .literal(let literal): text += literal
      case .field(let field):
        if let part = datePart(field, value.date, numbers, calendar, language) ?? timePart(field, value, language) {
          text += part
        }
      }
    }
    return language == "fa" ? persianDigits(text) : text
  }

  private func datePart(
    _ field: Field, _ date: CivilDate?, _ numbers: (year: Int, month: Int, day: Int)?, _ calendar: TypeSpec.Calendar,
    _ language: String
  ) -> String? {
    guard let date, let numbers else { return nil }
    let months = DateNames.months(calendar, language)
    let weekday = DateNames.weekdays(language)[date.weekday - 1]
    switch field {
    case .year: return padded(numbers.year, to: 4)
    case .yearOfCentury: return twoDigits(numbers.year.flooredRemainder(by: 100))
    case .monthName: return months[numbers.month - 1]
    case .shortMonthName:
      // Three letters of a transliterated month name are no known abbreviation.
      return calendar == .jalali
        ? months[numbers.month - 1] : DateNames.abbreviated(months[numbers.month - 1], language)
    case .month2: return twoDigits(numbers.month)
    case .month: return String(numbers.month)
    case .day2: return twoDigits(numbers.day)
    case .day: return String(numbers.day)
    case .weekday: return weekday
    case .shortWeekday: return DateNames.abbreviated(weekday, language)
    default: return nil
    }
  }

  private func timePart(_ field: Field, _ value: PrintableDate, _ language: String) -> String? {
    if field == .offset { return value.offset.map { $0 == 0 ? "Z" : offsetText($0) } }
    guard let time = value.time else { return nil }
    let halfDayHour = (time.hour + 11) % 12 + 1
    switch field {
    case .hour2: return twoDigits(time.hour)
    case .hour: return String(time.hour)
    case .halfDayHour2: return twoDigits(halfDayHour)
    case .halfDayHour: return String(halfDayHour)
    case .halfDay: return HalfDay.name(afternoon: time.hour >= 12, language)
    case .minute2: return twoDigits(time.minute)
    case .minute: return String(time.minute)
    case .second2: return twoDigits(time.second)
    case .second: return String(time.second)
    case .millisecond: return padded(value.milliseconds, to: 3)
    default: return nil
    }
  }
}

/// The words for the halves of a day, printed and read.
enum HalfDay {
  static func name(afternoon: Bool, _ language: String) -> String {
    switch (afternoon, language) {
    case (false, "fa"): "قبل از ظهر"
    case (true, "fa"): "بعد از ظهر"
    case (false, _): "AM"
    case (true, _): "PM"
    }
  }

  /// The hour of 24 that an hour of 12 with a Persian or English word means; nil where they contradict each other.
  ///
  /// «۱ ظهر» is 13, «۱۲ شب» is midnight, «۸ شب» is 20 and «۲ شب» is 2 at night.
  static func hour(_ hour: Int, _ word: String) -> Int? {
    if (13...23).contains(hour) { return isMorning(word) ? nil : hour }
    guard (0...12).contains(hour) else { return nil }
    switch word {
    case "صبح", "بامداد", "قبل از ظهر", "ق.ظ", "am", "a.m.": return hour == 12 ? 0 : hour
    case "ظهر": return hour < 10 ? hour + 12 : hour
    case "عصر", "بعد از ظهر", "بعدازظهر", "غروب", "ب.ظ", "pm", "p.m.": return hour == 12 ? 12 : hour + 12
    case "شب", "نیمه شب": return hour == 12 ? 0 : (hour >= 6 ? hour + 12 : hour)
    default: return nil
    }
  }

  private static func isMorning(_ word: String) -> Bool {
    ["am", "a.m.", "صبح", "بامداد", "قبل از ظهر", "ق.ظ"].contains(word)
  }

  /// The words, longest first, so that a prefix of another is not taken for it.
  static let words = [
    "قبل از ظهر", "بعد از ظهر", "بعدازظهر", "نیمه شب", "بامداد", "غروب", "صبح", "ظهر", "عصر", "شب", "ق.ظ", "ب.ظ",
    "a.m.",
    "p.m.", "am", "pm",
  ]
}

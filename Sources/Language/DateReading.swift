extension DatePattern {
  /// What has been read so far.
  private struct Found {
    var year: Int?
    var month: Int?
    var day: Int?
    var weekday: Int?
    var hour: Int?
    var halfDay: String?
    var minute = 0
    var second = 0
    var milliseconds = 0
    var offset: Int?
  }

  /// Reads folded text that has the pattern's shape.
  ///
  /// A two-digit year is of 1400 to 1499 in the Jalali calendar, of 2000 to 2099 in the Gregorian. Without a year it is
  /// the one that brings the day nearest to `today`. A weekday must be that of the day.
  func read(_ text: String, _ calendar: TypeSpec.Calendar, today: CivilDate) throws(Misreading) -> PrintableDate {
    var rest = text[...]
    var found = Found()
    for piece in pieces {
      switch piece {
      case .literal(let literal): try Self.skip(literal, &rest)
      case .field(let field):
        guard Self.take(field, &rest, &found, calendar) else {
          throw Misreading("it does not fit the format '\(source)' at '\(rest.prefix(20))'")
        }
      }
    }
    guard rest.allSatisfy({ $0 == " " }) else { throw Misreading("after the format '\(source)' there is more") }
    return PrintableDate(
      date: try date(found, calendar, today), time: try time(found), milliseconds: found.milliseconds,
      offset: found.offset)
  }

  /// Spaces match any number of spaces, since folding has collapsed them; other text must be there, folded.
  private static func skip(_ literal: String, _ rest: inout Substring) throws(Misreading) {
    let wanted = foldedForComparing(literal)
    if literal.first?.isWhitespace == true || wanted.isEmpty { rest = rest.drop { $0 == " " } }
    if wanted.isEmpty { return }
    guard rest.hasPrefix(wanted) else { throw Misreading("'\(literal)' is missing before '\(rest.prefix(20))'") }
    rest = rest.dropFirst(wanted.count)
    if literal.last?.isWhitespace == true { rest = rest.drop { $0 == " " } }
  }

  private static func take(
    _ field: Field, _ rest: inout Substring, _ found: inout Found, _ calendar: TypeSpec.Calendar
  ) -> Bool {
    switch field {
    case .year: return number(&rest, 4...4) { found.year = $0 }
    case .yearOfCentury: return number(&rest, 2...2) { found.year = $0 + (calendar == .jalali ? 1400 : 2000) }
    case .monthName, .shortMonthName:
      guard let (month, after) = DateNames.month(at: rest, calendar) else { return false }
      (found.month, rest) = (month, after)
      return true
    case .weekday, .shortWeekday:
      guard let (weekday, after) = DateNames.weekday(at: rest) else { return false }
      (found.weekday, rest) = (weekday, after)
      return true
    case .month2: return number(&rest, 2...2) { found.month = $0 }
    case .month: return number(&rest, 1...2) { found.month = $0 }
    case .day2: return number(&rest, 2...2) { found.day = $0 }
    case .day: return number(&rest, 1...2) { found.day = $0 }
    case .hour2, .halfDayHour2: return number(&rest, 2...2) { found.hour = $0 }
    case .hour, .halfDayHour: return number(&rest, 1...2) { found.hour = $0 }
    case .halfDay:
      guard let word = HalfDay.words.first(where: rest.lowercased().hasPrefix) else { return false }
      found.halfDay = word
      rest = rest.dropFirst(word.count)
      return true
    case .minute2: return number(&rest, 2...2) { found.minute = $0 }
    case .minute: return number(&rest, 1...2) { found.minute = $0 }
    case .second2: return number(&rest, 2...2) { found.second = $0 }
    case .second: return number(&rest, 1...2) { found.second = $0 }
    case .millisecond: return number(&rest, 3...3) { found.milliseconds = $0 }
    case .offset:
      let text = rest.prefix { !$0.isWhitespace }
      guard let offset = text == "Z" || text == "z" ? 0 : TimeZoneRules.fixedOffset(String(text)) else { return false }
      found.offset = offset
      rest = rest.dropFirst(text.count)
      return true
    }
  }

  private static func number(_ rest: inout Substring, _ digits: ClosedRange<Int>, _ store: (Int) -> Void) -> Bool {
    guard let number = ISOText.number(&rest, digits: digits) else { return false }
    store(number)
    return true
  }

  private func date(
    _ found: Found, _ calendar: TypeSpec.Calendar, _ today: CivilDate
  ) throws(Misreading) -> CivilDate? {
    guard let day = found.day else { return nil }
    guard let month = found.month else { throw Misreading("the format '\(source)' names no month") }
    let date =
      if let year = found.year {
        try civilDate(year: year, month: month, day: day, calendar)
      } else {
        try nearest(month, day, calendar, today)
      }
    if let weekday = found.weekday, weekday != date.weekday {
      throw Misreading("the day is a \(DateNames.weekdays("en")[date.weekday - 1]), the text says otherwise")
    }
    return date
  }

  private func nearest(
    _ month: Int, _ day: Int, _ calendar: TypeSpec.Calendar, _ today: CivilDate
  ) throws(Misreading) -> CivilDate {
    let year = calendar == .jalali ? JalaliDate(today)?.year ?? 1400 : today.year
    let candidates = (year - 1...year + 1).compactMap { try? civilDate(year: $0, month: month, day: day, calendar) }
    let distance = { (date: CivilDate) in abs(date.dayNumber - today.dayNumber) }
    guard let best = candidates.min(by: { distance($0) < distance($1) }) else {
      throw Misreading("the calendar has no such day")
    }
    return best
  }

  private func time(_ found: Found) throws(Misreading) -> CivilTime? {
    guard let hour = found.hour else { return nil }
    let exact = found.halfDay.map { HalfDay.hour(hour, $0) } ?? hour
    guard let exact, let time = CivilTime(validHour: exact, minute: found.minute, second: found.second) else {
      throw Misreading("no clock shows this time")
    }
    return time
  }
}

/// Instants, days and times of day.
extension TypeSpec {
  /// Unix seconds (milliseconds from 10¹¹ on) as number or text; date and time with or without an offset; or `format:`.
  func readInstant(_ reading: Reading, _ pattern: DatePattern?) throws(Misreading) -> Value {
    switch reading.value {
    case .instant: return reading.value
    case .integer, .decimal: return .instant(try unixInstant(reading))
    case .text: break
    default: throw Misreading("it is neither a number nor text")
    }
    if pattern == nil, let text = reading.folded, text.allSatisfy({ $0.isNumber || "+-.".contains($0) }),
      DecimalNumber(text) != nil
    {
      return .instant(try unixInstant(reading))
    }
    let moment = try moment(reading, pattern)
    guard let date = moment.date else { throw Misreading("it names no day") }
    guard let time = moment.time else { throw Misreading("it names no time of day; read it 'as: date'") }
    let zone = moment.offset.map(TimeZoneRules.init(fixedOffset:)) ?? reading.zone
    return .instant(try checked(zone.instant(of: date, time) + .milliseconds(moment.milliseconds)))
  }

  /// A date, the day of a date and time as written, or the day an instant falls on.
  func readDate(_ reading: Reading, _ pattern: DatePattern?) throws(Misreading) -> Value {
    switch reading.value {
    case .date: return reading.value
    case .instant(let instant): return .date(reading.zone.civil(of: instant).date)
    case .integer, .decimal: return .date(reading.zone.civil(of: try unixInstant(reading, forDay: true)).date)
    case .text: break
    default: throw Misreading("it is neither a number nor text")
    }
    if pattern == nil, let text = reading.folded, text.allSatisfy(\.isNumber), DecimalNumber(text) != nil {
      return .date(reading.zone.civil(of: try unixInstant(reading, forDay: true)).date)
    }
    let moment = try moment(reading, pattern)
    guard let date = moment.date else { throw Misreading("it names no day") }
    if let offset = moment.offset, let time = moment.time {
      // With an offset it is an instant, whose day is the zone's.
      return .date(reading.zone.civil(of: TimeZoneRules(fixedOffset: offset).instant(of: date, time)).date)
    }
    return .date(date)
  }

  /// A time, `3 عصر`, the time of a date and time as written, or of an instant in the zone.
  func readTime(_ reading: Reading, _ pattern: DatePattern?) throws(Misreading) -> Value {
    switch reading.value {
    case .time: return reading.value
    case .instant(let instant): return .time(reading.zone.civil(of: instant).time)
    case .text: break
    default: throw Misreading("it is no text such as 15:30")
    }
    let moment = try moment(reading, pattern)
    guard let time = moment.time else { throw Misreading("it names no time of day") }
    if let offset = moment.offset, let date = moment.date {
      return .time(reading.zone.civil(of: TimeZoneRules(fixedOffset: offset).instant(of: date, time)).time)
    }
    return .time(time)
  }

  private func unixInstant(_ reading: Reading, forDay: Bool = false) throws(Misreading) -> Instant {
    let text = reading.folded ?? reading.value.plainText
    guard let number = DecimalNumber(text), number.scale <= 9 else { throw Misreading("it is no Unix time") }
    if forDay, number.scale == 0, (10_000_000...99_999_999).contains(number.units) {
      throw Misreading("eight digits are no Unix time of our days; add 'format: yyyyMMdd'")
    }
    // Milliseconds: as seconds this is the year 5138.
    let isMilliseconds =
      number >= DecimalNumber(units: 100_000_000_000) || number <= DecimalNumber(units: -100_000_000_000)
    guard let scaled = isMilliseconds ? number : number.multiplied(by: 1000) else {
      throw Misreading("it is out of range")
    }
    let divisor = (0..<scaled.scale).reduce(Int64(1)) { product, _ in product * 10 }
    return try checked(Instant(milliseconds: scaled.units.flooredDivision(by: divisor)))
  }

  private func checked(_ instant: Instant) throws(Misreading) -> Instant {
    guard Instant.readable.contains(instant) else { throw Misreading("it lies outside the years 1 to 9999") }
    return instant
  }

  private func moment(_ reading: Reading, _ pattern: DatePattern?) throws(Misreading) -> PrintableDate {
    if format != nil, pattern == nil { throw Misreading("the format is no date pattern") }
    guard let text = reading.folded, text.utf8.count <= 200 else { throw Misreading("it is too long for a date") }
    if let pattern {
      let today = reading.zone.civil(of: reading.now).date
      return try pattern.read(text, calendar, today: today)
    }
    return try isoMoment(text)
  }

  private func isoMoment(_ text: String) throws(Misreading) -> PrintableDate {
    if let parts = ISOText.parse(text) {
      let date = try parts.date.map { (date) throws(Misreading) in
        try civilDate(year: date.year, month: date.month, day: date.day, calendar)
      }
      return PrintableDate(date: date, time: parts.time, milliseconds: parts.milliseconds, offset: parts.offset)
    }
    if let time = halfDayTime(text) { return PrintableDate(time: time) }
    throw Misreading("it is no date or time such as 2026-10-06 or 15:30; give its 'format:'")
  }

  /// `11:00 صبح`, `3 pm`.
  private func halfDayTime(_ text: String) -> CivilTime? {
    let lower = text.lowercased()
    guard let word = HalfDay.words.first(where: lower.hasSuffix) else { return nil }
    var rest = trimmed(String(lower.dropLast(word.count)))[...]
    guard let number = ISOText.number(&rest, digits: 1...2), let hour = HalfDay.hour(number, word) else { return nil }
    if rest.isEmpty { return CivilTime(validHour: hour, minute: 0) }
    guard rest.first == ":", let minutes = Int(rest.dropFirst()), rest.count == 3 else { return nil }
    return CivilTime(validHour: hour, minute: minutes)
  }
}

/// The day that the numbers name in the calendar.
///
/// - Throws: also where the year is one of the other calendar: before 1500 it is Jalali, from 1500 on Gregorian.
func civilDate(year: Int, month: Int, day: Int, _ calendar: TypeSpec.Calendar) throws(Misreading) -> CivilDate {
  switch calendar {
  case .gregorian:
    guard year >= 1500 else {
      throw Misreading("the year \(year) looks like one of the Jalali calendar; add 'calendar: jalali'")
    }
    if let date = CivilDate(validYear: year, month: month, day: day) { return date }
  case .jalali:
    guard year < 1500 else {
      throw Misreading("the year \(year) looks Gregorian, not Jalali; leave out 'calendar: jalali'")
    }
    if let date = JalaliDate(validYear: year, month: month, day: day)?.civil { return date }
  }
  throw Misreading("the calendar has no such day")
}

extension FilterKind {
  static let dateFilters: [FilterKind] = [
    FilterKind(
      "jalali", 0...1, "jalali: 'EEEE d MMMM'", "the day in the Jalali calendar, in the reader's words and digits",
      make: { (arguments) throws(SyntaxError) in try printing(arguments.first ?? "d MMMM yyyy", .jalali) }),
    FilterKind(
      "date", 0...1, "date: 'EEE d MMM'",
      "the day in the Gregorian calendar; without a pattern 2026-10-06 with ASCII digits, as requests want it",
      make: { (arguments) throws(SyntaxError) in
        if let pattern = arguments.first { return try printing(pattern, .gregorian) }
        return { value, context in moment(value, context)?.date.map { .text($0.text) } ?? value }
      }),
    FilterKind(
      "time", 0...1, "time", "the time of day as HH:mm, or by a pattern, in the reader's digits",
      make: { (arguments) throws(SyntaxError) in try printing(arguments.first ?? "HH:mm", .gregorian) }),
    FilterKind(
      "iso", 0...0, "iso", "date and time as 2026-10-06T15:00:00+03:30",
      make: { _ in
        { value, context in
          guard case .instant(let instant)? = asInstant(value, context) else { return value }
          return .text(ISOText.format(instant, in: context.zone))
        }
      }),
    FilterKind(
      "unix", 0...0, "unix", "the instant as seconds since 1970",
      make: { _ in
        { value, context in
          guard case .instant(let instant)? = asInstant(value, context) else { return value }
          return .integer(instant.seconds)
        }
      }),
  ]

  private static func printing(
    _ source: String, _ calendar: TypeSpec.Calendar
  ) throws(SyntaxError) -> @Sendable (Value, RenderContext) -> Value {
    let pattern = try DatePattern(source)
    return { value, context in
      guard let moment = moment(value, context) else { return value }
      // A day has no hour to print: the pattern's text alone would be a lie.
      if moment.date == nil, pattern.hasDate || moment.time == nil { return value }
      if moment.time == nil, pattern.hasTime { return value }
      return .text(pattern.print(moment, calendar, language: context.language))
    }
  }

  /// What a value says of day and time: instants in the site's zone, days, times, and texts or numbers that are one.
  private static func moment(_ value: Value, _ context: RenderContext) -> PrintableDate? {
    switch value {
    case .date(let date): return PrintableDate(date: date)
    case .time(let time): return PrintableDate(time: time)
    case .instant(let instant):
      let (date, time) = context.zone.civil(of: instant)
      let milliseconds = Int(instant.milliseconds.flooredRemainder(by: 1000))
      return PrintableDate(
        date: date, time: time, milliseconds: milliseconds, offset: context.zone.offset(at: instant))
    case .text, .integer:
      for type in [ValueType.instant, .date, .time] {
        if let typed = try? TypeSpec(type).convert(value, context), !typed.isNull { return moment(typed, context) }
      }
      return nil
    default: return nil
    }
  }

  private static func asInstant(_ value: Value, _ context: RenderContext) -> Value? {
    try? TypeSpec(.instant).convert(value, context)
  }
}

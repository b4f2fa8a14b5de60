/// Literals that begin with a digit.
enum ExpressionLiterals {
  /// `12`, `12.5`, `15m`, `1h30m`, `2026-10-06`, `2026-10-06T12:30`, `12:30`, `500000 toman`.
  static func numeric(_ cursor: inout TextCursor) throws(SyntaxError) -> ExpressionToken.Kind {
    let start = cursor.offset
    let run = cursor.takeWhile { isDigit($0) || "-:T.".unicodeScalars.contains($0) }
    if let kind = try temporal(run, start, &cursor) { return kind }
    cursor.offset = start
    let number = try decimal(&cursor)
    if let amount = amount(number, &cursor) { return amount }
    if let next = cursor.next, TextCursor.startsName(next) { return try duration(start, &cursor) }
    return .literal(number.integer.map(Value.integer) ?? .decimal(number))
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

  /// Days have the shape `dddd-dd-dd`, times `dd:dd`; what only resembles one is an error, not a subtraction.
  private static func temporal(
    _ run: String, _ start: Int, _ cursor: inout TextCursor
  ) throws(SyntaxError) -> ExpressionToken.Kind? {
    let shape = run.map { $0.isNumber ? "d" : $0 }
    let isDay = shape.starts(with: "dddd-d")
    guard isDay || shape.starts(with: "d:") || shape.starts(with: "dd:") else { return nil }
    guard let parts = ISOText.parse(run), parts.offset == nil, parts.milliseconds == 0 else {
      throw SyntaxError(
        "'\(run)' is no \(isDay ? "day" : "time")", offset: start, help: "as in 2026-10-06, 12:30 or 2026-10-06T12:30")
    }
    guard let numbers = parts.date else { return parts.time.map { .literal(.time($0)) } }
    let date = try day(numbers, run, start)
    return parts.time.map { .local(date, $0) } ?? .literal(.date(date))
  }

  private static func day(
    _ numbers: (year: Int, month: Int, day: Int), _ run: String, _ start: Int
  ) throws(SyntaxError) -> CivilDate {
    do {
      return try civilDate(year: numbers.year, month: numbers.month, day: numbers.day, .gregorian)
    } catch {
      let jalali = JalaliDate(validYear: numbers.year, month: numbers.month, day: numbers.day)
      if numbers.year < 1500, let civil = jalali?.civil {
        throw SyntaxError("'\(run)' is a Jalali day", offset: start, help: "write \(civil.text)")
      }
      throw SyntaxError("there is no day '\(run)'", offset: start)
    }
  }

  private static func decimal(_ cursor: inout TextCursor) throws(SyntaxError) -> DecimalNumber {
    let start = cursor.offset
    _ = cursor.takeWhile(isDigit)
    if cursor.next == ".", cursor.peek(1).map(isDigit) == true {
      cursor.offset += 1
      _ = cursor.takeWhile(isDigit)
    }
    guard let number = DecimalNumber(cursor.text(from: start)) else {
      throw SyntaxError("the number has more digits than 64 bits hold", offset: start)
    }
    return number
  }

  /// An amount of money where a unit follows; else the cursor stays behind the number.
  private static func amount(_ number: DecimalNumber, _ cursor: inout TextCursor) -> ExpressionToken.Kind? {
    let end = cursor.offset
    cursor.skipSpace()
    if let unit = MoneyUnit(rawValue: cursor.takeName()) { return .literal(.money(number, unit: unit)) }
    cursor.offset = end
    return nil
  }

  private static func duration(
    _ start: Int, _ cursor: inout TextCursor
  ) throws(SyntaxError) -> ExpressionToken.Kind {
    cursor.offset = start
    let text = cursor.takeWhile { isDigit($0) || $0 == "." || TextCursor.startsName($0) }
    guard let duration = DurationText.parse(text) else {
      throw SyntaxError(
        "'\(text.prefix(40))' is neither a number nor a duration", offset: start,
        help: "durations are written as 90s, 15m, 2h, 8d or 1h30m")
    }
    return .literal(.duration(duration))
  }
}

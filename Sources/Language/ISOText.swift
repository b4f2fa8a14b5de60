/// Dates and times in the forms of ISO 8601 that sites and stores use.
enum ISOText {
  /// `2026-10-06T00:00:00Z`, with `.123` only where there are milliseconds.
  static func format(_ instant: Instant, in zone: TimeZoneRules) -> String {
    let (date, time) = zone.civil(of: instant)
    let milliseconds = Int(instant.milliseconds.flooredRemainder(by: 1000))
    let clock = twoDigits(time.hour) + ":" + twoDigits(time.minute) + ":" + twoDigits(time.second)
    let fraction = milliseconds == 0 ? "" : "." + padded(milliseconds, to: 3)
    return date.text + "T" + clock + fraction + (zone == .utc ? "Z" : offsetText(zone.offset(at: instant)))
  }

  /// What a text of date and time says; every part may be missing, but one.
  struct Parts {
    /// Numbers as written; the calendar is the reader's business.
    var date: (year: Int, month: Int, day: Int)?
    var time: CivilTime?
    var milliseconds = 0
    /// Seconds east of Greenwich.
    var offset: Int?
  }

  /// Reads `2026-10-06`, `2026/10/6`, `15:00`, `15:00:00.0000`, and both with `T` or a space between, `Z` or an offset
  /// behind the time. Digits are ASCII by now.
  static func parse(_ text: String) -> Parts? {
    var parts = Parts()
    var rest = Substring(text)
    if rest.prefix(5).contains(where: { $0 == "-" || $0 == "/" }) {
      guard let date = date(&rest) else { return nil }
      parts.date = date
      if rest.isEmpty { return parts }
      guard let separator = rest.first, separator == "T" || separator == "t" || separator == " " else { return nil }
      rest = rest.drop { $0 == separator }
    }
    guard time(&rest, into: &parts) else { return nil }
    rest = rest.drop { $0 == " " }
    if rest.isEmpty { return parts }
    guard let offset = offset(rest) else { return nil }
    parts.offset = offset
    return parts
  }

  private static func offset(_ text: Substring) -> Int? {
    text == "Z" || text == "z" || text == "UTC" || text == "GMT" ? 0 : TimeZoneRules.fixedOffset(String(text))
  }

  private static func date(_ rest: inout Substring) -> (year: Int, month: Int, day: Int)? {
    guard let year = number(&rest, digits: 4...4), let separator = rest.first, separator == "-" || separator == "/"
    else { return nil }
    rest.removeFirst()
    guard let month = number(&rest, digits: 1...2), rest.first == separator else { return nil }
    rest.removeFirst()
    guard let day = number(&rest, digits: 1...2) else { return nil }
    return (year, month, day)
  }

  private static func time(_ rest: inout Substring, into parts: inout Parts) -> Bool {
    guard let hour = number(&rest, digits: 1...2), rest.first == ":" else { return false }
    rest.removeFirst()
    guard let minute = number(&rest, digits: 2...2) else { return false }
    var second = 0
    if rest.first == ":" {
      rest.removeFirst()
      guard let number = number(&rest, digits: 2...2) else { return false }
      second = number
      if rest.first == "." || rest.first == "," {
        rest.removeFirst()
        let fraction = rest.prefix { $0.isASCII && $0.isNumber }
        guard (1...9).contains(fraction.count) else { return false }
        rest = rest.dropFirst(fraction.count)
        parts.milliseconds = Int((fraction + "00").prefix(3)) ?? 0
      }
    }
    parts.time = CivilTime(validHour: hour, minute: minute, second: second)
    return parts.time != nil
  }

  static func number(_ rest: inout Substring, digits: ClosedRange<Int>) -> Int? {
    let found = rest.prefix(digits.upperBound).prefix { $0.isASCII && $0.isNumber }
    guard digits.contains(found.count), let number = Int(found) else { return nil }
    rest = rest.dropFirst(found.count)
    return number
  }
}

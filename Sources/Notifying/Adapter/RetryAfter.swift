import Language

/// How long a channel asks us to wait: whole seconds or an HTTP date (RFC 9110, 10.2.3 and 5.6.7).
enum RetryAfter {
  /// Longer is as good as never, and keeps sums far from overflow: one year.
  private static let most: Int64 = 31_536_000

  /// nil for what is neither; a date that has passed asks for no wait.
  static func parse(_ text: String, now: Instant) -> Duration? {
    let text = text.trimmingSpaces()
    guard !text.isEmpty else { return nil }
    if text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) {
      return .seconds(min(Int64(text) ?? most, most))
    }
    guard let date = httpDate(text, now: now) else { return nil }
    let wait = date - now
    return min(max(wait, .zero), .seconds(most))
  }

  /// A number of seconds as an API's body gives it: 35, "35" or 1.5, rounded up to milliseconds.
  static func seconds(_ value: Value, now: Instant) -> Duration? {
    if case .decimal(let number) = value { return parse(fraction: number) }
    return parse(value.plainText, now: now)
  }

  private static func parse(fraction number: DecimalNumber) -> Duration? {
    guard number.units >= 0 else { return nil }
    var seconds = Double(number.units)
    for _ in 0..<number.scale { seconds /= 10 }
    return .milliseconds(Int64((min(seconds, Double(most)) * 1000).rounded(.up)))
  }

  /// The three forms that must be accepted: IMF-fixdate, RFC 850, asctime. The day's name is not checked.
  static func httpDate(_ text: String, now: Instant) -> Instant? {
    var words = text.split(whereSeparator: { " ,".contains($0) }).map(String.init)
    guard words.count >= 4, words[0].utf8.count >= 3 else { return nil }
    if text.contains(",") {
      guard words.removeLast() == "GMT" else { return nil }
      if words.count == 3 {
        words = [words[0]] + words[1].split(separator: "-").map(String.init) + [words[2]]
        guard words.count == 5, let year = fullYear(words[3], now: now) else { return nil }
        words[3] = year
      }
    } else if words.count == 5 {
      words = [words[0], words[2], words[1], words[4], words[3]]
    }
    guard words.count == 5, let month = months.firstIndex(of: words[2]), let day = Int(words[1]),
      words[3].utf8.count == 4, let year = Int(words[3]), let time = secondsOfDay(words[4])
    else { return nil }
    guard let date = CivilDate(validYear: year, month: month + 1, day: day) else { return nil }
    return Instant(seconds: Int64(date.dayNumber) * 86_400 + time)
  }

  private static let months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(separator: " ").map(String.init)

  /// A two-digit year more than 50 years ahead is in the past.
  private static func fullYear(_ text: String, now: Instant) -> String? {
    guard text.utf8.count == 2, let short = Int64(text) else { return nil }
    let thisYear = 1970 + now.seconds / 31_556_952
    var year = thisYear - thisYear % 100 + short
    if year > thisYear + 50 { year -= 100 }
    return String(year)
  }

  private static func secondsOfDay(_ text: String) -> Int64? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, parts.allSatisfy({ $0.utf8.count == 2 }), let hour = Int64(parts[0]),
      let minute = Int64(parts[1]), let second = Int64(parts[2])
    else { return nil }
    // 60 is a leap second.
    guard (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second) else { return nil }
    return hour * 3600 + minute * 60 + second
  }
}

extension String {
  fileprivate func trimmingSpaces() -> String {
    var rest = self[...]
    while rest.first == " " || rest.first == "\t" { rest.removeFirst() }
    while rest.last == " " || rest.last == "\t" { rest.removeLast() }
    return String(rest)
  }
}

/// Durations as people write them: `15m`, `1h30m`, `00:20:00`, `PT1H30M`, `۲۰ دقیقه`.
public enum DurationText {
  /// nil for anything else, for a number without a unit, and for what is negative or longer than 10,000 days.
  ///
  /// `HH:MM` is hours and minutes. Months and years are no durations.
  public static func parse(_ text: String) -> Duration? {
    let folded = foldedForComparing(text).lowercased()
    guard !folded.isEmpty, folded.utf8.count <= 64 else { return nil }
    let seconds = clock(folded) ?? iso(folded) ?? units(folded)
    guard let seconds, seconds <= longest else { return nil }
    return .milliseconds(Int64((seconds * 1000).rounded()))
  }

  /// The shortest text that ``parse(_:)`` reads back: `1d12h`, `90s` as `1m30s`, `250ms`, `0s`. Whole milliseconds.
  public static func format(_ duration: Duration) -> String {
    let total = duration.inMilliseconds
    guard total != 0 else { return "0s" }
    var rest = total.magnitude
    var text = total < 0 ? "-" : ""
    for (length, unit) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s"), (1, "ms")]
      as [(UInt64, String)]
    {
      if rest >= length { text += "\(rest / length)\(unit)" }
      rest %= length
    }
    return text
  }

  /// 10,000 days, in seconds: beyond it a number is a mistake, and below it every sum here is exact.
  private static let longest = 864_000_000.0

  /// Seconds in one unit; nil for a word that is none.
  static func secondsInUnit(_ word: some StringProtocol) -> Double? { unitLengths[String(word)] }

  private static let unitLengths: [String: Double] = {
    let table: [(Double, String)] = [
      (0.001, "ms msec millisecond milliseconds میلیثانیه"), (1, "s sec secs second seconds ثانیه"),
      (60, "m min mins minute minutes دقیقه"), (3600, "h hr hrs hour hours ساعت"), (86_400, "d day days روز"),
      (604_800, "w week weeks هفته"),
    ]
    var lengths: [String: Double] = [:]
    for (length, words) in table {
      for word in words.split(separator: " ") { lengths[String(word)] = length }
    }
    return lengths
  }()

  /// `HH:MM`, `HH:MM:SS` and `HH:MM:SS.fff`.
  private static func clock(_ text: String) -> Double? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3, let hours = number(parts[0], fraction: false),
      let minutes = number(parts[1], fraction: false), minutes < 60
    else { return nil }
    guard parts.count == 3 else { return hours * 3600 + minutes * 60 }
    guard let seconds = number(parts[2], fraction: true), seconds < 60 else { return nil }
    return hours * 3600 + minutes * 60 + seconds
  }

  /// `P1DT2H30M`, ISO 8601 without months and years.
  private static func iso(_ text: String) -> Double? {
    guard text.hasPrefix("p"), text.utf8.count > 2 else { return nil }
    var seconds = 0.0
    var inTime = false
    var digits = ""
    for character in text.dropFirst() {
      switch character {
      case "0"..."9", ".": digits.append(character)
      case "t" where !inTime && digits.isEmpty: inTime = true
      default:
        guard inTime == "hms".contains(character), let count = number(digits[...], fraction: true),
          let length = unitLengths[String(character)]
        else { return nil }
        seconds += count * length
        digits = ""
      }
    }
    return digits.isEmpty && !text.hasSuffix("t") ? seconds : nil
  }

  /// `1h30m`, `1 hour 30 minutes`, `۱ ساعت و ۳۰ دقیقه`.
  private static func units(_ text: String) -> Double? {
    var rest = text[...]
    var seconds = 0.0
    repeat {
      let digits = rest.prefix { $0 == "." || $0.isASCII && $0.isNumber }
      guard let count = number(digits, fraction: true) else { return nil }
      rest = rest.dropFirst(digits.count).drop { $0 == " " }
      let word = rest.prefix { $0.isLetter }
      guard let length = unitLengths[String(word)] else { return nil }
      seconds += count * length
      rest = rest.dropFirst(word.count).drop { $0 == " " }
      if rest.hasPrefix("و ") || rest.hasPrefix("and ") { rest = rest.drop { $0 != " " }.dropFirst() }
    } while !rest.isEmpty
    return seconds
  }

  private static func number(_ text: Substring, fraction: Bool) -> Double? {
    guard let first = text.first, first != ".", text.last != ".", text.utf8.count <= 15,
      text.allSatisfy({ $0.isASCII && $0.isNumber || fraction && $0 == "." })
    else { return nil }
    return Double(text)
  }
}

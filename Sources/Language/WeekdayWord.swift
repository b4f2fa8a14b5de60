/// Days of the week as expressions say them, `saturday` or `sat`, for `.weekday`: nobody has to know on which day a week
/// is counted to begin (on Saturday in Iran, on Monday for ISO, whose numbers `.weekday` gives).
enum WeekdayWord {
  /// In the order of ISO's numbers, Monday first.
  static let all = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

  /// 1 for `monday` or `mon`; nil for what is no weekday.
  static func number(_ word: String) -> Int64? {
    all.firstIndex { $0 == word || $0.prefix(3) == word }.map { Int64($0 + 1) }
  }
}

/// Names of months and weekdays, by language.
enum DateNames {
  static let jalaliMonths: [String: [String]] = [
    "fa": ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"],
    "en": [
      "Farvardin", "Ordibehesht", "Khordad", "Tir", "Mordad", "Shahrivar", "Mehr", "Aban", "Azar", "Dey", "Bahman",
      "Esfand",
    ],
  ]

  static let gregorianMonths: [String: [String]] = [
    "fa": [
      "ژانویه", "فوریه", "مارس", "آوریل", "مه", "ژوئن", "ژوئیه", "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر",
    ],
    "en": [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
      "December",
    ],
  ]

  /// From Monday on, as ISO counts. The Persian ones hold a ZWNJ where the common spelling has one.
  static let weekdays: [String: [String]] = [
    "fa": ["دوشنبه", "سه\u{200C}شنبه", "چهارشنبه", "پنج\u{200C}شنبه", "جمعه", "شنبه", "یکشنبه"],
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
  ]

  static func months(_ calendar: TypeSpec.Calendar, _ language: String) -> [String] {
    let names = calendar == .jalali ? jalaliMonths : gregorianMonths
    return names[language] ?? names["en"] ?? []
  }

  static func weekdays(_ language: String) -> [String] { weekdays[language] ?? weekdays["en"] ?? [] }

  /// Persian names are not cut; English ones to their first three letters.
  static func abbreviated(_ name: String, _ language: String) -> String {
    language == "fa" ? name : String(name.prefix(3))
  }

  /// The month (1 to 12) whose name `text` begins with, in any language, whole or abbreviated, and what follows.
  static func month(at text: Substring, _ calendar: TypeSpec.Calendar) -> (number: Int, rest: Substring)? {
    let lists = calendar == .jalali ? jalaliMonths : gregorianMonths
    return longestMatch(at: text, lists)
  }

  /// The ISO weekday whose name `text` begins with.
  static func weekday(at text: Substring) -> (number: Int, rest: Substring)? { longestMatch(at: text, weekdays) }

  /// Persian names also match with their ZWNJ left out or written as a space; `text` is folded.
  private static func longestMatch(at text: Substring, _ lists: [String: [String]]) -> (Int, Substring)? {
    var best: (number: Int, length: Int)?
    for (language, names) in lists {
      for (index, name) in names.enumerated() {
        let whole = foldedForComparing(name)
        var forms = [whole, whole.replacing(" ", with: "")]
        if language == "en" { forms.append(abbreviated(whole, language)) }
        for form in forms where text.prefix(form.count).lowercased() == form.lowercased() {
          if form.count > best?.length ?? 0 { best = (index + 1, form.count) }
        }
      }
    }
    return best.map { ($0.number, text.dropFirst($0.length)) }
  }
}

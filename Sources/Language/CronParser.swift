import Diagnostics

/// Reads the five fields of a ``CronLine``.
enum CronParser {
  private struct Field {
    var name: String
    var range: ClosedRange<Int>
    /// Words for numbers, by their first three letters.
    var words: [String: Int] = [:]
    /// A range may go over the end: `sat-wed`.
    var wraps = false
  }

  private static let minute = Field(name: "minute", range: 0...59)
  private static let hour = Field(name: "hour", range: 0...23)
  private static let day = Field(name: "day of the month", range: 1...31)
  private static let month = Field(
    name: "month", range: 1...12,
    words: Dictionary(
      uniqueKeysWithValues: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        .enumerated().map { ($0.element, $0.offset + 1) }))
  // Sunday is 0 and 7.
  private static let weekday = Field(
    name: "weekday", range: 0...7,
    words: Dictionary(
      uniqueKeysWithValues: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"].enumerated().map {
        ($0.element, $0.offset)
      }), wraps: true)

  private static let shortcuts = [
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
  ]

  static func fields(of source: String) throws(SyntaxError) -> CronFields {
    if source.hasPrefix("@") {
      guard let line = shortcuts[source] else {
        let names = shortcuts.keys.sorted()
        throw SyntaxError(
          "there is no '\(source)'", offset: 0,
          help: didYouMean(source, among: names).map { "did you mean '\($0)'?" } ?? names.joined(separator: " "))
      }
      return try fields(of: line)
    }
    let parts = words(of: source)
    guard parts.count == 5 else {
      throw SyntaxError(
        "a cron line has 5 fields, this has \(parts.count)", offset: 0,
        help: "minute hour day month weekday, as in */10 7-22 * * sat-wed")
    }
    var fields = CronFields()
    fields.minutes = try set(parts[0], minute)
    fields.hours = try set(parts[1], hour)
    fields.runsEveryHour = parts[1].text == "*"
    fields.isLastDay = parts[2].text == "L" || parts[2].text == "l"
    fields.days = fields.isLastDay ? 0 : try set(parts[2], day)
    fields.months = try set(parts[3], month)
    (fields.weekdays, fields.numbered) = try weekdays(parts[4])
    fields.anyDay = parts[2].text.hasPrefix("*")
    fields.anyWeekday = parts[4].text.hasPrefix("*")
    return fields
  }

  private struct Part {
    var text: String
    /// In Unicode scalars of the line.
    var offset: Int

    func split(at separator: Unicode.Scalar) -> [Part] {
      var parts: [Part] = []
      var start = offset
      var word = String.UnicodeScalarView()
      for scalar in text.unicodeScalars {
        if scalar == separator {
          parts.append(Part(text: String(word), offset: start))
          start += word.count + 1
          word = String.UnicodeScalarView()
        } else {
          word.append(scalar)
        }
      }
      return parts + [Part(text: String(word), offset: start)]
    }
  }

  private static func words(of source: String) -> [Part] {
    Part(text: source.replacing("\t", with: " "), offset: 0).split(at: " ").filter { !$0.text.isEmpty }
  }

  private static func weekdays(_ part: Part) throws(SyntaxError) -> (UInt64, numbered: UInt64) {
    var days: UInt64 = 0
    var numbered: UInt64 = 0
    for item in part.split(at: ",") {
      let halves = item.split(at: "#")
      guard halves.count == 2 else {
        days |= try set(item, weekday)
        continue
      }
      let day = try number(halves[0], weekday) % 7
      guard let week = Int(halves[1].text), (1...5).contains(week) else {
        throw SyntaxError(
          "'\(halves[1].text)' is no week of a month", offset: halves[1].offset, help: "5#2 is the second Friday")
      }
      numbered |= 1 << (7 * (week - 1) + day)
    }
    return (days >> 7 & 1 == 1 ? days | 1 : days, numbered)
  }

  private static func set(_ part: Part, _ field: Field) throws(SyntaxError) -> UInt64 {
    var bits: UInt64 = 0
    for item in part.split(at: ",") {
      let halves = item.split(at: "/")
      guard halves.count <= 2 else { throw mistake(item, field) }
      let step = halves.count == 2 ? try self.step(halves[1], field) : 1
      let (first, last) = try span(halves[0], field, isStepped: halves.count == 2)
      var value = first
      while value <= last {
        bits |= 1 << (field.wraps && value > 6 ? value % 7 : value)
        value += step
      }
    }
    return bits
  }

  /// `7-22`, `*`, `5`; with a step `5` is from 5 to the end. Of weekdays the end may lie in the next week.
  private static func span(_ part: Part, _ field: Field, isStepped: Bool) throws(SyntaxError) -> (Int, Int) {
    if part.text == "*" { return (field.range.lowerBound, field.wraps ? 6 : field.range.upperBound) }
    let ends = part.split(at: "-")
    guard ends.count <= 2 else { throw mistake(part, field) }
    let first = try number(ends[0], field)
    guard ends.count == 2 else { return (first, isStepped ? (field.wraps ? 6 : field.range.upperBound) : first) }
    let last = try number(ends[1], field)
    if first <= last { return (first, last) }
    guard field.wraps, field.words[String(ends[0].text.lowercased().prefix(3))] != nil else {
      throw SyntaxError(
        "the range \(part.text) goes backwards", offset: part.offset,
        help: field.wraps ? "weekdays that go over Sunday are written as names: sat-wed" : "\(last)-\(first)")
    }
    return (first, last + 7)
  }

  private static func step(_ part: Part, _ field: Field) throws(SyntaxError) -> Int {
    let isNumber = !part.text.isEmpty && part.text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    guard isNumber, let step = Int(part.text), step >= 1, step <= field.range.upperBound else {
      throw SyntaxError(
        "the step '\(part.text)' of the \(field.name) is not in 1-\(field.range.upperBound)", offset: part.offset)
    }
    return step
  }

  private static func number(_ part: Part, _ field: Field) throws(SyntaxError) -> Int {
    // ASCII only: `Int` reads no other digits, but takes a sign.
    let isNumber = !part.text.isEmpty && part.text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    if isNumber {
      guard part.text.utf8.count <= 4, let number = Int(part.text), field.range.contains(number) else {
        throw SyntaxError(
          "the \(field.name) \(part.text) is not in \(field.range.lowerBound)-\(field.range.upperBound)",
          offset: part.offset)
      }
      return number
    }
    let word = part.text.lowercased()
    if let number = field.words[word] ?? longWord(word, field) { return number }
    throw mistake(part, field)
  }

  /// `saturday`, `march`.
  private static func longWord(_ word: String, _ field: Field) -> Int? {
    let months = [
      "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
      "december",
    ]
    guard word.utf8.count > 3, (field.wraps ? WeekdayWord.all : months).contains(word) else { return nil }
    return field.words[String(word.prefix(3))]
  }

  private static func mistake(_ part: Part, _ field: Field) -> SyntaxError {
    let words = field.words.sorted { $0.value < $1.value }.map(\.key)
    let guess = didYouMean(part.text.lowercased(), among: words).map { "did you mean '\($0)'? " } ?? ""
    let names = words.isEmpty ? "" : ", or " + words.joined(separator: " ")
    return SyntaxError(
      part.text.isEmpty ? "a \(field.name) is missing here" : "'\(part.text)' is no \(field.name)", offset: part.offset,
      help: "\(guess)numbers from \(field.range.lowerBound) to \(field.range.upperBound)\(names), ranges a-b, steps */n"
    )
  }
}

import Diagnostics
import Language
import PluginHost

extension Reading where Value == Duration {
  /// `15m 12h 60s 500ms 8d`, also `1h30m`; nothing outside `range`.
  static func duration(_ range: ClosedRange<Duration> = .zero ... .longestInSpec) -> Reading<Duration> {
    Reading(range.lowerBound > .zero ? .someDuration : .duration) { entry, context in
      guard let scalar = entry.node.scalar, !entry.node.isNull else {
        return context.mismatch(Shape.duration.text, entry)
      }
      guard let duration = durationInSpec(scalar.text) else {
        return context.mismatch(Shape.duration.text, entry, help: durationHelp(scalar.text))
      }
      if duration < range.lowerBound || duration > range.upperBound {
        let (word, limit) = duration < range.lowerBound ? ("below", range.lowerBound) : ("above", range.upperBound)
        let name = word == "below" ? "minimum" : "limit"
        context.error(
          .outOfRange, "'\(entry.name): \(scalar.text)' is \(word) the \(name) of \(durationText(limit))", at: entry,
          help: "from \(durationText(range.lowerBound)) to \(durationText(range.upperBound))")
        return nil
      }
      return duration
    }
  }
}

extension Duration {
  /// No wait in a spec is longer than a year and a day: beyond it a unit was mistaken.
  static let longestInSpec = Duration.seconds(366 * 86_400)
}

/// Units in milliseconds, longest first.
private let durationUnits: [(name: String, length: Int64)] = [
  ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
]

/// nil for anything but whole numbers with units, each unit once and longest first.
func durationInSpec(_ text: String) -> Duration? {
  var text = text
  return text.withUTF8(durationInSpec)
}

private func durationInSpec(_ text: UnsafeBufferPointer<UInt8>) -> Duration? {
  var total: Int64 = 0
  var smallest = Int64.max
  var index = 0
  while index < text.count {
    let first = index
    var count: Int64 = 0
    while index < text.count, text[index] &- UInt8(ascii: "0") < 10 {
      guard index - first < 9 else { return nil }
      count = count * 10 + Int64(text[index] &- UInt8(ascii: "0"))
      index += 1
    }
    let afterDigits = index
    while index < text.count, text[index] >= UInt8(ascii: "a"), text[index] <= UInt8(ascii: "z") { index += 1 }
    let letters = text[afterDigits..<index]
    // Another letter behind it, of any script, is no unit, and no digit begins with it either.
    guard afterDigits > first, let unit = durationUnits.first(where: { $0.name.utf8.elementsEqual(letters) }),
      unit.length < smallest
    else { return nil }
    smallest = unit.length
    total += count * unit.length
  }
  return text.isEmpty ? nil : .milliseconds(total)
}

/// What was meant by a text that is no duration, as far as it can be told.
private func durationHelp(_ text: String) -> String {
  let units = "units: ms, s, m, h, d"
  if Double(text) != nil { return "a duration needs its unit: \(text)s; \(units)" }
  var parts: [(count: String, unit: String)] = []
  var rest = text.lowercased().filter { !$0.isWhitespace }[...]
  while let digit = rest.first, digit.isASCII, digit.isNumber {
    let count = rest.prefix { $0.isASCII && $0.isNumber }
    let word = rest.dropFirst(count.count).prefix { $0.isLetter }
    rest = rest.dropFirst(count.count + word.count)
    guard let unit = unitOfWord(String(word)) else { return units }
    parts.append((String(count), unit))
  }
  let order = durationUnits.map(\.name)
  let meant = parts.sorted { (order.firstIndex(of: $0.unit) ?? 0) < (order.firstIndex(of: $1.unit) ?? 0) }
    .map { $0.count + $0.unit }.joined()
  return rest.isEmpty && durationInSpec(meant) != nil ? "write \(meant); \(units)" : "\(units), largest first: 1h30m"
}

/// `min`, `hours` and the like.
private func unitOfWord(_ word: String) -> String? {
  switch word {
  case "ms", "msec", "millis", "milliseconds": "ms"
  case "s", "sec", "secs", "second", "seconds": "s"
  case "m", "min", "mins", "minute", "minutes": "m"
  case "h", "hr", "hrs", "hour", "hours": "h"
  case "d", "day", "days": "d"
  default: nil
  }
}

/// The shortest text that reads back: `60s` of a minute stays `1m`.
func durationText(_ duration: Duration) -> String {
  let milliseconds = duration.inMilliseconds
  // Seconds are what specs use for anything under two minutes.
  if milliseconds > 0, milliseconds < 120_000, milliseconds % 1000 == 0 { return "\(milliseconds / 1000)s" }
  guard let unit = durationUnits.first(where: { milliseconds >= $0.length && milliseconds % $0.length == 0 }) else {
    return "0s"
  }
  return "\(milliseconds / unit.length)\(unit.name)"
}

extension Reading where Value == RateLimit {
  /// `1/s 20/min 10/day`.
  static let rate = Reading(.rate) { entry, context in
    guard let text = entry.node.scalar?.text else { return context.mismatch(Shape.rate.text, entry) }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let units: [String: Int] = ["s": 1, "min": 60, "h": 3600, "hour": 3600, "d": 86_400, "day": 86_400]
    guard parts.count == 2, let count = wholeNumber(parts[0]), (1...1_000_000).contains(count),
      let seconds = units[String(parts[1])]
    else { return context.mismatch(Shape.rate.text, entry, help: rateHelp(text)) }
    return RateLimit(count: count, per: .seconds(seconds))
  }
}

private func rateHelp(_ text: String) -> String {
  let parts = text.lowercased().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
  let units = "a number from 1, '/' and a unit; units: s, min, h, day"
  guard parts.count == 2, let count = Int(parts[0]), count > 0 else { return units }
  let word = ["s": "s", "m": "min", "h": "h", "d": "day"][unitOfWord(parts[1]) ?? ""]
  return word.map { "write \(count)/\($0); units: s, min, h, day" } ?? units
}

extension Reading where Value == Subscription.ClosedQuiet {
  /// `23:00-07:00`.
  static let quiet = Reading(.quiet) { entry, context in
    let parts = entry.node.scalar?.text.split(separator: "-", omittingEmptySubsequences: false) ?? []
    guard parts.count == 2, let from = clockTime(parts[0]), let to = clockTime(parts[1]), from != to else {
      return context.mismatch(
        "a span of hours such as 23:00-07:00", entry,
        help: "as in 23:00-07:00: two digits each, two times that differ; without 'quiet' every hour is open")
    }
    return Subscription.ClosedQuiet(from: from, to: to)
  }
}

extension Reading where Value == ClosedRange<Int> {
  /// `0..500`, or one number for both ends.
  static func range(_ allowed: ClosedRange<Int>) -> Reading<ClosedRange<Int>> {
    let example = "\(allowed.lowerBound)..\(min(allowed.upperBound, allowed.lowerBound + 499))"
    return Reading(.range(allowed)) { entry, context in
      let numbers = entry.node.scalar.map { numberPair($0.text) } ?? nil
      guard let (low, high) = numbers, low <= high, allowed.contains(low), allowed.contains(high) else {
        return context.mismatch(
          "a number or a range such as \(example), from \(allowed.lowerBound) to \(allowed.upperBound)", entry,
          help: rangeHelp(entry.node.scalar?.text ?? "", allowed))
      }
      return low...high
    }
  }
}

/// Digits and nothing else: `+5` is no number that anybody means here.
func wholeNumber(_ text: Substring) -> Int? {
  text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
}

private func rangeHelp(_ text: String, _ allowed: ClosedRange<Int>) -> String {
  let limits = "from \(allowed.lowerBound) to \(allowed.upperBound)"
  let numbers = text.split { !$0.isASCII || !$0.isNumber }.compactMap { Int($0) }.filter(allowed.contains).sorted()
  if numbers.count == 2 { return "write \(numbers[0])..\(numbers[1]); numbers are \(limits)" }
  // `2xx`
  if text.count == 3, let first = text.first.flatMap({ Int(String($0)) }), text.lowercased().hasSuffix("xx"),
    allowed.contains(first * 100)
  {
    return "write \(first)00..\(first)99"
  }
  return "a number \(limits), or two of them with '..' between"
}

/// `3..5` as both ends, `3` as itself twice.
private func numberPair(_ text: String) -> (Int, Int)? {
  if let number = wholeNumber(text[...]) { return (number, number) }
  guard let dots = text.firstRange(of: "..") else { return nil }
  guard let low = wholeNumber(text[..<dots.lowerBound]), let high = wholeNumber(text[dots.upperBound...]) else {
    return nil
  }
  return (low, high)
}

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
        let isNumber = Double(scalar.text) != nil
        return context.mismatch(
          Shape.duration.text, entry,
          help: isNumber ? "a duration needs its unit: \(scalar.text)s" : "units: ms, s, m, h, d")
      }
      if duration < range.lowerBound || duration > range.upperBound {
        let (word, limit) = duration < range.lowerBound ? ("below", range.lowerBound) : ("above", range.upperBound)
        let name = word == "below" ? "minimum" : "limit"
        context.error(
          "'\(entry.name): \(scalar.text)' is \(word) the \(name) of \(durationText(limit))", at: entry)
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
  var rest = text[...]
  var total: Int64 = 0
  var smallest = Int64.max
  while !rest.isEmpty {
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    rest = rest.dropFirst(digits.count)
    let letters = rest.prefix { $0.isLetter }
    rest = rest.dropFirst(letters.count)
    guard digits.count <= 9, let count = Int64(digits),
      let unit = durationUnits.first(where: { $0.name == letters }), unit.length < smallest
    else { return nil }
    smallest = unit.length
    total += count * unit.length
  }
  return text.isEmpty ? nil : .milliseconds(total)
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
    else { return context.mismatch(Shape.rate.text, entry, help: "units: s, min, h, day") }
    return RateLimit(count: count, per: .seconds(seconds))
  }
}

extension Reading where Value == Subscription.ClosedQuiet {
  /// `23:00-07:00`.
  static let quiet = Reading(.quiet) { entry, context in
    let parts = entry.node.scalar?.text.split(separator: "-", omittingEmptySubsequences: false) ?? []
    guard parts.count == 2, let from = clockTime(parts[0]), let to = clockTime(parts[1]), from != to else {
      return context.mismatch("a span of hours such as 23:00-07:00", entry)
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
          "a number or a range such as \(example), from \(allowed.lowerBound) to \(allowed.upperBound)", entry)
      }
      return low...high
    }
  }
}

/// Digits and nothing else: `+5` is no number that anybody means here.
func wholeNumber(_ text: Substring) -> Int? {
  text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
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

import Diagnostics
import Language
import PluginHost

extension Shape {
  static let snooze = Shape.form(
    name: "day or instant", example: "2026-12-01 or 2026-12-01T08:00", pattern: notEmpty, takes: .text)
  static let digest = Shape.either([
    .someDuration, .distinct(.oneOrMany(.time)),
  ])
}

extension Reading where Value == Digest {
  /// `30m`, `08:00`, `[08:00, 18:00]`.
  static let digest = Reading(Shape.digest) { entry, context in
    if entry.elements != nil { return times(entry, context) }
    guard let text = entry.node.scalar?.text, !entry.node.isNull else {
      return context.mismatch(Shape.digest.text, entry)
    }
    if let time = clockTime(text[...]) { return .at([time]) }
    if text.contains(":") { return context.mismatch("a time from 00:00 to 23:59, or a length such as 30m", entry) }
    return Reading<Duration>.duration(Digest.lengths)(entry, context).map(Digest.every)
  }

  private static func times(_ entry: Entry, _ context: SpecContext) -> Digest? {
    let time = Reading<CivilTime>(.time) { entry, context in
      guard let time = entry.node.scalar.flatMap({ clockTime($0.text[...]) }) else {
        return context.mismatch("a time from 00:00 to 23:59", entry, help: "two digits each, from 00:00 to 23:59")
      }
      return time
    }
    guard let read = time.list(atLeast: 1)(entry, context), !read.isEmpty else { return nil }
    let twice = Set(read.filter { time in read.count { $0 == time } > 1 })
    guard twice.isEmpty else {
      context.error(
        .duplicateEntry, "the time \(twice.map(\.text).sorted().joined(separator: ", ")) stands there twice", at: entry,
        help: "remove one of them")
      return nil
    }
    return .at(read.sorted())
  }
}

extension SpecContext {
  /// A day means its first moment; day and time are those on the wall of the site's zone.
  func snooze(_ entry: Entry, _ zone: TimeZoneRules) -> Instant? {
    guard let text = entry.node.scalar?.text, !entry.node.isNull else { return mismatch(Shape.snooze.text, entry) }
    // A literal of expressions and nothing else: its mistakes are explained there, a Jalali day with the day it is.
    let isLiteral = foldDigits(text).unicodeScalars.allSatisfy {
      ("0"..."9").contains($0) || "-:T ".unicodeScalars.contains($0)
    }
    guard isLiteral else {
      return mismatch(Shape.snooze.text, entry, help: "write the day on which it ends, as in 2026-12-01")
    }
    do throws(SyntaxError) {
      let literal = try Expression(trimmed(text).replacing(" ", with: "T"), names: [:])
      switch literal.value(in: Scope(), RenderContext(zone: zone, now: Instant(seconds: 0))) {
      case .instant(let instant): return instant
      case .date(let date): return zone.instant(of: date)
      default: return mismatch(Shape.snooze.text, entry)
      }
    } catch {
      report(error, .badSchedule, at: entry)
      return nil
    }
  }
}

/// `23:00`; two digits each, so that `7:5` is not taken for anything.
func clockTime(_ text: Substring) -> CivilTime? {
  let parts = text.split(separator: ":", omittingEmptySubsequences: false)
  guard parts.count == 2, parts.allSatisfy({ $0.count == 2 }), let hour = wholeNumber(parts[0]),
    let minute = wholeNumber(parts[1])
  else {
    return nil
  }
  return CivilTime(validHour: hour, minute: minute)
}

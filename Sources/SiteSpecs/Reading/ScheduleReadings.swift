import Diagnostics
import Language

extension Shape {
  static let cron = Shape.form(
    name: "cron line", example: "'*/10 7-22 * * sat-wed'", pattern: notEmpty, takes: .text)
  static let window = Shape.form(name: "window", example: "sat-wed 07:00-23:00", pattern: notEmpty, takes: .text)
}

extension Reading where Value == (Entry, CronLine) {
  static let cron = Reading(.cron) { entry, context in
    guard let text = Reading<String>.text(entry, context) else { return nil }
    do throws(SyntaxError) { return (entry, try CronLine(text)) } catch {
      context.report(error, .badSchedule, at: entry)
      return nil
    }
  }
}

extension Reading where Value == CalendarWindow {
  /// `07:00-23:00`, `sat-wed 07:00-23:00`.
  static let window = Reading(.window) { entry, context in
    guard let text = Reading<String>.text(entry, context) else { return nil }
    do throws(SyntaxError) { return try CalendarWindow(text) } catch {
      context.report(error, .badSchedule, at: entry)
      return nil
    }
  }
}

extension Reading where Value == Double {
  /// `10%`, as 0.1.
  static let part = Reading(.percentage) { entry, context in
    let text = entry.node.scalar?.text ?? ""
    guard text.hasSuffix("%"), let percent = wholeNumber(text.dropLast()), (0...100).contains(percent) else {
      return context.mismatch(
        "a percentage from 0% to 100%", entry, help: Int(text).map { "write \(min($0, 100))%" } ?? "from 0% to 100%")
    }
    return Double(percent) / 100
  }
}

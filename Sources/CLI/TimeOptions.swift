import Language
import PluginHost

/// Times as a command line takes them.
enum TimeOptions {
  /// - Parameter example: Of values that make sense there.
  static func duration(_ text: String, _ flag: String, example: String) throws(CommandFailure) -> Duration {
    guard let duration = duration(text) else {
      throw CommandFailure(.usage, "\(flag): '\(text)' is no duration", help: "write it as \(example)")
    }
    return duration
  }

  /// A duration from now, or an instant that is not over.
  static func instant(_ text: String, _ flag: String, after now: Instant) throws(CommandFailure) -> Instant {
    if let duration = duration(text) { return now + duration }
    guard case .instant(let instant)? = try? TypeSpec(.instant).convert(.text(text), context(now)) else {
      throw CommandFailure(
        .usage, "\(flag): '\(text)' is no time", help: "write it as 30m, 8h, 2d or 2026-10-06T09:00:00+03:30")
    }
    guard instant > now else {
      throw CommandFailure(.usage, "\(flag): '\(text)' is over", help: "it is \(now.text) now")
    }
    return instant
  }

  private static func duration(_ text: String) -> Duration? {
    guard case .duration(let duration)? = try? TypeSpec(.duration).convert(.text(text), context(SystemTime().now())),
      duration > .zero
    else { return nil }
    return duration
  }

  private static func context(_ now: Instant) -> RenderContext { RenderContext(zone: .utc, now: now) }
}

import Language
import PluginHost

/// The machine's clocks, with the wall clock set to another day.
///
/// Recordings are of one day, and what they hold is past on any later one: a demo that did not live on that day would
/// find nothing. Waits, rates and timeouts are real, as is the pace of the wall clock.
struct ShiftedTime: TimeSource {
  private let system = SystemTime()
  private let offset: Duration

  /// - Parameter start: What the wall clock says now.
  init(startingAt start: Instant) { offset = start - system.now() }

  func now() -> Instant { system.now() + offset }
  func uptime() -> Duration { system.uptime() }
  func sleep(for duration: Duration) async throws { try await system.sleep(for: duration) }
}

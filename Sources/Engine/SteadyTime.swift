import Language
import PluginHost
import Synchronization

/// Wall time that jumps only when the store has followed.
///
/// A clock that is set (NTP, an operator) would age every alert that waits by the jump, or make it wait as long. So after
/// a jump the old time goes on for a moment, until ``StoreKeeper`` has moved what counts time that passes; then
/// ``adopt()`` makes the new time the time. What NTP slews is followed at once.
final class SteadyTime: TimeSource {
  /// A wall clock that leaves the uptime by this much between two looks was set.
  static let step = Duration.seconds(1)
  /// Nobody adopted the new time: it is taken without asking.
  static let patience = Duration.seconds(10)

  private struct State {
    /// Wall time less uptime; nil before the first look.
    var offset: Duration?
    /// The uptime at which a jump was first seen.
    var jumpSeen: Duration?
  }

  private let base: any TimeSource
  private let state = Mutex(State())

  init(_ base: any TimeSource) { self.base = base }

  func now() -> Instant {
    let (wall, uptime) = read()
    return state.withLock { state in
      let offset = state.offset ?? wall - uptime
      let isSet = abs(wall - uptime - offset) >= SteadyTime.step
      let seen = isSet ? state.jumpSeen ?? uptime : nil
      state.jumpSeen = seen
      if let seen, uptime - seen < SteadyTime.patience { return instant(offset + uptime) }
      state.jumpSeen = nil
      state.offset = wall - uptime
      return instant(wall)
    }
  }

  /// How far the wall clock was set, and not yet followed; nil where it was not.
  var jump: Duration? {
    let (wall, uptime) = read()
    let offset = state.withLock { $0.offset }
    return offset.map { wall - uptime - $0 }.flatMap { abs($0) >= SteadyTime.step ? $0 : nil }
  }

  func adopt() {
    let (wall, uptime) = read()
    state.withLock { $0 = State(offset: wall - uptime) }
  }

  func uptime() -> Duration { base.uptime() }
  func suspended() -> Duration { base.suspended() }
  func sleep(for duration: Duration) async throws { try await base.sleep(for: duration) }

  /// A machine that slept was not set: its wall clock went on, and so does what counts time.
  private func read() -> (wall: Duration, uptime: Duration) {
    (base.now() - Instant(milliseconds: 0), base.uptime() + base.suspended())
  }

  private func instant(_ wall: Duration) -> Instant { Instant(milliseconds: 0) + wall }
}

/// A moment, which gets another name when the wall clock is set after it: a run that began under the old time is stored
/// under the new one, or its items would look as old as the jump is long.
struct Moment {
  private let wall: Instant
  private let uptime: Duration
  private let time: any TimeSource

  init(_ time: any TimeSource) {
    self.time = time
    wall = time.now()
    uptime = time.uptime() + time.suspended()
  }

  /// What the moment is called now.
  var instant: Instant {
    let jump = (time.now() - wall) - (time.uptime() + time.suspended() - uptime)
    return abs(jump) >= SteadyTime.step ? wall + jump : wall
  }
}

func abs(_ duration: Duration) -> Duration { duration < .zero ? .zero - duration : duration }

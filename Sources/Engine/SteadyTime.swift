import Language
import PluginHost
import Synchronization

/// Wall time that jumps only when the store has followed.
///
/// A clock that is set (NTP, an operator) would age every alert that waits by the jump, or make it wait as long. So after
/// a jump the old time goes on for a moment, until ``StoreKeeper`` has moved what counts time that passes; then
/// ``adopt()`` makes the new time the time. What NTP slews is followed at once.
final class SteadyTime: SteppedTime {
  /// A wall clock that leaves the uptime by this much between two looks was set.
  static let step = Duration.seconds(1)
  /// Nobody adopted the new time: it is taken without asking.
  static let patience = Duration.seconds(10)

  /// Longest that an instant is carried about between ``now()`` and the store.
  private static let carried = Duration.seconds(60)
  /// Less than half a ``step``: clocks are read one after the other.
  private static let tolerance = Duration.milliseconds(400)

  private struct Step {
    var length: Duration
    /// The old time, when the new one was adopted.
    var before: Duration
  }

  private struct State {
    /// Wall time less uptime; nil before the first look.
    var offset: Duration?
    /// The uptime at which a jump was first seen.
    var jumpSeen: Duration?
    /// The newest that was adopted.
    var step: Step?
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
    state.withLock { state in
      let before = state.offset.map { $0 + uptime } ?? wall
      // Adopted already: the step before this look is the one that is remembered.
      let step = abs(wall - before) >= SteadyTime.step ? Step(length: wall - before, before: before) : state.step
      state = State(offset: wall - uptime, step: step)
    }
  }

  func renamed(_ instant: Instant) -> Instant {
    let (_, uptime) = read()
    return state.withLock { state in
      guard let step = state.step, let offset = state.offset else { return instant }
      let named = instant - Instant(milliseconds: 0)
      let isNew =
        named >= step.before + step.length - SteadyTime.tolerance && named <= offset + uptime + SteadyTime.tolerance
      let isOld = named <= step.before + SteadyTime.tolerance && named >= step.before - SteadyTime.carried
      return !isNew && isOld ? instant + step.length : instant
    }
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

  /// So long ago it was.
  var elapsed: Duration { time.uptime() + time.suspended() - uptime }
  /// Whether it has another name by now.
  var isRenamed: Bool { instant != wall }

  /// What the moment is called now.
  var instant: Instant {
    let jump = (time.now() - wall) - (time.uptime() + time.suspended() - uptime)
    return abs(jump) >= SteadyTime.step ? wall + jump : wall
  }
}

func abs(_ duration: Duration) -> Duration { duration < .zero ? .zero - duration : duration }

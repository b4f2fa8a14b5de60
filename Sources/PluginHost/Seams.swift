import Glibc
import Language

/// Where the time comes from; passed in everywhere, so tests and simulations choose it.
public protocol TimeSource: Sendable {
  /// Wall time: for people, signatures and stored instants.
  func now() -> Instant
  /// Time since some start, never set back: for waits, retries and rates.
  func uptime() -> Duration
  /// How long the machine itself has slept since that start, which ``uptime()`` does not count.
  func suspended() -> Duration
  /// Returns after `duration`, or throws `CancellationError` when the task is cancelled.
  func sleep(for duration: Duration) async throws
}

extension TimeSource {
  public func suspended() -> Duration { .zero }
}

/// Wall time that goes on as it was after the clock is set, until whoever stores instants has moved them and adopts the
/// new time: both at once, or what is asked in between would be hours late.
public protocol SteppedTime: TimeSource {
  /// The new time is the time from here on.
  func adopt()
  /// What an instant that ``TimeSource/now()`` gave a moment ago is called now: another where ``adopt()`` came between.
  func renamed(_ instant: Instant) -> Instant
}

/// The machine's clocks.
public struct SystemTime: TimeSource {
  public init() {}

  public func now() -> Instant {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Instant(milliseconds: Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000)
  }

  public func uptime() -> Duration { read(CLOCK_MONOTONIC) }

  public func suspended() -> Duration { max(.zero, read(CLOCK_BOOTTIME) - read(CLOCK_MONOTONIC)) }

  private func read(_ clock: clockid_t) -> Duration {
    var now = timespec()
    clock_gettime(clock, &now)
    return .seconds(Int64(now.tv_sec)) + .nanoseconds(Int64(now.tv_nsec))
  }

  public func sleep(for duration: Duration) async throws { try await MonotonicSleep.shared.sleep(for: duration) }
}

/// Where chance comes from; passed in everywhere. Used for jitter and ids, never for secrets.
public struct RandomSource: Sendable {
  private let next: @Sendable () -> UInt64

  public init(_ next: @escaping @Sendable () -> UInt64) { self.next = next }

  public static let system = RandomSource {
    var generator = SystemRandomNumberGenerator()
    return generator.next()
  }

  public func bits() -> UInt64 { next() }

  /// In 0 ..< 1.
  public func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }
}

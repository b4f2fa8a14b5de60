import Language
import PluginHost

/// Nanoseconds since the simulation began.
typealias Moment = Int64

extension Moment {
  static let second: Moment = 1_000_000_000
  static let minute = 60 * second
  static let hour = 60 * minute
  static let day = 24 * hour

  /// `03d 04:05:06.789`
  var clockText: String {
    func two(_ number: Moment) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let ms = self / 1_000_000 % 1000
    let millis = ms < 10 ? "00\(ms)" : ms < 100 ? "0\(ms)" : "\(ms)"
    return
      "\(two(self / .day))d \(two(self / .hour % 24)):\(two(self / .minute % 60)):\(two(self / .second % 60)).\(millis)"
  }
}

/// Time as it really is (uptime) and as the machine's wall clock shows it.
final class VirtualClock: @unchecked Sendable {  // one thread: see JobLoop
  /// 2026-10-06T00:00:00+03:30
  static let start: Int64 = 1_791_232_200_000
  /// Tehran keeps no summer time.
  static let zone: Int64 = 12_600_000

  var now: Moment = 0
  /// In milliseconds; what jumps change.
  var offset: Int64 = 0

  var wall: Int64 { VirtualClock.start + now / 1_000_000 + offset }
  /// Seconds since local midnight.
  var secondOfDay: Int { Int((wall + VirtualClock.zone) % 86_400_000 / 1000) }
}

/// The clocks of one life of the process. What sleeps in it dies with it.
final class LifeTime: TimeSource, @unchecked Sendable {  // one thread: see JobLoop
  private struct Sleeper {
    var id: Int
    var due: Moment
    var wake: UnsafeContinuation<Void, any Error>
  }

  let clock: VirtualClock
  private var sleepers: [Sleeper] = []
  private var cancelled: Set<Int> = []
  private var nextID = 0
  /// What a mistaken clock does to a sleep.
  private let stretch: Moment
  private let followsWall: Bool

  init(_ clock: VirtualClock, _ mutation: Mutation?) {
    self.clock = clock
    stretch = mutation == .lateTimers ? 4 : 1
    followsWall = mutation == .wallClockWaits
  }

  func now() -> Instant { Instant(milliseconds: clock.wall) }

  func uptime() -> Duration {
    followsWall ? .milliseconds(clock.wall - VirtualClock.start + 86_400_000) : .nanoseconds(clock.now)
  }

  /// The next deadline.
  var next: Moment? { sleepers.min { $0.due < $1.due }?.due }

  func sleep(for duration: Duration) async throws {
    nextID += 1
    let id = nextID
    let length = max(0, LifeTime.nanoseconds(duration))
    let due = clock.now + (length > 10 * .minute ? length * stretch : length)
    try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { (wake: UnsafeContinuation<Void, any Error>) in
        if cancelled.remove(id) != nil { return wake.resume(throwing: CancellationError()) }
        sleepers.append(Sleeper(id: id, due: due, wake: wake))
      }
    } onCancel: {
      guard let index = sleepers.firstIndex(where: { $0.id == id }) else {
        cancelled.insert(id)
        return
      }
      sleepers.remove(at: index).wake.resume(throwing: CancellationError())
    }
  }

  func wakeDue() {
    let due = sleepers.filter { $0.due <= clock.now }.sorted { ($0.due, $0.id) < ($1.due, $1.id) }
    sleepers.removeAll { $0.due <= clock.now }
    for sleeper in due { sleeper.wake.resume() }
  }

  /// Rounded up: nobody wakes before the time.
  private static func nanoseconds(_ duration: Duration) -> Moment {
    let (seconds, attoseconds) = duration.components
    return seconds * .second + (attoseconds + 999_999_999) / 1_000_000_000
  }
}

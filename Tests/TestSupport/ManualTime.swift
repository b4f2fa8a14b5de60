import Language
import PluginHost
import Synchronization

/// Clocks that stand still until a test moves them.
///
/// ``advance(by:)`` wakes sleepers one deadline at a time, in order, and lets what they started run before it goes on;
/// so a loop that sleeps again is woken again within the same call. Begin the code under test with ``start(_:)``, and
/// that is exact. Wall time can be set apart from the uptime.
public final class ManualTime: TimeSource {
  private struct Sleeper {
    var id: Int
    var due: Duration
    var wake: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var wall: Instant
    var uptime: Duration = .zero
    var nextID = 0
    var sleepers: [Sleeper] = []
    /// Sleeps cancelled before they were entered.
    var cancelled: Set<Int> = []
  }

  private let state: Mutex<State>
  /// Where ``start(_:)`` runs tasks.
  public let executor = QuietExecutor()

  /// - Parameter start: 2026-10-06T00:00:00+03:30 unless the test needs another.
  public init(at start: Instant = Instant(seconds: 1_791_232_200)) { state = Mutex(State(wall: start)) }

  public func now() -> Instant { state.withLock { $0.wall } }
  public func uptime() -> Duration { state.withLock { $0.uptime } }

  /// Sleeps that are waiting now.
  public var sleeping: Int { state.withLock { $0.sleepers.count } }

  /// Sleeps that end within a time from now.
  public func sleeping(within duration: Duration) -> Int {
    state.withLock { state in state.sleepers.count { $0.due <= state.uptime + duration } }
  }

  /// How long until the next sleeper is due, nil when none sleeps.
  public var untilNextSleeper: Duration? {
    state.withLock { state in state.sleepers.map(\.due).min().map { $0 - state.uptime } }
  }

  public func sleep(for duration: Duration) async throws {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        enter(Sleeper(id: id, due: uptime() + max(duration, .zero), wake: continuation))
      }
    } onCancel: {
      cancel(id)
    }
  }

  /// Moves both clocks, waking everyone whose time comes on the way.
  public func advance(by duration: Duration) async {
    await settle()
    let end = uptime() + duration
    while let due = nextDue(through: end) {
      move(to: due)
      for sleeper in takeDue() { sleeper.wake.resume() }
      await settle()
    }
    move(to: end)
    await settle()
  }

  /// Moves to each next sleeper's deadline until `done` holds, at most `steps` times.
  ///
  /// - Returns: Whether it came to hold.
  public func advance(steps: Int = 1000, until done: () async -> Bool) async -> Bool {
    var idle = 0
    for _ in 0..<steps {
      await settle()
      if await done() { return true }
      if let wait = untilNextSleeper {
        idle = 0
        await advance(by: max(wait, .zero))
      } else {
        // Nobody sleeps: something is still running on another thread, or nothing will ever happen.
        idle += 1
        guard idle < 100 else { return await done() }
      }
    }
    return await done()
  }

  /// A jump of the wall clock (NTP, an operator); the uptime does not notice.
  public func setWall(_ instant: Instant) { state.withLock { $0.wall = instant } }

  /// Lets every task that can run do so: exactly for tasks begun by ``start(_:)``, by yielding for others.
  ///
  /// The pool is first come, first served, so a chain of n steps is through after n rounds, if no thread is preempted.
  ///
  /// - Parameter rounds: How often to yield; by default often only where ``start(_:)`` was never used.
  public func settle(rounds: Int? = nil) async {
    await executor.quiet()
    for _ in 0..<(rounds ?? (executor.isUsed ? 5 : 200)) { await Task.yield() }
    await executor.quiet()
  }

  private func enter(_ sleeper: Sleeper) {
    let wasCancelled = state.withLock { state in
      if state.cancelled.remove(sleeper.id) != nil { return true }
      state.sleepers.append(sleeper)
      return false
    }
    if wasCancelled { sleeper.wake.resume(throwing: CancellationError()) }
  }

  private func cancel(_ id: Int) {
    let sleeper = state.withLock { state -> Sleeper? in
      guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
        state.cancelled.insert(id)
        return nil
      }
      return state.sleepers.remove(at: index)
    }
    sleeper?.wake.resume(throwing: CancellationError())
  }

  private func nextDue(through end: Duration) -> Duration? {
    state.withLock { state in state.sleepers.map(\.due).filter { $0 <= end }.min() }
  }

  private func move(to uptime: Duration) {
    state.withLock { state in
      guard uptime > state.uptime else { return }
      state.wall = state.wall + (uptime - state.uptime)
      state.uptime = uptime
    }
  }

  private func takeDue() -> [Sleeper] {
    state.withLock { state in
      let due = state.sleepers.filter { $0.due <= state.uptime }.sorted { ($0.due, $0.id) < ($1.due, $1.id) }
      state.sleepers.removeAll { $0.due <= state.uptime }
      return due
    }
  }
}

extension RandomSource {
  /// A repeatable source (``SplitMix``), for tests and simulations.
  public static func seeded(_ seed: UInt64) -> RandomSource {
    let shared = SharedNumbers(SplitMix(seed: seed))
    return RandomSource { shared.next() }
  }
}

/// Numbers that several draw from.
private final class SharedNumbers: Sendable {
  private let numbers: Mutex<SplitMix>
  init(_ numbers: SplitMix) { self.numbers = Mutex(numbers) }
  func next() -> UInt64 { numbers.withLock { $0.next() } }
}

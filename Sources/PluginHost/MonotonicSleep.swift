import Glibc
import Synchronization

/// Sleeps by `CLOCK_MONOTONIC`, on one thread for all.
///
/// Not by `Task.sleep`: its clocks end in a timer with an absolute time, of a clock that goes on while the machine is
/// suspended, and which `libfaketime` (with which a set clock is tested) shifts like wall time. Here every wait is a rest
/// of time from now, which nobody can set.
final class MonotonicSleep: Sendable {
  static let shared = MonotonicSleep()

  private struct Sleeper {
    var due: Duration
    var id: Int
    var wake: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var nextID = 0
    /// The latest first, so that the next one is at the end.
    var sleepers: [Sleeper] = []
    /// Sleeps cancelled before they were entered.
    var cancelled: Set<Int> = []
  }

  private let state = Mutex(State())
  /// A byte rings when somebody is due before all others.
  private let bell: (read: Int32, write: Int32)

  private init() {
    var ends: [Int32] = [0, 0]
    precondition(pipe(&ends) == 0, "no pipe for the clock: \(String(cString: strerror(errno)))")
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    bell = (ends[0], ends[1])
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { _ in
        MonotonicSleep.shared.run()
        return nil
      }, nil)
    precondition(code == 0, "no thread for the clock: \(String(cString: strerror(code)))")
    pthread_detach(thread)
  }

  func sleep(for duration: Duration) async throws {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    defer { _ = state.withLock { $0.cancelled.remove(id) } }
    try await withTaskCancellationHandler {
      try Task.checkCancellation()
      guard duration > .zero else { return await Task.yield() }
      let due = SystemTime().uptime() + duration
      try await withCheckedThrowingContinuation { enter(Sleeper(due: due, id: id, wake: $0)) }
    } onCancel: {
      cancel(id)
    }
  }

  private func enter(_ sleeper: Sleeper) {
    let (isCancelled, isFirst) = state.withLock { state in
      if state.cancelled.remove(sleeper.id) != nil { return (true, false) }
      var (low, high) = (0, state.sleepers.count)
      while low < high {
        let middle = (low + high) / 2
        if state.sleepers[middle].due > sleeper.due { low = middle + 1 } else { high = middle }
      }
      state.sleepers.insert(sleeper, at: low)
      return (false, low == state.sleepers.count - 1)
    }
    if isCancelled { return sleeper.wake.resume(throwing: CancellationError()) }
    // A full pipe rings already.
    if isFirst { _ = write(bell.write, [1], 1) }
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

  private func run() {
    while true {
      let now = SystemTime().uptime()
      let (due, next) = state.withLock { state -> ([Sleeper], Duration?) in
        var due: [Sleeper] = []
        while let last = state.sleepers.last, last.due <= now { due.append(state.sleepers.removeLast()) }
        return (due, state.sleepers.last?.due)
      }
      for sleeper in due { sleeper.wake.resume() }
      wait(next.map { $0 - now })
    }
  }

  private func wait(_ rest: Duration?) {
    var ringing = pollfd(fd: bell.read, events: Int16(POLLIN), revents: 0)
    // Rounded up: nobody wakes early. Nobody sleeps for weeks either, and looking once a day costs nothing.
    let milliseconds = rest.map { min($0, .seconds(86400)) / .milliseconds(1) } ?? -1
    poll(&ringing, 1, Int32(milliseconds.rounded(.up)))
    guard ringing.revents != 0 else { return }
    var rings = [UInt8](repeating: 0, count: 64)
    _ = read(bell.read, &rings, rings.count)
  }
}

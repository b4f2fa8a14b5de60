import Synchronization

/// Wakes one loop: a wake-up that comes while nobody waits is kept, any number of them count as one.
public final class WakeSignal: Sendable {
  private struct State {
    var isPending = false
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  public init() {}

  public func wake() {
    let waiter = state.withLock { state in
      let waiter = state.waiter
      state.waiter = nil
      state.isPending = waiter == nil
      return waiter
    }
    waiter?.resume()
  }

  /// Returns when woken, after `limit`, or when the task is cancelled. One caller at a time.
  ///
  /// Both waits are child tasks, so that they run where the caller does: a test with a clock of its own sees them sleep.
  public func wait(atMost limit: Duration, _ time: any TimeSource) async {
    if takePending() || limit <= .zero || Task.isCancelled { return }
    await withTaskGroup { group in
      group.addTask { try? await time.sleep(for: limit) }
      group.addTask { await self.untilWoken() }
      await group.next()
      group.cancelAll()
    }
  }

  private func takePending() -> Bool {
    state.withLock { state in
      defer { state.isPending = false }
      return state.isPending
    }
  }

  private func untilWoken() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isWoken = state.withLock { state in
          defer { state.isPending = false }
          if !state.isPending, !Task.isCancelled { state.waiter = continuation }
          return state.waiter == nil
        }
        if isWoken { continuation.resume() }
      }
    } onCancel: {
      // No wake-up: one that comes later is kept for the next wait.
      let waiter = state.withLock { state in
        defer { state.waiter = nil }
        return state.waiter
      }
      waiter?.resume()
    }
  }
}

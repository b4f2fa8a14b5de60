import PluginHost
import Synchronization

/// Wakes one loop: a wake-up that comes while nobody waits is kept, any number of them count as one.
final class WakeSignal: Sendable {
  private struct State {
    var isPending = false
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  func wake() {
    let waiter = state.withLock { state in
      let waiter = state.waiter
      state.waiter = nil
      state.isPending = waiter == nil
      return waiter
    }
    waiter?.resume()
  }

  /// Returns when woken, after `limit`, or when the task is cancelled. One caller at a time.
  func wait(atMost limit: Duration, _ time: any TimeSource) async {
    if limit <= .zero || Task.isCancelled { return }
    let timer = Task {
      try await time.sleep(for: limit)
      wake()
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isPending = state.withLock { state in
          defer { state.isPending = false }
          if !state.isPending { state.waiter = continuation }
          return state.isPending
        }
        if isPending { continuation.resume() }
      }
    } onCancel: {
      wake()
    }
    timer.cancel()
  }
}

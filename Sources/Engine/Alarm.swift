import Language
import PluginHost

/// One sleeper that can be woken: waits for a time or a ring, whichever comes first.
actor Alarm {
  private var isRung = false
  private var waiter: CheckedContinuation<Void, Never>?
  private var generation = 0

  /// A ring that nobody waits for is kept for the next wait.
  func ring() {
    if let waiter {
      self.waiter = nil
      waiter.resume()
    } else {
      isRung = true
    }
  }

  /// Returns after `duration`, at a ring, or when the task is cancelled.
  func wait(for duration: Duration, _ time: any TimeSource) async {
    if isRung {
      isRung = false
      return
    }
    guard duration > .zero, !Task.isCancelled else { return }
    generation += 1
    let mine = generation
    let sleeper = Task {
      try? await time.sleep(for: duration)
      end(mine)
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { waiter = $0 }
    } onCancel: {
      Task { await end(mine) }
    }
    sleeper.cancel()
  }

  private func end(_ generation: Int) {
    guard generation == self.generation, let waiter else { return }
    self.waiter = nil
    waiter.resume()
  }
}

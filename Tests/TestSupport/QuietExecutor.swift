import Dispatch
import PluginHost
import Synchronization

/// Runs tasks on one thread and knows when they have nothing left to do, so that a test can move the clock exactly then.
///
/// Child tasks and actors called from a task of this executor run on it too, and stores that were given
/// ``ManualTime/actorExecutor()``; `Task { }` inside the code under test does not, nor do threads of C libraries.
public final class QuietExecutor: TaskExecutor {
  private struct State {
    var jobs = 0
    var isUsed = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let queue = DispatchQueue(label: "quiet executor")
  private let state = Mutex(State())

  public init() {}

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    add { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }

  fileprivate func add(_ work: @escaping @Sendable () -> Void) {
    state.withLock { state in
      state.jobs += 1
      state.isUsed = true
    }
    queue.async { [self] in
      work()
      finish()
    }
  }

  /// Whether anything ever ran here.
  var isUsed: Bool { state.withLock { $0.isUsed } }

  /// Returns when every task either waits for something else or has ended.
  public func quiet() async {
    await withCheckedContinuation { continuation in
      let isQuiet = state.withLock { state in
        if state.jobs > 0 { state.waiting.append(continuation) }
        return state.jobs == 0
      }
      if isQuiet { continuation.resume() }
    }
  }

  private func finish() {
    let done = state.withLock { state -> [CheckedContinuation<Void, Never>] in
      state.jobs -= 1
      guard state.jobs == 0 else { return [] }
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in done { continuation.resume() }
  }
}

/// For an actor with an executor of its own, such as a `Store`: what it does is waited for like the rest.
private final class QuietActorExecutor: SerialExecutor {
  private let quiet: QuietExecutor

  init(_ quiet: QuietExecutor) { self.quiet = quiet }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    quiet.add { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}

extension ManualTime {
  /// Give it to each store that work begun by ``start(_:)`` uses: its own thread can't be waited for.
  public func actorExecutor() -> any SerialExecutor { QuietActorExecutor(executor) }

  /// Starts `work` so that ``settle(rounds:)`` and ``advance(by:)`` wait for it exactly, however busy the machine is.
  ///
  /// The other way, a plain `Task`, is only waited for by yielding: good enough for a few steps on an idle machine.
  @discardableResult
  public func start<Success: Sendable>(
    _ work: @escaping @Sendable () async -> Success
  ) -> Task<Success, Never> {
    Task(executorPreference: executor, operation: work)
  }
}

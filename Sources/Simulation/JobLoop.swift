import Glibc

/// Runs every Swift job of the process on the calling thread, one after the other, in an order that the seed decides.
///
/// The concurrency runtime hands each job that may run anywhere to `swift_task_enqueueGlobal_hook` where that is set (the
/// same hook that swift-async-algorithms tests with); the store's jobs come through ``StoreLane``. So nothing here ever
/// runs beside anything else, and a crash is simply not running what is left.
final class JobLoop: @unchecked Sendable {  // one thread: see above
  static let shared = JobLoop()

  private enum Job {
    case free(UnownedJob)
    case store(UnownedJob, StoreLane)
  }

  private var queue: [Job] = []
  private var first = 0
  private let lane = FreeLane()
  /// Which of so many waiting jobs is next; the oldest where nil.
  var pick: ((Int) -> Int)?
  /// Called before each job; true ends the run and forgets what waits.
  var isCrash: (() -> Bool)?

  private init() { installHook() }

  fileprivate func add(_ job: UnownedJob) { queue.append(.free(job)) }
  fileprivate func add(_ job: UnownedJob, of lane: StoreLane) { queue.append(.store(job, lane)) }

  enum Ending { case quiet, crashed, endless }

  /// Runs jobs until none waits.
  ///
  /// - Parameter limit: More jobs than this at one moment of the virtual clock never end.
  func run(atMost limit: Int = 100_000) -> Ending {
    for _ in 0..<limit {
      guard first < queue.count else {
        queue.removeAll(keepingCapacity: true)
        first = 0
        return .quiet
      }
      if isCrash?() == true {
        forget()
        return .crashed
      }
      run(next())
    }
    return .endless
  }

  /// The tasks behind them stay suspended for ever: the memory of a dead process.
  func forget() {
    queue.removeAll(keepingCapacity: true)
    first = 0
  }

  private func run(_ job: Job) {
    switch job {
    case .free(let job): job.runSynchronously(on: lane.asUnownedTaskExecutor())
    case .store(let job, let lane): job.runSynchronously(on: lane.asUnownedSerialExecutor())
    }
  }

  /// Jobs that may run anywhere overtake each other as on many threads; the store's keep their order.
  private func next() -> Job {
    let waiting = min(queue.count - first, 4)
    if waiting > 1, let pick {
      let index = first + pick(waiting)
      if case .free = queue[index] { queue.swapAt(first, index) }
    }
    first += 1
    return queue[first - 1]
  }

  private typealias Original = @convention(thin) (UnownedJob) -> Void
  private typealias Hook = @convention(thin) (UnownedJob, Original) -> Void

  private func installHook() {
    guard let place = dlsym(dlopen(nil, RTLD_NOW), "swift_task_enqueueGlobal_hook") else {
      halt("this Swift runtime has no swift_task_enqueueGlobal_hook, which the simulator needs")
    }
    place.assumingMemoryBound(to: Hook?.self).pointee = { job, _ in JobLoop.shared.add(job) }
  }
}

/// What jobs that may run anywhere take for their executor.
private final class FreeLane: TaskExecutor {
  func enqueue(_ job: consuming ExecutorJob) { JobLoop.shared.add(UnownedJob(job)) }
}

/// The store's executor: in order, on the one thread there is.
final class StoreLane: SerialExecutor {
  func enqueue(_ job: consuming ExecutorJob) { JobLoop.shared.add(UnownedJob(job), of: self) }
  /// There is one thread only, so whoever asks is on it and nobody else is.
  func checkIsolated() {}
}

import Glibc

/// Runs an actor on a thread of its own, so that waiting for the disk never holds one of the few threads that all tasks
/// share (two blocked tasks stop everything on two cores).
///
/// The thread ends when the executor is released.
final class StoreThread: SerialExecutor {
  private let queue = Queue()

  init() {
    var thread = pthread_t()
    let passed = Unmanaged.passRetained(queue)
    let code = pthread_create(
      &thread, nil,
      { passed in
        // Never nil: it is what was passed two lines below.
        Unmanaged<Queue>.fromOpaque(passed!).takeRetainedValue().work()
        return nil
      }, passed.toOpaque())
    precondition(code == 0, "no thread for the store: \(String(cString: strerror(code)))")
    pthread_detach(thread)
  }

  deinit { queue.stop() }

  func enqueue(_ job: consuming ExecutorJob) { queue.add(UnownedJob(job), for: self) }

  /// Guarded by its own pthread mutex: the thread sleeps on the condition, which `Synchronization.Mutex` has none of.
  private final class Queue: @unchecked Sendable {  // every field is used under `mutex` only
    private var waiting: [(job: UnownedJob, executor: StoreThread)] = []
    private var stopped = false
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
      pthread_mutex_init(mutex, nil)
      pthread_cond_init(changed, nil)
    }

    deinit {
      pthread_cond_destroy(changed)
      pthread_mutex_destroy(mutex)
      changed.deallocate()
      mutex.deallocate()
    }

    /// The entry keeps the executor alive until its job is done.
    func add(_ job: UnownedJob, for executor: StoreThread) {
      pthread_mutex_lock(mutex)
      waiting.append((job, executor))
      pthread_cond_signal(changed)
      pthread_mutex_unlock(mutex)
    }

    func stop() {
      pthread_mutex_lock(mutex)
      stopped = true
      pthread_cond_signal(changed)
      pthread_mutex_unlock(mutex)
    }

    func work() {
      while let batch = next() {
        for (job, executor) in batch { job.runSynchronously(on: executor.asUnownedSerialExecutor()) }
      }
    }

    private func next() -> [(job: UnownedJob, executor: StoreThread)]? {
      pthread_mutex_lock(mutex)
      defer { pthread_mutex_unlock(mutex) }
      while waiting.isEmpty {
        if stopped { return nil }
        pthread_cond_wait(changed, mutex)
      }
      defer { waiting = [] }
      return waiting
    }
  }
}

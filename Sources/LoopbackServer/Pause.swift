import Glibc

/// A wait that another thread can end for everybody, now and from now on.
///
/// Built on pthread because `Mutex` has no condition to wait for.
final class Pause: Sendable {
  // Safe: allocated once, freed in deinit, only handed to pthread functions, which synchronise.
  nonisolated(unsafe) private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  nonisolated(unsafe) private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  // Safe: read and written with `mutex` held.
  nonisolated(unsafe) private let cancelled = UnsafeMutablePointer<Bool>.allocate(capacity: 1)

  init() {
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
    cancelled.initialize(to: false)
  }

  /// Returns after `duration`, or at once when cancelled.
  func wait(_ duration: Duration) {
    guard duration > .zero else { return }
    var deadline = timespec()
    clock_gettime(CLOCK_MONOTONIC, &deadline)
    let (seconds, attoseconds) = duration.components
    let nanoseconds = deadline.tv_nsec + Int(attoseconds / 1_000_000_000)
    deadline.tv_sec += Int(seconds) + nanoseconds / 1_000_000_000
    deadline.tv_nsec = nanoseconds % 1_000_000_000
    pthread_mutex_lock(mutex)
    while !cancelled.pointee, pthread_cond_timedwait(condition, mutex, &deadline) != ETIMEDOUT {}
    pthread_mutex_unlock(mutex)
  }

  func cancel() {
    pthread_mutex_lock(mutex)
    cancelled.pointee = true
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(mutex)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
    cancelled.deallocate()
  }
}

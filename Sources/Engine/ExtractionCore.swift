import Glibc
import PluginHost

/// The queue, the threads and the watchdog of an ``ExtractionPool``.
///
/// `@unchecked`: every field that changes is used under `mutex` only. A pthread mutex, because threads sleep on the
/// condition, which `Synchronization.Mutex` has none of.
final class ExtractionCore: @unchecked Sendable {
  /// A thread, as the others see it.
  private final class Slot {
    var thread = pthread_t()
    var job: ExtractionJob?
    /// Counts its jobs, so that a look tells a job that lasts from the next one.
    var number = 0
    var numberSeen = -1
    /// Of the job that was seen: how long it has lasted in looks, and the processor time at the first of them.
    var lasted = Duration.zero
    var processorTimeThen = Duration.zero
    /// Another thread has taken its place; it ends after its job.
    var isReplaced = false
    /// Nobody waits for its job any more.
    var isAbandoned = false
  }

  private let settings: ExtractionPool.Settings
  private let time: any TimeSource
  private let onOverrun: @Sendable (String, Duration) -> Void
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  private var queue = ExtractionQueue()
  private var slots: [Slot] = []
  /// Threads that sleep and have not been rung for.
  private var idle = 0
  private var isWatching = false
  private var lastLook = Duration.zero
  private var isStopped = false
  private var overruns = 0
  private var budgets: [String: Duration] = [:]

  init(
    settings: ExtractionPool.Settings, time: any TimeSource, onOverrun: @escaping @Sendable (String, Duration) -> Void
  ) {
    self.settings = settings
    self.time = time
    self.onOverrun = onOverrun
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(mutex)
    changed.deallocate()
    mutex.deallocate()
  }

  private func locked<Value>(_ body: () -> Value) -> Value {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }

  // MARK: Jobs

  func submit(_ job: ExtractionJob) {
    let (failure, mustWatch) = locked { () -> (ExtractionFailure?, Bool) in
      if let budget = budgets[job.owner] { return (.quarantined(budget: budget), false) }
      fillUp()
      if isExhausted { return (.exhausted(stuck: stuck), false) }
      queue.append(job)
      // One ring for each job at most: a thread that has ended a job looks for the next before it sleeps.
      if idle > 0 {
        idle -= 1
        pthread_cond_signal(changed)
      }
      defer { isWatching = true }
      if !isWatching { lastLook = time.uptime() }
      return (nil, !isWatching)
    }
    if let failure { return job.fail(failure) }
    if mustWatch { Task { await watch() } }
  }

  /// Starts threads until there are as many as should be, as far as stuck ones leave places.
  private func fillUp() {
    while usable < settings.threads, slots.count < settings.threads + settings.maxStuck, !isStopped {
      guard start() else { return }
    }
  }

  /// Threads that work on, or will.
  private var usable: Int { slots.count { !$0.isReplaced && !$0.isAbandoned } }
  private var stuck: Int { slots.count(where: \.isAbandoned) }
  /// No thread is left that will take a job: one whose job only lasts ends it, or is given up for a new one.
  private var isExhausted: Bool { slots.allSatisfy(\.isAbandoned) }

  // MARK: Threads

  private func start() -> Bool {
    let slot = Slot()
    let passed = Unmanaged.passRetained(Start(core: self, slot: slot))
    let code = pthread_create(
      &slot.thread, nil,
      { passed in
        // Never nil: it is what was passed two lines below.
        let start = Unmanaged<Start>.fromOpaque(passed!).takeRetainedValue()
        start.core.work(start.slot)
        return nil
      }, passed.toOpaque())
    guard code == 0 else {
      passed.release()
      return false
    }
    pthread_detach(slot.thread)
    slots.append(slot)
    return true
  }

  private final class Start {
    let core: ExtractionCore
    let slot: Slot
    init(core: ExtractionCore, slot: Slot) {
      self.core = core
      self.slot = slot
    }
  }

  private func work(_ slot: Slot) {
    while let job = next(slot) {
      let deliver = job.perform()
      let isWanted = locked {
        slot.job = nil
        return !slot.isAbandoned
      }
      if isWanted { deliver() }
    }
  }

  /// The next job for a thread; nil where it is to end.
  private func next(_ slot: Slot) -> ExtractionJob? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while !slot.isReplaced, !slot.isAbandoned {
      if let job = queue.take(but: lasting) {
        slot.job = job
        slot.number += 1
        return job
      }
      if isStopped { break }
      idle += 1
      pthread_cond_wait(changed, mutex)
    }
    slots.removeAll { $0 === slot }
    // Its place may be needed, and what waited for its owner may go on.
    if !isStopped, !queue.isEmpty {
      fillUp()
      wakeAll()
    }
    return nil
  }

  private func wakeAll() {
    idle = 0
    pthread_cond_broadcast(changed)
  }

  /// Owners one of whose jobs lasts: they get no second thread meanwhile.
  private var lasting: Set<String> {
    // Nearly always nobody's.
    guard slots.contains(where: \.isReplaced) else { return [] }
    return Set(slots.filter { $0.isReplaced && !$0.isAbandoned }.compactMap { $0.job?.owner })
  }

  func stop() {
    locked {
      isStopped = true
      wakeAll()
    }
  }
}

// MARK: The watchdog

extension ExtractionCore {
  /// Looks until there was nothing to look at.
  private func watch() async {
    while true {
      // Never cancelled: this task is nobody's.
      try? await time.sleep(for: settings.look)
      guard look() else { return }
    }
  }

  /// - Returns: Whether to look again.
  private func look() -> Bool {
    let now = time.uptime()
    var failed: [(ExtractionJob, ExtractionFailure)] = []
    let goesOn = locked {
      // A process that was stopped, or a machine that stood still, has not been reading meanwhile.
      let passed = min(now - lastLook, settings.look * 2)
      lastLook = now
      for slot in slots where slot.job != nil && !slot.isAbandoned {
        note(slot, passed)
        if isOverrun(slot) { failed += abandon(slot) }
      }
      fillUp()
      if isExhausted { failed += queue.removeAll().map { ($0, .exhausted(stuck: stuck)) } }
      if !queue.isEmpty { wakeAll() }
      isWatching = !queue.isEmpty || slots.contains { $0.job != nil && !$0.isAbandoned }
      return isWatching
    }
    for (job, failure) in failed {
      if case .overran(let budget) = failure { onOverrun(job.owner, budget) }
      job.fail(failure)
    }
    return goesOn
  }

  private func note(_ slot: Slot, _ passed: Duration) {
    guard slot.number == slot.numberSeen else {
      slot.numberSeen = slot.number
      slot.lasted = .zero
      slot.processorTimeThen = processorTime(of: slot.thread)
      return
    }
    slot.lasted += passed
    slot.isReplaced = true
  }

  private func isOverrun(_ slot: Slot) -> Bool {
    guard let budget = slot.job?.budget, slot.lasted >= budget else { return false }
    return processorTime(of: slot.thread) - slot.processorTimeThen >= budget
      || slot.lasted >= budget * settings.starvation
  }

  /// Gives a thread up, and all of its owner's jobs with it.
  private func abandon(_ slot: Slot) -> [(ExtractionJob, ExtractionFailure)] {
    guard let job = slot.job else { return [] }
    slot.isAbandoned = true
    overruns += 1
    let isNews = budgets.updateValue(job.budget, forKey: job.owner) == nil
    let refused = queue.remove(of: job.owner).map { ($0, ExtractionFailure.quarantined(budget: job.budget)) }
    // Two of one owner's jobs may overrun at once: it is told once.
    return [(job, isNews ? .overran(budget: job.budget) : .quarantined(budget: job.budget))] + refused
  }

  /// What a thread has used; zero where that can't be told.
  private func processorTime(of thread: pthread_t) -> Duration {
    var clock = clockid_t()
    var used = timespec()
    guard pthread_getcpuclockid(thread, &clock) == 0, clock_gettime(clock, &used) == 0 else { return .zero }
    return .seconds(used.tv_sec) + .nanoseconds(used.tv_nsec)
  }

  // MARK: Quarantine

  func quarantine(of owner: String) -> ExtractionFailure? {
    locked { budgets[owner].map { .quarantined(budget: $0) } }
  }

  var quarantined: [String] { locked { budgets.keys.sorted() } }

  func release(_ owners: Set<String>?) {
    locked {
      guard let owners else { return budgets = [:] }
      for owner in owners { budgets[owner] = nil }
    }
  }

  var counts: ExtractionPool.Counts {
    locked {
      ExtractionPool.Counts(
        waiting: queue.count, running: slots.count { $0.job != nil && !$0.isAbandoned }, stuck: stuck,
        threads: slots.count, overruns: overruns)
    }
  }
}

import Language
import PluginHost
import Scheduling
import Storage

/// Starts every watch when it is due: one heap, one sleeper, never a task per watch.
public actor WatchScheduler {
  /// Runs under way at once. Waiting for an origin's turn costs little; this bounds memory.
  static let maxRunning = 64
  /// Of those, runs of one site: one that answers slowly, or that is asked for more than its limits allow, must leave
  /// places for the others.
  static let maxRunningPerSite = 16

  private let executor: WatchExecutor
  private let time: any TimeSource
  private let random: RandomSource
  private let log: Log
  private let alarm = Alarm()

  private var watches: [String: Watch] = [:]
  private var outlets = Outlets(channels: [], maintainers: [])
  private var due = DeadlineHeap<String>()
  private var running: Set<String> = []
  private var runningOfSite: [String: Int] = [:]
  /// Due, and waiting for a place of their site.
  private var parked: [String: DeadlineHeap<String>] = [:]
  private var isStopping = false

  public init(executor: WatchExecutor, time: any TimeSource, random: RandomSource, log: Log) {
    self.executor = executor
    self.time = time
    self.random = random
    self.log = log
  }

  /// Replaces what is watched. A watch that stays keeps its time; runs under way end on the version they began with.
  ///
  /// - Parameter lastRuns: When each watch last ran, for those that are new here.
  public func replace(_ fresh: [Watch], outlets: Outlets, lastRuns: [String: Instant]) async {
    self.outlets = outlets
    let ids = Set(fresh.map(\.id))
    for id in watches.keys where !ids.contains(id) {
      if let gone = watches.removeValue(forKey: id) { parked[gone.spec.id]?.remove(id) }
      due.remove(id)
    }
    for watch in fresh {
      let isKnown = watches[watch.id]?.every == watch.every
      watches[watch.id] = watch
      guard !isKnown, !running.contains(watch.id) else { continue }
      parked[watch.spec.id]?.remove(watch.id)
      let first = Schedule(every: watch.every).firstRun(
        lastRunAt: lastRuns[watch.id], now: time.now(), uptime: time.uptime(), random: random)
      due.set(watch.id, at: first)
    }
    await alarm.ring()
  }

  /// Watches until ``stop()``, then waits for the runs under way.
  ///
  /// - Parameter onCommit: Told after each stored run: channels may have something new to send.
  public func run(onCommit: @escaping @Sendable (StoredRun) async -> Void) async {
    // Discarding: a group that nobody takes results from would keep one for every run there ever was.
    await withDiscardingTaskGroup { group in
      while !isStopping, !Task.isCancelled {
        while running.count < WatchScheduler.maxRunning, let (watch, planned) = takeDue() {
          running.insert(watch.id)
          runningOfSite[watch.spec.id, default: 0] += 1
          group.addTask { await self.execute(watch, planned: planned, onCommit) }
        }
        await alarm.wait(for: nextWait(), time)
      }
    }
  }

  public func stop() async {
    isStopping = true
    await alarm.ring()
  }

  public var count: Int { watches.count }

  /// The next watch whose site has a place; those that find none are parked.
  private func takeDue() -> (Watch, planned: Duration)? {
    while let (id, planned) = due.popDue(at: time.uptime()) {
      guard let watch = watches[id] else { continue }
      if runningOfSite[watch.spec.id, default: 0] < WatchScheduler.maxRunningPerSite { return (watch, planned) }
      parked[watch.spec.id, default: DeadlineHeap()].set(id, at: planned)
    }
    return nil
  }

  /// The place goes to the site's longest waiting watch, if there is one.
  private func freePlace(of site: String) {
    runningOfSite[site, default: 1] -= 1
    if let (id, planned) = parked[site]?.popDue(at: time.uptime()) { due.set(id, at: planned) }
  }

  private func nextWait() -> Duration {
    // With every place taken the end of a run rings.
    guard running.count < WatchScheduler.maxRunning, let next = due.next else { return .seconds(3600) }
    return max(.zero, next - time.uptime())
  }

  /// Every watch once, at once: politeness keeps those of one origin apart.
  public func runAllOnce() async throws -> [StoredRun] {
    let all = watches.values.sorted { $0.id < $1.id }
    let (executor, outlets) = (executor, outlets)
    return try await withThrowingTaskGroup(of: (Int, StoredRun).self) { group in
      for (index, watch) in all.enumerated() {
        group.addTask { (index, try await executor.execute(watch, outlets: outlets)) }
      }
      return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  /// What ``runAllOnce()`` would store, with nothing stored.
  public func rehearseAll() async throws -> [RunCommit] {
    var commits: [RunCommit] = []
    for watch in watches.values.sorted(by: { $0.id < $1.id }) {
      commits.append(try await executor.rehearse(watch, outlets: outlets))
    }
    return commits
  }

  private func execute(
    _ watch: Watch, planned: Duration, _ onCommit: @Sendable (StoredRun) async -> Void
  ) async {
    do {
      await onCommit(try await executor.execute(watch, outlets: outlets))
    } catch {
      log.error("run could not be stored", ("watch", watch.id), ("error", "\(error)"))
    }
    running.remove(watch.id)
    freePlace(of: watch.spec.id)
    if let current = watches[watch.id] {
      let next = Schedule(every: current.every).nextRun(after: planned, uptime: time.uptime(), random: random)
      due.set(watch.id, at: next)
    }
    await alarm.ring()
  }
}

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
  /// Watches whose next run confirms one that is not believed by itself, with when that one was planned.
  private var confirming: [String: Duration] = [:]
  private var loads = OriginLoads()
  private var storings = Storings()
  private var isStopping = false

  public init(executor: WatchExecutor, time: any TimeSource, random: RandomSource, log: Log) {
    self.executor = executor
    self.time = time
    self.random = random
    self.log = log
  }

  /// Replaces what is watched. A watch that stays keeps its time; runs under way end on the version they began with, and
  /// tell who wants to hear when they are stored. Returns when no run is being stored that has asked before.
  ///
  /// - Parameters:
  ///   - lastRuns: When each watch last ran, for those that are new here.
  ///   - owed: Those of them that a process before this one was to run again soon.
  public func replace(
    _ fresh: [Watch], outlets: Outlets, lastRuns: [String: Instant], owed: Set<String> = []
  ) async {
    self.outlets = outlets
    let ids = Set(fresh.map(\.id))
    for id in watches.keys where !ids.contains(id) {
      if let gone = watches.removeValue(forKey: id) { parked[gone.spec.id]?.remove(id) }
      due.remove(id)
      confirming[id] = nil
      loads.forget(id)
    }
    for watch in fresh {
      let isKnown = watches[watch.id]?.every == watch.every
      watches[watch.id] = watch
      // A confirmation that is owed comes when it was promised; what follows goes by the new interval.
      guard !isKnown, !running.contains(watch.id), confirming[watch.id] == nil else { continue }
      parked[watch.spec.id]?.remove(watch.id)
      let first = Schedule(every: watch.every).firstRun(
        lastRunAt: lastRuns[watch.id], now: time.now(), uptime: time.uptime(), random: random)
      let early = Schedule(every: watch.every).confirmingRun(uptime: time.uptime(), random: random)
      if owed.contains(watch.id), early < first {
        // Overdue, it is the regular run too: another one moments later would be one more than was asked for.
        if first > time.uptime() + Schedule.startSpread { confirming[watch.id] = first - watch.every }
        due.set(watch.id, at: early)
      } else {
        due.set(watch.id, at: first)
      }
    }
    await alarm.ring()
    let reload = storings.beginReload()
    while storings.mustWait(reload) { await withCheckedContinuation { storings.wait($0) } }
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
  /// Runs under way.
  var runningCount: Int { running.count }

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

  /// Every watch once, ``maxRunning`` at a time: politeness keeps those of one origin apart.
  public func runAllOnce() async throws -> [StoredRun] {
    let all = watches.values.sorted { $0.id < $1.id }
    let (executor, outlets) = (executor, outlets)
    return try await withThrowingTaskGroup(of: (Int, StoredRun).self) { group in
      var runs: [(Int, StoredRun)] = []
      var waiting = all.enumerated().makeIterator()
      func start() {
        guard let (index, watch) = waiting.next() else { return }
        group.addTask { (index, try await executor.execute(watch, outlets: outlets)) }
      }
      for _ in 0..<WatchScheduler.maxRunning { start() }
      while let run = try await group.next() {
        runs.append(run)
        start()
      }
      return runs.sorted { $0.0 < $1.0 }.map(\.1)
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
    var isConfirmed = true
    do {
      let run = try await executor.execute(watch) { result in await self.audience(of: watch, result) }
      storings.end(watch.id)
      isConfirmed = !run.commit.awaitsConfirmation
      await onCommit(run)
    } catch {
      storings.end(watch.id)
      log.error("run could not be stored", ("watch", watch.id), ("error", "\(error)"))
    }
    running.remove(watch.id)
    freePlace(of: watch.spec.id)
    if let current = watches[watch.id] {
      due.set(watch.id, at: next(current, planned: planned, isConfirmed: isConfirmed))
    }
    await alarm.ring()
  }

  /// Who hears of a run that is about to be stored.
  private func audience(of watch: Watch, _ result: RunResult) -> Audience {
    storings.begin(watch.id)
    let current = watches[watch.id]
    if let current {
      loads.note(watch.id, every: current.every, requests: result.requests, gap: current.spec.limits.gap)
    }
    return Audience(of: watch, current: current, outlets: outlets, interval: interval(of: current ?? watch))
  }

  /// What a watch's `every` comes to within the limits of the origins it asks.
  private func interval(of watch: Watch) -> Duration { watch.every * loads.stretch(of: watch.id) }

  /// One confirming run comes early; what it leaves in doubt waits for the regular one, which keeps its time where that is
  /// still to come.
  private func next(_ watch: Watch, planned: Duration, isConfirmed: Bool) -> Duration {
    let schedule = Schedule(every: interval(of: watch))
    let now = time.uptime()
    if let regular = confirming.removeValue(forKey: watch.id) {
      let next = schedule.nextRun(after: regular, uptime: now, random: random)
      return next > now ? next : schedule.nextRun(after: planned, uptime: now, random: random)
    }
    guard isConfirmed else {
      confirming[watch.id] = planned
      return schedule.confirmingRun(uptime: now, random: random)
    }
    return schedule.nextRun(after: planned, uptime: now, random: random)
  }
}

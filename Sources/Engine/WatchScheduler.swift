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
  private let signal = WakeSignal()

  private var runs = DueRuns()
  private var outlets = Outlets(channels: [], maintainers: [])
  private var running: Set<String> = []
  private var runningOfSite: [String: Int] = [:]
  /// Watches whose next run confirms one that is not believed by itself, with when that one was planned.
  private var confirming: [String: Duration] = [:]
  private var loads = OriginLoads()
  private var storings = Storings()
  private let meters: ServiceMeters?
  private var pulse: Pulse
  private var isStopping = false
  /// How late runs start.
  public nonisolated let startLag = StartLag()

  /// - Parameter heartbeat: Told by the loop of ``run(onCommit:)`` that it goes round.
  public init(
    executor: WatchExecutor, time: any TimeSource, random: RandomSource, log: Log, meters: ServiceMeters? = nil,
    heartbeat: Heartbeat? = nil
  ) {
    self.meters = meters
    pulse = Pulse(heartbeat)
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
    for id in runs.watches.keys where !ids.contains(id) { forget(id) }
    // All are known before the first is placed: how many there are says how far they are spread.
    let known = runs.watches
    for watch in fresh { runs.define(watch) }
    for watch in fresh {
      take(watch, after: known[watch.id], lastRunAt: lastRuns[watch.id], isOwed: owed.contains(watch.id))
    }
    signal.wake()
    await waitForStorings()
  }

  /// Until no run is being stored that has asked before who is to hear of it.
  private func waitForStorings() async {
    let reload = storings.beginReload()
    while storings.mustWait(reload) { await withCheckedContinuation { storings.wait($0) } }
  }

  /// Adds a watch, or takes its edit up, among any number of others: O(log n). Returns as ``replace(_:outlets:lastRuns:owed:)``.
  public func put(_ watch: Watch, lastRunAt: Instant? = nil) async {
    take(watch, after: runs.watches[watch.id], lastRunAt: lastRunAt, isOwed: false)
    signal.wake()
    await waitForStorings()
  }

  /// Runs under way end.
  public func remove(_ id: String) {
    forget(id)
  }

  private func forget(_ id: String) {
    runs.remove(id)
    confirming[id] = nil
    loads.forget(id)
  }

  private func take(_ watch: Watch, after known: Watch?, lastRunAt: Instant?, isOwed: Bool) {
    runs.define(watch)
    let isKnown = known?.every == watch.every && known?.timing == watch.timing
    // A confirmation that is owed comes when it was promised; what follows goes by the new interval.
    guard !isKnown, !running.contains(watch.id), confirming[watch.id] == nil else { return }
    let timing = timing(of: watch)
    let first = timing.first(lastRunAt: lastRunAt)
    guard isOwed, !watch.timing.isCalendar, case let early = timing.confirming(), early.uptime < first.uptime else {
      return arm(watch.id, first)
    }
    // Overdue, it is the regular run too: another one moments later would be one more than was asked for. So it is where
    // the process was gone for long: it comes in the middle of an interval, from which the next one is counted then.
    let isPrompt = lastRunAt.map { time.now() - $0 < Schedule.startSpread * 2 } ?? false
    if isPrompt, first.uptime > time.uptime() + Schedule.startSpread {
      confirming[watch.id] = first.uptime - watch.every
    }
    arm(watch.id, early)
  }

  private func arm(_ id: String, _ moment: DueRuns.Moment) { runs.set(id, at: moment, now: time.uptime()) }

  private func timing(of watch: Watch) -> WatchTiming {
    WatchTiming(
      watch: watch, interval: interval(of: watch), spread: Schedule.startSpread(of: runs.count), time: time,
      random: random)
  }

  /// Watches until ``stop()``, then waits for the runs under way.
  ///
  /// - Parameter onCommit: Told after each stored run: channels may have something new to send.
  public func run(onCommit: @escaping @Sendable (StoredRun) async -> Void) async {
    // Discarding: a group that nobody takes results from would keep one for every run there ever was.
    await withDiscardingTaskGroup { group in
      while !isStopping, !Task.isCancelled {
        Failpoint.reach(.inSchedule)
        pulse.beat(at: time.uptime())
        while running.count < WatchScheduler.maxRunning, let (watch, planned) = takeDue() {
          running.insert(watch.id)
          runningOfSite[watch.spec.id, default: 0] += 1
          group.addTask { await self.execute(watch, planned: planned, onCommit) }
        }
        await signal.wait(atMost: pulse.shortened(nextWait(), at: time.uptime()), time)
      }
    }
  }

  public func stop() async {
    isStopping = true
    signal.wake()
  }

  public var count: Int { runs.count }

  var census: ScheduleCensus {
    ScheduleCensus(watches: runs.count, running: running.count, waiting: runs.waitingCount)
  }

  /// Runs under way.
  var runningCount: Int { running.count }

  private func takeDue() -> (Watch, planned: Duration)? {
    let run = runs.take(
      now: time.uptime(), wall: time.now(), reopened: { timing(of: $0).reopened() },
      hasPlace: { runningOfSite[$0, default: 0] < WatchScheduler.maxRunningPerSite })
    return run.map { ($0.watch, $0.planned) }
  }

  private func freePlace(of site: String) {
    let left = runningOfSite[site, default: 1] - 1
    runningOfSite[site] = left > 0 ? left : nil
    runs.unpark(site)
  }

  private func nextWait() -> Duration {
    // With every place taken the end of a run rings.
    guard running.count < WatchScheduler.maxRunning, let wait = runs.wait(at: time.uptime()) else {
      return .seconds(3600)
    }
    return wait
  }

  /// Every watch once, as soon as it finds a place: politeness keeps those of one origin apart.
  ///
  /// - Parameter shown: What of a run is kept until all have ended; all of it is 1.4 KB of a quiet one.
  /// - Returns: That of each, in the order of their ids.
  public func runAllOnce<Shown: Sendable>(
    _ shown: @escaping @Sendable (StoredRun) -> Shown
  ) async throws -> [Shown] {
    var queue = OnceQueue(
      runs.watches.values.sorted { $0.id < $1.id }, perSite: WatchScheduler.maxRunningPerSite)
    let (executor, outlets) = (executor, outlets)
    return try await withThrowingTaskGroup(of: (Int, Shown).self) { group in
      func begin() -> Bool {
        guard let (index, watch) = queue.next() else { return false }
        group.addTask { (index, shown(try await executor.execute(watch, outlets: outlets))) }
        return true
      }
      for _ in 0..<WatchScheduler.maxRunning where !begin() { break }
      var found: [(Int, Shown)] = []
      while let (index, run) = try await group.next() {
        found.append((index, run))
        queue.ended(index)
        while queue.running < WatchScheduler.maxRunning, begin() {}
      }
      return found.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  /// What ``runAllOnce(_:)`` would store, with nothing stored.
  public func rehearseAll() async throws -> [RunCommit] {
    var commits: [RunCommit] = []
    for watch in runs.watches.values.sorted(by: { $0.id < $1.id }) {
      commits.append(try await executor.rehearse(watch, outlets: outlets))
    }
    return commits
  }

  private func execute(
    _ watch: Watch, planned: Duration, _ onCommit: @Sendable (StoredRun) async -> Void
  ) async {
    var isConfirmed = true
    meters?.lag.observe(time.uptime() - planned)
    do {
      let run = try await RunStart.$current.withValue(RunStart(due: planned, startLag)) {
        try await executor.execute(watch) { result in
          await self.audience(of: watch, planned: planned, result)
        } readsAgain: {
          await self.noteStoringEnded(watch)
        }
      }
      storings.end(watch.id)
      isConfirmed = !run.commit.awaitsConfirmation
      await onCommit(run)
      let others = await executor.look(run)
      if !others.isEmpty { await onCommit(StoredRun(commit: run.commit, stored: CommitResult(channels: others))) }
    } catch {
      storings.end(watch.id)
      meters?.commitFailures.add()
      log.error("run could not be stored", ("watch", watch.id), ("error", "\(error)"))
    }
    running.remove(watch.id)
    freePlace(of: watch.spec.id)
    if let current = runs.watches[watch.id] {
      arm(watch.id, next(current, planned: planned, isConfirmed: isConfirmed))
    }
    signal.wake()
  }

  private func noteStoringEnded(_ watch: Watch) { storings.end(watch.id) }

  /// Who hears of a run that is about to be stored.
  private func audience(of watch: Watch, planned: Duration, _ result: RunResult) -> Audience {
    storings.begin(watch.id)
    let current = runs.watches[watch.id]
    if let current {
      loads.note(watch.id, every: current.every, requests: result.requests, gap: current.spec.limits.gap)
    }
    let asked = current ?? watch
    var audience = Audience(of: watch, current: current, outlets: outlets, interval: interval(of: asked))
    if asked.timing.isCalendar { audience.next = timing(of: asked).next(after: planned).uptime - time.uptime() }
    return audience
  }

  /// What a watch's `every` comes to within the limits of the origins it asks.
  private func interval(of watch: Watch) -> Duration { watch.every * loads.stretch(of: watch.id) }

  /// One confirming run comes early; what it leaves in doubt waits for the regular one, which keeps its time where that is
  /// still to come.
  private func next(_ watch: Watch, planned: Duration, isConfirmed: Bool) -> DueRuns.Moment {
    let timing = timing(of: watch)
    if let regular = confirming.removeValue(forKey: watch.id) {
      let next = timing.next(after: regular)
      return next.uptime > time.uptime() ? next : timing.next(after: planned)
    }
    guard isConfirmed else {
      confirming[watch.id] = planned
      return timing.confirming()
    }
    return timing.next(after: planned)
  }
}

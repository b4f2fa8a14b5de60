import Language
import PluginHost
import Storage

/// A run as it was stored.
public struct StoredRun: Sendable {
  public var commit: RunCommit
  public var stored: CommitResult
  var look: PendingLook? = nil
}

/// Runs a watch and stores what it found, in one transaction.
public struct WatchExecutor: Sendable {
  var runner: WatchRunner
  var store: Store
  private let commits: CommitQueue
  var time: any TimeSource
  var random: RandomSource
  var log: Log
  var meters: ServiceMeters?
  let keeper: BodyKeeper
  /// Looks at good readings for what may break soon; nil where nobody maintains anything, as in a bench of runs.
  var drift: DriftWatch?

  public init(
    runner: WatchRunner, store: Store, time: any TimeSource, random: RandomSource, log: Log,
    meters: ServiceMeters? = nil, keeper: BodyKeeper = BodyKeeper(), drift: DriftWatch? = nil
  ) {
    self.meters = meters
    self.keeper = keeper
    self.drift = drift
    self.runner = runner
    self.store = store
    commits = CommitQueue(store: store)
    self.time = time
    self.random = random
    self.log = log
  }

  /// - Parameter now: What the run takes for the present; the wall clock where nil.
  /// - Returns: What was stored. Where storing fails nothing is, and the next run finds the same changes again.
  @discardableResult
  public func execute(_ watch: Watch, outlets: Outlets, now: Instant? = nil) async throws -> StoredRun {
    var run = try await execute(watch, now: now) { _ in
      Audience(of: watch, current: watch, outlets: outlets, interval: watch.every)
    }
    run.stored.channels.formUnion(await look(run))
    return run
  }

  /// Samples a run for drift, where it is to be sampled: after its news is on its way.
  ///
  /// - Returns: The channels whose workers are to be woken.
  func look(_ run: StoredRun) async -> Set<String> {
    guard let drift, let pending = run.look else { return [] }
    return await drift.look(pending, runner)
  }

  /// - Parameters:
  ///   - audience: Asked when the run has ended, just before it is stored; again where it has to be read anew.
  ///   - readsAgain: Told in between: nothing is being stored just now.
  func execute(
    _ watch: Watch, now: Instant? = nil, audience: @Sendable (RunResult) async -> Audience,
    readsAgain: @Sendable () async -> Void = {}
  ) async throws -> StoredRun {
    let begun = Moment(time)
    let outline = try await store.outline(of: watch.id, keepsRows: watch.spec.keepsRows, rereads: watch.spec.rereads)
    var result = await runner.run(watch, outline: outline, now: now ?? begun.instant)
    var elapsed = begun.elapsed
    var hearers = await audience(result).after(elapsed)
    if now != nil || !begun.isRenamed,
      let stored = try await storeQuietly(result, of: watch, outline, hearers, now: now ?? begun.instant)
    {
      return stored
    }
    if result.isRepetition {
      // Somebody changed what it builds on meanwhile: read after all.
      await readsAgain()
      result = await runner.run(watch, outline: outline.readingAnew, now: now ?? begun.instant)
      elapsed = begun.elapsed
      hearers = await audience(result).after(elapsed)
    }
    var isAgain = false
    while true {
      let state = try await store.history(of: watch.id)
      if now == nil, begun.isRenamed {
        // The clock was set, and what is stored has moved with it.
        result.startedAt = begun.instant
        result.endedAt = begun.instant + elapsed
      }
      let evidence = await judge(&result, state, hearers.watch, now: now ?? begun.instant)
      var commit = RunPlanner(
        watch: hearers.watch, state: state, result: result, now: now ?? begun.instant, outlets: hearers.outlets,
        random: random, interval: hearers.interval, next: hearers.next, evidence: evidence
      ).commit()
      commit.isReplanned = isAgain
      keeper.keep(
        result, of: watch, for: &commit, open: state.openIncidents, now: now ?? begun.instant, uptime: time.uptime())
      Failpoint.reach(.afterDiff)
      do {
        let ended = time.uptime()
        let stored = try await commits.commit(commit)
        guard !stored.wasRemoved else {
          log.info("run of a watch that was removed, not stored", ("watch", commit.watch))
          return StoredRun(commit: commit, stored: stored)
        }
        noteStored(commit, result, since: ended)
        return StoredRun(commit: commit, stored: stored, look: pendingLook(result, of: watch, hearers, commit, false))
      } catch is ClockWasSet where !isAgain {
        isAgain = true
      }
    }
  }

  /// Holds readings against their pages, and gathers what maintainers need to see of a break that begins.
  private func judge(
    _ result: inout RunResult, _ state: WatchState, _ watch: Watch, now: Instant
  ) async -> [BranchName: BreakEvidence] {
    await ReadingReview(
      catalog: runner.catalog, extraction: runner.extraction, store: store, keeper: keeper, watch: watch, now: now
    ).review(&result, state)
    return await EvidenceGathering(
      catalog: runner.catalog, extraction: runner.extraction, store: store, keeper: keeper, watch: watch,
      uptime: time.uptime()
    ).gather(result, state)
  }

  private func pendingLook(
    _ result: RunResult, of watch: Watch, _ audience: Audience, _ commit: RunCommit, _ isQuiet: Bool
  ) -> PendingLook? {
    guard let drift, commit.verdict.isGood, drift.isDue(commit.site, isQuiet: isQuiet) else { return nil }
    return PendingLook(result: result, watch: watch, outlets: audience.outlets)
  }

  /// Stores a run that found what was settled without looking at what is known of each item.
  ///
  /// - Returns: nil where it has to be looked at: something is new, or waits for a time.
  private func storeQuietly(
    _ result: RunResult, of asked: Watch, _ outline: WatchOutline, _ audience: Audience, now: Instant
  ) async throws -> StoredRun? {
    let watch = audience.watch
    guard let settled = outline.settled else { return nil }
    let context = RenderContext(zone: watch.spec.zone, now: now)
    if result.isRepetition {
      // A reload while it was asked makes it another watch's answer.
      guard watch.isReadAs(asked) else { return nil }
    } else {
      let hash = Settled.hash(of: result, watch, isDropped: { watch.isDropped($0, context) })
      guard hash == settled else { return nil }
    }
    var commit = RunCommit(
      watch: watch.id, site: watch.spec.id, specVersion: watch.spec.version, startedAt: result.startedAt,
      endedAt: result.endedAt, verdict: .unchanged, keyFields: watch.spec.items.key)
    commit.outcomes = result.branches.map { $0.outcome(.unchanged) }
    if result.isRepetition, commit.outcomes.count == 1 { commit.outcomes[0].itemCount = outline.itemCount }
    commit.nextRunAt = now + (audience.next ?? audience.interval)
    commit.interval = audience.interval
    commit.answers = result.answers
    let run = QuietRun(
      commit, now: now, settled: settled, outline: outline, pages: result.pages, stepRows: result.stepRows)
    Failpoint.reach(.afterDiff)
    let ended = time.uptime()
    do {
      guard try await commits.commit(run) else { return nil }
    } catch is ClockWasSet {
      return nil
    }
    noteStored(commit, result, since: ended)
    return StoredRun(
      commit: commit, stored: CommitResult(), look: pendingLook(result, of: asked, audience, commit, true))
  }

  /// What the run would change, with nothing stored and nobody told.
  public func rehearse(_ watch: Watch, outlets: Outlets, now: Instant? = nil) async throws -> RunCommit {
    let now = now ?? time.now()
    let outline = try await store.outline(of: watch.id, keepsRows: watch.spec.keepsRows, rereads: watch.spec.rereads)
    var result = await runner.run(watch, outline: outline.readingAnew, now: now)
    let state = try await store.history(of: watch.id)
    let evidence = await judge(&result, state, watch, now: now)
    return RunPlanner(
      watch: watch, state: state, result: result, now: now, outlets: outlets, random: random, interval: watch.every,
      evidence: evidence
    ).commit()
  }

  private func noteStored(_ commit: RunCommit, _ result: RunResult, since ended: Duration) {
    meters?.commits.observe(time.uptime() - ended)
    meters?.site(commit.site).ran(commit.verdict, changes: commit.changes, requests: result.trace)
    report(commit, result)
  }

  private func report(_ commit: RunCommit, _ result: RunResult) {
    for change in commit.changes where log.writes(.debug) {
      log.debug("change", ("watch", commit.watch), ("kind", change.kind.rawValue), ("item", change.item.keyForPeople))
    }
    for outcome in commit.outcomes where !outcome.verdict.isGood {
      log.warn(
        "branch not readable", ("watch", commit.watch), ("branch", outcome.name == .root ? nil : outcome.name.text),
        ("verdict", outcome.verdict.rawValue), ("detail", outcome.detail))
    }
    for outcome in commit.outcomes where outcome.verdict.isGood && outcome.detail != nil {
      log.info(
        "reading in doubt", ("watch", commit.watch), ("branch", outcome.name == .root ? nil : outcome.name.text),
        ("detail", outcome.detail))
    }
    guard log.writes(.info) else { return }
    let elapsed = "\((commit.endedAt - commit.startedAt).inMilliseconds)"
    log.info(
      "run", ("watch", commit.watch), ("verdict", commit.verdict.rawValue),
      ("items", "\(commit.outcomes.reduce(0) { $0 + $1.itemCount })"), ("changes", "\(commit.changes.count)"),
      ("deliveries", "\(commit.deliveries.count)"), ("requests", "\(result.trace.count)"), ("elapsed_ms", elapsed))
  }
}

extension Item {
  /// The key on one line.
  var keyForPeople: String { key.replacing("\u{1F}", with: " ") }
}

extension SiteSpec {
  /// Whether runs look at rows that earlier ones have kept.
  var keepsRows: Bool { steps.contains { $0.refresh != nil } }
  /// Whether an outcome asks for an earlier step to be read again.
  var rereads: Bool { steps.contains { $0.outcomes.contains { $0.reread != nil } } }
}

import Language
import PluginHost
import Storage

/// A run as it was stored.
public struct StoredRun: Sendable {
  public var commit: RunCommit
  public var stored: CommitResult
}

/// Runs a watch and stores what it found, in one transaction.
public struct WatchExecutor: Sendable {
  var runner: WatchRunner
  var store: Store
  var time: any TimeSource
  var random: RandomSource
  var log: Log

  public init(runner: WatchRunner, store: Store, time: any TimeSource, random: RandomSource, log: Log) {
    self.runner = runner
    self.store = store
    self.time = time
    self.random = random
    self.log = log
  }

  /// - Parameter now: What the run takes for the present; the wall clock where nil.
  /// - Returns: What was stored. Where storing fails nothing is, and the next run finds the same changes again.
  @discardableResult
  public func execute(_ watch: Watch, outlets: Outlets, now: Instant? = nil) async throws -> StoredRun {
    try await execute(watch, now: now) { _ in
      Audience(of: watch, current: watch, outlets: outlets, interval: watch.every)
    }
  }

  /// - Parameter audience: Asked when the run has ended, just before it is stored.
  func execute(
    _ watch: Watch, now: Instant? = nil, audience: @Sendable (RunResult) async -> Audience
  ) async throws -> StoredRun {
    let begun = Moment(time)
    var state = try await store.state(of: watch.id)
    var result = await runner.run(watch, state: state, now: now ?? begun.instant)
    let elapsed = begun.elapsed
    let audience = await audience(result)
    var isAgain = false
    while true {
      if now == nil, begun.isRenamed {
        // The clock was set, and what is stored has moved with it.
        state = try await store.state(of: watch.id)
        result.startedAt = begun.instant
        result.endedAt = begun.instant + elapsed
      }
      var commit = RunPlanner(
        watch: audience.watch, state: state, result: result, now: now ?? begun.instant, outlets: audience.outlets,
        random: random, interval: audience.interval, next: audience.next
      ).commit()
      commit.isReplanned = isAgain
      Failpoint.reach(.afterDiff)
      do {
        let stored = try await store.commit(commit)
        report(commit, result)
        return StoredRun(commit: commit, stored: stored)
      } catch is ClockWasSet where !isAgain {
        isAgain = true
      }
    }
  }

  /// What the run would change, with nothing stored and nobody told.
  public func rehearse(_ watch: Watch, outlets: Outlets, now: Instant? = nil) async throws -> RunCommit {
    let now = now ?? time.now()
    let state = try await store.state(of: watch.id)
    let result = await runner.run(watch, state: state, now: now)
    return RunPlanner(
      watch: watch, state: state, result: result, now: now, outlets: outlets, random: random, interval: watch.every
    ).commit()
  }

  private func report(_ commit: RunCommit, _ result: RunResult) {
    let elapsed = "\((commit.endedAt - commit.startedAt).inMilliseconds)"
    for change in commit.changes {
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
    log.info(
      "run", ("watch", commit.watch), ("verdict", commit.verdict.rawValue),
      ("items", "\(result.branches.reduce(0) { $0 + $1.items.count })"), ("changes", "\(commit.changes.count)"),
      ("deliveries", "\(commit.deliveries.count)"), ("requests", "\(result.trace.count)"), ("elapsed_ms", elapsed))
  }
}

extension Item {
  /// The key on one line.
  var keyForPeople: String { key.replacing("\u{1F}", with: " ") }
}

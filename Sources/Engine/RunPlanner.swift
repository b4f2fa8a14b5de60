import Diffing
import Language
import PluginHost
import Scheduling
import Storage

/// Turns what a run found into what is stored: verdicts, lives of items, changes, deliveries, incidents.
///
/// Pure: the same state, result, time and randomness give the same commit.
struct RunPlanner {
  var watch: Watch
  var state: WatchState
  var result: RunResult
  var now: Instant
  var outlets: Outlets
  var random: RandomSource
  /// What the watch's `every` comes to within the limits of the origins it asks.
  var interval: Duration
  /// How long until the next run, where that is not the interval.
  var next: Duration?
  /// Of branches that have just broken.
  var evidence: [BranchName: BreakEvidence] = [:]

  var spec: SiteSpec { watch.spec }

  func commit() -> RunCommit {
    var planner = self
    let noises = judgeNoise(&planner.result.branches)
    keepLostFields(&planner.result.branches)
    return planner.plan(noises)
  }

  private func plan(_ noises: [BranchName: BranchNoise]) -> RunCommit {
    var commit = RunCommit(
      watch: watch.id, site: spec.id, specVersion: spec.version, startedAt: result.startedAt, endedAt: result.endedAt,
      verdict: .unchanged, keyFields: spec.items.key)
    // A run that read nothing moves nothing, whatever was edited.
    let hasGood = result.branches.contains { $0.verdict.isGood }
    commit.newBaseline = hasGood && (state.keyFields.map { $0 != spec.items.key } ?? false)
    commit.pages = result.pages
    commit.stepRows = result.stepRows
    commit.answers = result.answers
    var seenAgain: [ItemRecord] = []
    var opened: [Item] = []
    var baselines: [Item] = []
    var returned: [Item] = []
    var keys = RunKeys(state.items, result.branches)
    let before = commit.newBaseline ? nil : keys.grouped(state.items, by: result.branches)
    for (place, branch) in result.branches.enumerated() {
      var (earlier, record) = record(for: branch, newBaseline: commit.newBaseline)
      // A reading that is not believed is remembered too; so is the end of a branch's unrest, by nil.
      if branch.isRead || noises[branch.name] != nil { record.noise = noises[branch.name] }
      var outcome = branch.outcome(record.verdict)
      if branch.isRead {
        let isBaseline = earlier?.lastGoodAt == nil && !record.isNews
        let items = keys.items(ofBranch: place, in: result.branches)
        let known = recalled(before?[place] ?? [], branch)
        let found: BranchDiff
        if isBaseline {
          found = diff(items, before: nil)
        } else if isKeyedAnew(items, known, earlier) {
          found = rebased(items, known)
          outcome.detail = "the key is read in another way and names nothing that was known: a new baseline"
        } else {
          found = diff(items, before: known)
        }
        note(found, known, earlier, &record, &outcome)
        if found.doubted > 0 { commit.awaitsConfirmation = true }
        if found.moved > 0 { commit.movesItems = true }
        commit.changes += found.changes
        commit.items += found.records
        seenAgain += found.seenAgain
        returned += found.returned
        // What has not settled is told when it has, and not before.
        let arriving = Set(found.records.lazy.filter { $0.state == .arriving }.map(\.item.key))
        let open = items.filter { !isDropped($0) && !arriving.contains($0.key) }
        opened += open
        if isBaseline { baselines += open }
      }
      commit.branches.append(record)
      commit.outcomes.append(outcome)
    }
    commit.verdict = commit.outcomes.map(\.verdict).max() ?? .empty
    endBranches(&commit)
    tell(&commit, seenAgain: seenAgain, open: opened, baselines: baselines, returned: returned)
    IncidentPlanner(
      watch: watch, state: state, result: result, now: now, outlets: outlets, random: random, evidence: evidence
    ).plan(&commit)
    plan(next: &commit)
    if isSettled(commit, &keys) { commit.settled = settledHash }
    return commit
  }

  /// When the next run comes. Where something is in doubt it comes soon, and nothing of this run's answers is kept for
  /// it: asking with what the doubted answer gave would only hear the same answer again.
  private func plan(next commit: inout RunCommit) {
    commit.interval = interval
    commit.nextRunAt = now + (commit.awaitsConfirmation ? min(interval, Schedule.confirmAfter) : next ?? interval)
    guard commit.awaitsConfirmation else { return }
    commit.pages = []
    commit.stepRows = []
  }

  /// Every record by its key, as it is after this run.
  private func records(after commit: RunCommit, _ seenAgain: [ItemRecord]) -> [String: ItemRecord] {
    var after = Dictionary(commit.newBaseline ? [] : state.items.map { ($0.item.key, $0) }) { first, _ in first }
    for record in seenAgain { after[record.item.key] = record }
    for record in commit.items { after[record.item.key] = record }
    return after
  }

  private func tell(
    _ commit: inout RunCommit, seenAgain: [ItemRecord], open: [Item], baselines: [Item], returned: [Item]
  ) {
    let deliveries = DeliveryPlanner(watch: watch, state: state, now: now, outlets: outlets, random: random)
    let newcomers = newcomers(commit, seenAgain, open: open)
    deliveries.plan(
      &commit, open: open + newcomers.stillOpen, baselines: baselines,
      hasGood: commit.outcomes.contains { $0.verdict.isGood }, newcomers: newcomers, returned: returned)
  }

  private func newcomers(_ commit: RunCommit, _ seenAgain: [ItemRecord], open: [Item]) -> Newcomers {
    let subscribers = watch.subscribers
    let isNobodyNew = subscribers.leads.allSatisfy { state.greeted.contains(subscribers.key(of: $0)) }
    if commit.newBaseline || (isNobodyNew && state.owed.isEmpty) { return Newcomers() }
    return NewcomerPlanner(
      state: state, read: Set(result.branches.filter(\.isRead).map(\.name)),
      unread: result.branches.filter { !$0.verdict.isGood }.map(\.name),
      open: Dictionary(open.map { ($0.key, $0) }) { first, _ in first },
      after: records(after: commit, seenAgain),
      added: Set(commit.changes.filter { $0.kind == .added }.map(\.item.key)), now: now,
      usefulFor: spec.alert.usefulFor, isDropped: isDropped
    ).plan()
  }

  func isDropped(_ item: Item) -> Bool {
    spec.items.drop != nil && watch.isDropped(item, RenderContext(zone: spec.zone, now: now))
  }

  func diff(_ items: [Item], before: [ItemRecord]?) -> BranchDiff {
    var reading = BranchReading(items: items)
    if spec.items.drop != nil {
      let keys = Set(items.map(\.key))
      let isPassed = items.map(isDropped)
      reading.items = zip(items, isPassed).lazy.filter { !$0.1 }.map(\.0)
      reading.passed = zip(items, isPassed).lazy.filter(\.1).map(\.0)
      reading.over = over((before ?? []).filter { !keys.contains($0.item.key) })
    }
    return Diffing.diff(before: before, reading: reading, rules: spec.items.lifeRules, now: now)
  }

  /// Keys of held items whose time is over.
  private func over(_ records: [ItemRecord]) -> Set<String> {
    Set(records.lazy.filter { $0.isHeld && isDropped($0.item) }.map(\.item.key))
  }

  /// Whether a branch that is not known yet was listed only now.
  ///
  /// A watch that was read in parts only, as one of its services never can be, has a baseline too; but what lies below
  /// a branch that could not be read may have been there all along.
  private func isListedLater(_ name: BranchName) -> Bool {
    if state.lastGoodAt != nil { return true }
    return state.keyFields != nil && !state.branches.contains { !$0.verdict.isGood && $0.name.contains(name) }
  }

  /// What is known of the branch before and after this run.
  private func record(for branch: BranchResult, newBaseline: Bool) -> (before: BranchRecord?, after: BranchRecord) {
    let before = newBaseline ? nil : state.branches.first { $0.name == branch.name }
    var verdict = branch.verdict
    let isRead = branch.isRead
    if isRead, let before, before.lastGoodAt != nil, before.rowsHash == branch.rowsHash { verdict = .unchanged }
    let after = BranchRecord(
      name: branch.name, lastGoodAt: isRead ? now : before?.lastGoodAt,
      rowsHash: isRead ? branch.rowsHash : before?.rowsHash, verdict: verdict,
      verdictSince: before.map { $0.verdict.isSameTrouble(as: verdict) ? $0.verdictSince : now } ?? now,
      goneInARow: verdict == .gone ? (before?.goneInARow ?? 0) + 1 : 0,
      isNews: before?.isNews ?? (!newBaseline && isListedLater(branch.name)),
      keyRules: isRead ? watch.keyRules : before?.keyRules, ignoredDrops: before?.ignoredDrops ?? 0,
      noise: before?.noise)
    return (before, after)
  }

  /// Branches that no request of this run stands for, and whose parents were read: they are listed no more.
  private func endBranches(_ commit: inout RunCommit) {
    let ending = endingBranches(commit)
    if ending.isEmpty { return }
    let all = ending.flatMap(\.items)
    let doubts = Diffing.lacksMost(all, of: state.items, over: over(state.items))
    for (name, items) in ending {
      let found = Diffing.end(
        before: items, over: over(items), rules: spec.items.lifeRules, now: now, doubts: doubts)
      commit.changes += found.changes
      commit.items += found.records
      if found.moved > 0 { commit.movesItems = true }
      guard found.waiting > 0 else {
        commit.endedBranches.append(name)
        continue
      }
      if found.doubted > 0 { commit.awaitsConfirmation = true }
      commit.outcomes.append(
        BranchOutcome(
          name: name, verdict: .unchanged, itemCount: found.waiting,
          detail: "no longer listed: "
            + (found.doubted > 0
              ? "the next reading decides whether its \(found.doubted) items are gone"
              : "its \(found.waiting) items are gone when that has settled"),
          trace: .object(JSONObject())))
    }
  }

  private func endingBranches(_ commit: RunCommit) -> [(name: BranchName, items: [ItemRecord])] {
    if commit.newBaseline { return [] }
    let bad = result.branches.filter { !$0.verdict.isGood || $0.verdict == .unchanged }.map(\.name)
    let seen = Set(result.branches.map(\.name))
    let ending = state.branches.map(\.name).filter { name in
      !seen.contains(name) && !bad.contains { $0.contains(name) }
    }
    if ending.isEmpty { return [] }
    // An item that moved to another branch has not gone.
    let moved = Set(commit.items.map(\.item.key))
    let known = Dictionary(grouping: state.items.filter { !moved.contains($0.item.key) }, by: \.item.branch)
    return ending.map { ($0, known[$0] ?? []) }
  }
}

extension Verdict {
  /// An origin that is down is `failed` when it is asked and `throttled` while it is left alone: one trouble, not two.
  fileprivate func isSameTrouble(as other: Verdict) -> Bool {
    let unread: Set<Verdict> = [.failed, .throttled, .unreadable]
    return self == other || (unread.contains(self) && unread.contains(other))
  }
}

extension ItemRules {
  var lifeRules: LifeRules { LifeRules(track: track, reopenAfter: reopenAfter, settle: settle, confirmsDrops: true) }
}

extension BranchResult {
  /// Whether its items are what the site shows now.
  var isRead: Bool { verdict.isGood && verdict != .unchanged }

  func outcome(_ verdict: Verdict) -> BranchOutcome {
    var trace = JSONObject([("rule", .string(rule)), ("requests", .array(self.trace.map(\.json)))])
    if duplicates > 0 { trace["duplicates"] = .integer(Int64(duplicates)) }
    return BranchOutcome(
      name: name, verdict: verdict, itemCount: items.count, detail: detail, trace: .object(trace))
  }
}

extension RequestTrace {
  public var json: JSON {
    var object = JSONObject([
      ("step", .string(step)), ("method", .string(method)), ("url", .string(url)), ("source", .string(source)),
    ])
    if let status { object["status"] = .integer(Int64(status)) }
    if let failure { object["failure"] = .string(failure.rawValue) }
    object["bytes"] = .integer(Int64(bytes))
    object["elapsed_ms"] = .integer(elapsed.inMilliseconds)
    object["verdict"] = .string(verdict.rawValue)
    object["rule"] = .string(rule)
    if let detail { object["detail"] = .string(detail) }
    object["rows"] = .integer(Int64(rows))
    if let selector { object["selector"] = .string(selector) }
    return .object(object)
  }
}

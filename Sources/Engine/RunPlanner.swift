import Diffing
import Language
import PluginHost
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

  private var spec: SiteSpec { watch.spec }

  func commit() -> RunCommit {
    var commit = RunCommit(
      watch: watch.id, site: spec.id, specVersion: spec.version, startedAt: result.startedAt, endedAt: result.endedAt,
      verdict: .unchanged, keyFields: spec.items.key)
    commit.newBaseline = state.keyFields.map { $0 != spec.items.key } ?? false
    commit.nextRunAt = now + watch.every
    commit.pages = result.pages
    commit.stepRows = result.stepRows
    var opened: [Item] = []
    var baselines: [Item] = []
    let seats = seats()
    let before = Dictionary(grouping: commit.newBaseline ? [] : state.items) { record in
      seats[record.item.key] ?? record.item.branch
    }
    for branch in result.branches {
      let record = record(for: branch, newBaseline: commit.newBaseline)
      commit.branches.append(record.after)
      commit.outcomes.append(branch.outcome(record.after.verdict))
      guard branch.verdict.isGood, branch.verdict != .unchanged else { continue }
      let isBaseline = record.before?.lastGoodAt == nil && !record.after.isNews
      let items = branch.items.filter { seats[$0.key] == branch.name }
      let diff = diff(items, before: isBaseline ? nil : before[branch.name] ?? [])
      commit.changes += diff.changes
      commit.items += diff.records
      // What has not settled is told when it has, and not before.
      let arriving = Set(diff.records.lazy.filter { $0.state == .arriving }.map(\.item.key))
      let open = items.filter { !isDropped($0) && !arriving.contains($0.key) }
      opened += open
      if isBaseline { baselines += open }
    }
    commit.verdict = commit.outcomes.map(\.verdict).max() ?? .empty
    endBranches(&commit)
    let writer = DeliveryPlanner(watch: watch, state: state, now: now, outlets: outlets, random: random)
    let hasGood = commit.outcomes.contains { $0.verdict.isGood }
    writer.plan(
      &commit, open: opened + (commit.newBaseline ? [] : stillOpen(seats)), baselines: baselines, hasGood: hasGood)
    IncidentPlanner(watch: watch, state: state, result: result, now: now, outlets: outlets, random: random).plan(
      &commit)
    return commit
  }

  private func isDropped(_ item: Item) -> Bool {
    guard let drop = spec.items.drop else { return false }
    return drop.holds(
      in: watch.scope.adding(item.fields.map { ($0.name, $0.value) }), RenderContext(zone: spec.zone, now: now))
  }

  /// The branch that each key of this run belongs to: the first that has it. A row that passes a step (`when`) can be
  /// in another branch than it was when that step was asked, and is the same item.
  private func seats() -> [String: BranchName] {
    var seats: [String: BranchName] = [:]
    for branch in result.branches where branch.verdict.isGood {
      for item in branch.items where seats[item.key] == nil { seats[item.key] = branch.name }
    }
    return seats
  }

  /// What was open a moment ago in branches that could not be read this time: whoever is new hears of it too, as no
  /// later change will tell. For as long as an alert about it would be useful.
  private func stillOpen(_ seats: [String: BranchName]) -> [Item] {
    let unread = result.branches.filter { !$0.verdict.isGood }.map(\.name)
    guard !unread.isEmpty else { return [] }
    return state.items.filter { record in
      record.state == .open && now - record.lastSeen <= spec.alert.usefulFor && seats[record.item.key] == nil
        && unread.contains { $0.contains(record.item.branch) } && !isDropped(record.item)
    }.map(\.item)
  }

  private func diff(_ items: [Item], before: [ItemRecord]?) -> BranchDiff {
    let reading = BranchReading(items: items.filter { !isDropped($0) }, passed: items.filter(isDropped))
    return Diffing.diff(before: before, reading: reading, rules: spec.items.lifeRules, now: now)
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
    let isRead = verdict.isGood && verdict != .unchanged
    if isRead, let before, before.lastGoodAt != nil, before.rowsHash == branch.rowsHash { verdict = .unchanged }
    let after = BranchRecord(
      name: branch.name, lastGoodAt: isRead ? now : before?.lastGoodAt,
      rowsHash: isRead ? branch.rowsHash : before?.rowsHash, verdict: verdict,
      verdictSince: before.map { $0.verdict.isSameTrouble(as: verdict) ? $0.verdictSince : now } ?? now,
      goneInARow: verdict == .gone ? (before?.goneInARow ?? 0) + 1 : 0,
      isNews: before?.isNews ?? (!newBaseline && isListedLater(branch.name)))
    return (before, after)
  }

  /// Branches that no request of this run stands for, and whose parents were read: they are listed no more.
  private func endBranches(_ commit: inout RunCommit) {
    guard !commit.newBaseline else { return }
    let bad = result.branches.filter { !$0.verdict.isGood || $0.verdict == .unchanged }.map(\.name)
    let seen = Set(result.branches.map(\.name))
    for branch in state.branches where !seen.contains(branch.name) {
      guard !bad.contains(where: { $0.contains(branch.name) }) else { continue }
      commit.endedBranches.append(branch.name)
      let items = state.items.filter { $0.item.branch == branch.name }
      // An item that moved to another branch has not gone.
      let moved = Set(commit.items.map(\.item.key))
      let diff = Diffing.end(
        before: items.filter { !moved.contains($0.item.key) }, rules: spec.items.lifeRules, now: now)
      commit.changes += diff.changes
      commit.items += diff.records
    }
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
  var lifeRules: LifeRules { LifeRules(track: track, reopenAfter: reopenAfter, settle: settle) }
}

extension BranchResult {
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

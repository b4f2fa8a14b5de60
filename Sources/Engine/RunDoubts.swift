import Diffing
import Language
import PluginHost
import Storage

/// Readings that are good by their verdict, and not the whole truth all the same.
extension RunPlanner {
  /// Takes the belief from readings of branches whose keys change all the time.
  ///
  /// - Returns: What is to be remembered of each branch.
  func judgeNoise(_ branches: inout [BranchResult]) -> [BranchName: BranchNoise] {
    guard state.keyFields == spec.items.key else { return [:] }
    var noises: [BranchName: BranchNoise] = [:]
    for (index, branch) in branches.enumerated() where branch.isRead {
      guard let record = state.branches.first(where: { $0.name == branch.name }), record.lastGoodAt != nil,
        record.noise != nil || record.rowsHash != branch.rowsHash
      else { continue }
      if record.noise == nil, sharesItsFirst(branch) { continue }
      let keys = branch.items.lazy.filter { !isDropped($0) }.map(\.key).sorted()
      let open = state.items.lazy.filter { $0.state == .open && $0.item.branch == branch.name && !isDropped($0.item) }
      let judged = Noise.judge(
        record.noise, open: Set(open.map(\.item.key)), keys: Set(keys),
        hash: StableHash.text(keys.joined(separator: "\u{1E}")), now: now)
      noises[branch.name] = judged.after
      guard !judged.isBelieved else { continue }
      branches[index].verdict = .suspicious
      branches[index].rule = "items.key"
      branches[index].detail =
        "every key has become another \(Noise.limit) times within an hour: is there something in the key that changes "
        + "with each answer?"
      branches[index].items = []
    }
    return noises
  }

  /// Whether the first item that was open in the branch is there still: no noise begins with such a reading, and most
  /// are.
  private func sharesItsFirst(_ branch: BranchResult) -> Bool {
    let first = state.items.first { $0.state == .open && $0.item.branch == branch.name && !isDropped($0.item) }
    guard let first else { return false }
    return branch.items.contains { $0.key == first.item.key && !isDropped($0) }
  }

  /// Whether the key's fields are read by other rules than the snapshot's, and name nothing of what it holds: the same
  /// things under other keys, which nobody is to be told as new. Where they name any of it the comparison goes on.
  func isKeyedAnew(_ items: [Item], _ known: [ItemRecord], _ record: BranchRecord?) -> Bool {
    guard let rules = record?.keyRules, rules != watch.keyRules, !items.isEmpty else { return false }
    let held = known.filter { $0.isHeld && !isDropped($0.item) }
    // What is smaller makes no storm, and may have been exchanged while the spec was broken: that is news.
    return held.count >= Noise.least && Set(known.map(\.item.key)).isDisjoint(with: items.map(\.key))
  }

  func rebased(_ items: [Item], _ known: [ItemRecord]) -> BranchDiff {
    var found = diff(items, before: nil)
    found.records += known.filter { $0.state != .gone }.map { record in
      var record = record
      (record.state, record.since) = (.gone, now)
      return record
    }
    return found
  }

  /// What a reading's doubts leave behind.
  func note(
    _ found: BranchDiff, _ known: [ItemRecord], _ earlier: BranchRecord?, _ record: inout BranchRecord,
    _ outcome: inout BranchOutcome
  ) {
    if found.doubted > 0 {
      let held = known.count { $0.isHeld }
      outcome.detail = "\(found.doubted) of \(held) items are missing: the next reading decides whether they are gone"
      // Not the reading that the snapshot is of: the next one is no repetition of it.
      record.rowsHash = earlier?.rowsHash
    }
    let waited = known.count { $0.state == .leaving }
    if found.refuted * 2 > waited {
      record.ignoredDrops += 1
      outcome.detail = "\(found.refuted) items that the last reading lacked are there: it was not believed"
    }
  }
}

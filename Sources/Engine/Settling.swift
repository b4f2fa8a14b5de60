import Language
import PluginHost
import Storage

extension RunPlanner {
  /// Whether a run that reads just this again has no news for anybody, whenever it comes: every item is open and was
  /// read, or gone for good; nothing waits to settle or to be confirmed; nobody is owed a word; no incident is open.
  ///
  /// - Parameter keys: Those of the known items and of this run's.
  func isSettled(_ commit: RunCommit, _ keys: inout RunKeys) -> Bool {
    guard !commit.awaitsConfirmation, commit.verdict.isGood, result.branches.allSatisfy(\.isRead),
      commit.outcomes.allSatisfy({ $0.detail == nil }), commit.branches.allSatisfy({ $0.noise == nil }),
      hasNoOtherBranch(commit), isNobodyOwed(commit), hasNoIncident(commit)
    else { return false }
    var hasRecord = [Bool](repeating: false, count: keys.count)
    // What the run wrote counts, the newest first; then what it left as it was, of records with one key the first.
    for record in commit.items.reversed() {
      let number = keys.number(of: record.item.key)
      if hasRecord[number] { continue }
      hasRecord[number] = true
      guard isAtRest(record, number, keys) else { return false }
    }
    for (record, number) in zip(commit.newBaseline ? [] : state.items, keys.known) where !hasRecord[number] {
      hasRecord[number] = true
      guard isAtRest(record, number, keys) else { return false }
    }
    return hasRecord.indices.allSatisfy { number in
      hasRecord[number] || keys.item(number, in: result.branches).map(isDropped) ?? true
    }
  }

  private func isAtRest(_ record: ItemRecord, _ number: Int, _ keys: RunKeys) -> Bool {
    switch record.state {
    case .gone: return keys.item(number, in: result.branches).map(isDropped) ?? true
    case .open:
      // One row of its branch, and none of another.
      guard let place = keys.branch(of: number), result.branches[place].name == record.item.branch else { return false }
      return keys.item(number, in: result.branches).map { !isDropped($0) } ?? false
    case .arriving, .leaving, .passed: return false
    }
  }

  private func hasNoOtherBranch(_ commit: RunCommit) -> Bool {
    if commit.newBaseline { return true }
    let read = Set(result.branches.map(\.name))
    return state.branches.allSatisfy { read.contains($0.name) || commit.endedBranches.contains($0.name) }
  }

  private func isNobodyOwed(_ commit: RunCommit) -> Bool {
    let owed = Set(state.owed.map(Owed.init) + commit.owed.map(Owed.init)).subtracting(commit.paid.map(Owed.init))
    let greeted = state.greeted.union(commit.greeted)
    let subscribers = watch.subscribers
    return owed.isEmpty && subscribers.leads.allSatisfy { greeted.contains(subscribers.key(of: $0)) }
  }

  private struct Owed: Hashable {
    var subscription: String
    var branch: BranchName
    init(_ greeting: OwedGreeting) { (subscription, branch) = (greeting.subscription, greeting.branch) }
  }

  private func hasNoIncident(_ commit: RunCommit) -> Bool {
    commit.joinedIncidents.isEmpty && Set(state.openIncidents).isSubset(of: commit.leftIncidents)
  }

  var settledHash: String { Settled.hash(of: result, watch, isDropped: isDropped) }
}

/// What a run has to find for nothing to be news.
enum Settled {
  /// Of the rules, the people, and all that was read, with what `drop` says of it now.
  static func hash(of result: RunResult, _ watch: Watch, isDropped: (Item) -> Bool) -> String {
    var hash = ContentHash()
    hash.combine(watch.spec.version)
    hash.add(unordered: watch.subscribers.addressHash)
    for branch in result.branches {
      var part = ContentHash()
      part.combine(branch.name.text)
      part.combine(branch.verdict.rawValue)
      part.combine(branch.rowsHash)
      if watch.spec.items.drop != nil {
        for item in branch.items where isDropped(item) {
          var dropped = ContentHash()
          dropped.combine(item.key)
          part.add(unordered: dropped)
        }
      }
      hash.add(unordered: part)
    }
    return hash.text
  }
}

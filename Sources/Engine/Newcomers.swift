import Diffing
import Language
import PluginHost
import Storage

/// What people who are greeted in this run can be told, what has to wait, and what is no longer owed.
struct Newcomers: Sendable {
  /// Open in branches that could not be read this time, and seen so lately that an alert about it would be useful.
  var stillOpen: [Item] = []
  /// Branches that can't be told of now: whoever is greeted in this run is told when they are read again.
  var owing: [BranchName] = []
  /// By subscription: what was there when they were greeted, could not be told then, and is there now.
  var due: [String: [Item]] = [:]
  /// Owed no more, told or gone.
  var paid: [OwedGreeting] = []
}

/// Finds out ``Newcomers``. Pure.
struct NewcomerPlanner {
  var state: WatchState
  /// Branches that this run read.
  var read: Set<BranchName>
  /// Branches that this run could not read; what lies below them could not be read either.
  var unread: [BranchName]
  /// Keys that this run saw, with their items as it saw them; dropped ones are not among them.
  var open: [String: Item]
  /// Every record as it is after this run.
  var after: [String: ItemRecord]
  /// Keys that this run tells as `added`.
  var added: Set<String>
  var now: Instant
  var usefulFor: Duration
  /// Whether `drop` removes it now.
  var isDropped: (Item) -> Bool

  func plan() -> Newcomers {
    var plan = Newcomers()
    let held = Dictionary(grouping: after.values.filter { $0.isHeld && !isDropped($0.item) }, by: \.item.branch)
    for (branch, records) in held.sorted(by: { $0.key < $1.key }) {
      if read.contains(branch) {
        if records.contains(where: { $0.state == .leaving }) { plan.owing.append(branch) }
      } else if records.allSatisfy({ $0.state == .open && now - $0.lastSeen <= usefulFor }),
        unread.contains(where: { $0.contains(branch) })
      {
        plan.stillOpen += records.map(\.item).sorted { $0.key < $1.key }
      } else {
        plan.owing.append(branch)
      }
    }
    for greeting in state.owed { settle(greeting, held[greeting.branch] ?? [], &plan) }
    return plan
  }

  private func settle(_ greeting: OwedGreeting, _ held: [ItemRecord], _ plan: inout Newcomers) {
    let untold = state.items.filter { record in
      record.isHeld && record.item.branch == greeting.branch && record.lastSeen < greeting.since
        && !added.contains(record.item.key)
    }
    let items = untold.compactMap { open[$0.item.key] }
    if !items.isEmpty { plan.due[greeting.subscription, default: []] += items }
    // Where the clock was set back since, everything seems to have been seen before: told once all the same.
    if greeting.since > now || !held.contains(where: { $0.lastSeen < greeting.since }) { plan.paid.append(greeting) }
  }
}

extension ItemRecord {
  /// There, as far as people know.
  var isHeld: Bool { state == .open || state == .leaving }
}

import Language
import PluginHost

/// Collects what the requests and rows of a run say of each branch.
struct BranchLedger: Sendable {
  private struct Entry: Sendable {
    var verdict: Verdict?
    var detail: String?
    var rule = "default"
    var items: [Item] = []
    var keys: Set<String> = []
    var duplicates = 0
    var trace: [RequestTrace] = []
    /// False while only requests in the middle of the chain went through it.
    var isLeaf = false

    /// The most serious verdict of a branch's requests is the branch's.
    mutating func raise(_ verdict: Verdict, _ rule: String, _ detail: String?) {
      if let known = self.verdict, known >= verdict { return }
      self.verdict = verdict
      self.rule = rule
      self.detail = detail
    }
  }

  private var entries: [BranchName: Entry] = [:]
  private var order: [BranchName] = []
  private(set) var rereads: [String] = []

  /// A step's request: ends its branch unless it gave rows.
  mutating func note(_ outcome: StepOutcome) {
    if let step = outcome.reread { rereads.append(step) }
    update(outcome.branch) { entry in
      entry.trace += outcome.trace
      guard outcome.verdict != .items else { return }
      entry.isLeaf = true
      entry.raise(outcome.verdict, outcome.rule, outcome.detail)
    }
  }

  /// A row that went through every step: an item, unless `keep` leaves it out.
  mutating func note(_ row: ChainRow, branch: BranchName, spec: SiteSpec, context: RenderContext) {
    let rules = spec.items
    let isKept = rules.keep?.holds(in: row.scope, context) ?? true
    update(branch) { entry in
      entry.isLeaf = true
      entry.raise(isKept ? .items : .empty, "default", nil)
      guard isKept else { return }
      var key: [String] = []
      for name in rules.key {
        guard let value = row.scope[name], !value.isNull else {
          entry.raise(.layoutBroken, "items.key", "key field '\(name)' is null")
          return
        }
        key.append(value.keyText)
      }
      let item = Item(key: key.joined(separator: "\u{1F}"), branch: branch, fields: row.fields)
      if entry.keys.insert(item.key).inserted {
        entry.items.append(item)
      } else {
        entry.duplicates += 1
      }
    }
  }

  func results(_ spec: SiteSpec) -> [BranchResult] {
    let isOverLimit = entries.values.reduce(0) { $0 + $1.items.count } > RowReader.maxRows
    return order.compactMap { name in
      guard var entry = entries[name], entry.isLeaf, let verdict = entry.verdict else { return nil }
      if verdict.isGood, verdict != .unchanged, let expect = spec.items.expect, !expect.contains(entry.items.count) {
        entry.raise(
          .suspicious, "items.expect",
          "\(entry.items.count) items, expected \(expect.lowerBound)..\(expect.upperBound)")
      }
      if isOverLimit, !entry.items.isEmpty {
        entry.raise(.suspicious, "items", "more than \(RowReader.maxRows) items (limit: items a run)")
      }
      return BranchResult(
        name: name, verdict: entry.verdict ?? verdict, detail: entry.detail, rule: entry.rule,
        items: entry.verdict?.isGood == true ? entry.items : [], duplicates: entry.duplicates,
        rowsHash: StableHash.text(of: entry.items), trace: entry.trace)
    }
  }

  private mutating func update(_ name: BranchName, _ change: (inout Entry) -> Void) {
    if entries[name] == nil { order.append(name) }
    change(&entries[name, default: Entry()])
  }
}

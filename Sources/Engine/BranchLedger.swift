import Language
import PluginHost

/// Collects what the requests and rows of a run say of each branch.
struct BranchLedger: Sendable {
  private struct Entry: Sendable {
    var name: BranchName
    var verdict: Verdict?
    var detail: String?
    var rule = "default"
    var items: [Item] = []
    var keys: Set<ContentHash> = []
    var duplicates = 0
    var trace: [RequestTrace] = []
    /// False while only requests in the middle of the chain went through it.
    var isLeaf = false

    init(_ name: BranchName) { self.name = name }

    /// The most serious verdict of a branch's requests is the branch's.
    mutating func raise(_ verdict: Verdict, _ rule: String, _ detail: String?) {
      if let known = self.verdict, known == verdict || known > verdict { return }
      self.verdict = verdict
      self.rule = rule
      self.detail = detail
    }
  }

  private var entries: [Entry] = []
  private var places: [BranchName: Int] = [:]
  private(set) var rereads: [String] = []

  /// A step's request: ends its branch unless it gave rows.
  mutating func note(_ outcome: StepOutcome) {
    if let step = outcome.reread { rereads.append(step) }
    let place = place(of: outcome.branch)
    entries[place].trace += outcome.trace
    guard outcome.verdict != .items else { return }
    entries[place].isLeaf = true
    entries[place].raise(outcome.verdict, outcome.rule, outcome.detail)
  }

  /// Rows that went through every step: items, unless `keep` leaves them out.
  mutating func note(_ rows: [(row: ChainRow, branch: BranchName)], rules: ItemRules, context: RenderContext) {
    var key: [UInt8] = []
    // Rows come branch by branch: of one branch only, they are as many as its keys.
    let isOfOne = rows.first?.branch == rows.last?.branch
    for (row, branch) in rows {
      let place = place(of: branch)
      if isOfOne, rows.count > 1, entries[place].keys.isEmpty { entries[place].keys.reserveCapacity(rows.count) }
      note(row, place, rules, context, &key)
    }
  }

  /// - Parameter key: What the key is written to; kept from row to row.
  private mutating func note(
    _ row: ChainRow, _ place: Int, _ rules: ItemRules, _ context: RenderContext, _ key: inout [UInt8]
  ) {
    let isKept = rules.keep?.holds(in: row.scope, context) ?? true
    entries[place].isLeaf = true
    entries[place].raise(isKept ? .items : .empty, "default", nil)
    guard isKept else { return }
    key.removeAll(keepingCapacity: true)
    for (index, name) in rules.key.enumerated() {
      guard let value = row.value(of: name) else {
        entries[place].raise(.layoutBroken, "items.key", "key field '\(name)' is null")
        return
      }
      if index > 0 { key.append(0x1F) }
      key.append(contentsOf: value.keyText.utf8)
    }
    var hash = ContentHash()
    hash.combine(key)
    if entries[place].keys.insert(hash).inserted {
      entries[place].items.append(
        Item(key: String(decoding: key, as: UTF8.self), branch: entries[place].name, fields: row.fields))
    } else {
      entries[place].duplicates += 1
    }
  }

  func results(_ spec: SiteSpec) -> [BranchResult] {
    let isOverLimit = entries.reduce(0) { $0 + $1.items.count } > RowReader.maxRows
    return entries.compactMap { entry in
      var entry = entry
      guard entry.isLeaf, let verdict = entry.verdict else { return nil }
      if verdict.isGood, verdict != .unchanged, let expect = spec.items.expect, !expect.contains(entry.items.count) {
        entry.raise(
          .suspicious, "items.expect",
          "\(entry.items.count) items, expected \(expect.lowerBound)..\(expect.upperBound)")
      }
      if isOverLimit, !entry.items.isEmpty {
        entry.raise(.suspicious, "items", "more than \(RowReader.maxRows) items (limit: items a run)")
      }
      return BranchResult(
        name: entry.name, verdict: entry.verdict ?? verdict, detail: entry.detail, rule: entry.rule,
        items: entry.verdict?.isGood == true ? entry.items : [], duplicates: entry.duplicates,
        rowsHash: StableHash.text(of: entry.items), trace: entry.trace)
    }
  }

  /// Rows come branch by branch, so the newest is looked at first.
  private mutating func place(of name: BranchName) -> Int {
    if let last = entries.last, last.name == name { return entries.count - 1 }
    if let known = places[name] { return known }
    entries.append(Entry(name))
    places[name] = entries.count - 1
    return entries.count - 1
  }
}

import Language
import PluginHost

/// One good reading of a branch.
public struct BranchReading: Sendable, Hashable {
  /// After `keep` and `drop`, each key once.
  public var items: [Item]
  /// Items that `drop` removed in this reading.
  public var passed: [Item]

  public init(items: [Item], passed: [Item] = []) {
    self.items = items
    self.passed = passed
  }
}

/// The part of a site's `items:` that decides what is news.
public struct LifeRules: Sendable, Hashable {
  public var track: [String]
  public var reopenAfter: Duration
  public var settle: Duration

  public init(track: [String] = [], reopenAfter: Duration = .zero, settle: Duration = .zero) {
    self.track = track
    self.reopenAfter = reopenAfter
    self.settle = settle
  }
}

/// What a reading means.
public struct BranchDiff: Sendable, Hashable {
  public var changes: [Change]
  /// Records that are new or differ from before.
  public var records: [ItemRecord]

  public init(changes: [Change] = [], records: [ItemRecord] = []) {
    self.changes = changes
    self.records = records
  }
}

/// Snapshot × snapshot → changes. Pure.
///
/// - Items that are new or back are `added`; with ``LifeRules/settle`` only after they were there in every reading for
///   that long. Items that are missing are `removed`, as they were last seen; with `settle` likewise.
/// - An item back sooner than ``LifeRules/reopenAfter`` after it went is open again without a word.
/// - Passed items leave without a change. One that shows again without having been missing is no news; one that was
///   never open leaves no record, so its first showing is.
/// - Changes stand in the order of the reading, `removed` ones after them in the order of the records.
/// - Where the clock was set back, waits start again, and what would depend on a time in the future is news.
///
/// - Parameters:
///   - before: The branch's records, gone ones included. nil for a baseline: everything is open and nothing is news.
public func diff(before: [ItemRecord]?, reading: BranchReading, rules: LifeRules, now: Instant) -> BranchDiff {
  guard let before else { return baseline(of: reading, now: now) }
  let known = Dictionary(before.map { ($0.item.key, $0) }) { first, _ in first }
  let life = Life(rules: rules, now: now)
  var result = BranchDiff()
  var seen: Set<String> = []
  for item in reading.items where seen.insert(item.key).inserted {
    result.add(life.seen(item, before: known[item.key]), before: known[item.key])
  }
  for item in reading.passed where seen.insert(item.key).inserted {
    guard let record = known[item.key] else { continue }
    result.add(life.passed(item, before: record), before: record)
  }
  for record in before where seen.insert(record.item.key).inserted {
    result.add(life.missing(record), before: record)
  }
  return result
}

/// What the end of a branch means: a good parent no longer lists it, so its items are gone. At once: no later reading
/// of the branch will come that could settle it.
public func end(before: [ItemRecord], rules: LifeRules, now: Instant) -> BranchDiff {
  let life = Life(rules: LifeRules(track: rules.track, reopenAfter: rules.reopenAfter), now: now)
  return before.reduce(into: BranchDiff()) { $0.add(life.missing($1), before: $1) }
}

private func baseline(of reading: BranchReading, now: Instant) -> BranchDiff {
  var seen: Set<String> = []
  let items = reading.items.filter { seen.insert($0.key).inserted }
  return BranchDiff(
    changes: [],
    records: items.map {
      ItemRecord(item: $0, state: .open, since: now, firstSeen: now, lastSeen: now, lives: 1)
    })
}

extension BranchDiff {
  fileprivate mutating func add(_ step: Life.Step, before: ItemRecord?) {
    if let change = step.change { changes.append(change) }
    if step.record != before { records.append(step.record) }
  }
}

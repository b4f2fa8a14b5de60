import Language
import PluginHost

/// One good reading of a branch.
public struct BranchReading: Sendable, Hashable {
  /// After `keep` and `drop`, each key once.
  public var items: [Item]
  /// Items that `drop` removed in this reading.
  public var passed: [Item]
  /// Keys of known items that are not in this reading, and that `drop` would have removed if they were.
  public var over: Set<String>

  public init(items: [Item], passed: [Item] = [], over: Set<String> = []) {
    self.items = items
    self.passed = passed
    self.over = over
  }
}

/// The part of a site's `items:` that decides what is news.
public struct LifeRules: Sendable, Hashable {
  public var track: [String]
  public var reopenAfter: Duration
  public var settle: Duration
  /// Whether more than half of what a branch held may go only when the next reading lacks it too. `settle` asks for a
  /// later reading anyway.
  public var confirmsDrops: Bool

  public init(
    track: [String] = [], reopenAfter: Duration = .zero, settle: Duration = .zero, confirmsDrops: Bool = false
  ) {
    self.track = track
    self.reopenAfter = reopenAfter
    self.settle = settle
    self.confirmsDrops = confirmsDrops
  }
}

/// What a reading means.
public struct BranchDiff: Sendable, Hashable {
  public var changes: [Change]
  /// Records that are new or differ from before by more than when they were last seen.
  public var records: [ItemRecord]
  /// Records of items that are there as they were.
  public var seenAgain: [ItemRecord] = []
  /// Items that are open again without a word: people who never heard of them have to.
  public var returned: [Item] = []
  /// Items missing in this reading that the next one decides about.
  public var doubted = 0
  /// Items that the reading before lacked and nobody believed it.
  public var refuted = 0
  /// Items of a branch that ends which are not gone yet.
  public var waiting = 0
  /// Items that are in another state than before, told or not.
  public var moved = 0

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
/// - In a reading that lacks more than half of what the branch held, an item counts as gone only if the reading before
///   lacked it too (``LifeRules/confirmsDrops``).
/// - Missing items that `drop` would have removed leave as passed.
/// - Changes stand in the order of the reading, `removed` ones after them in the order of the records.
/// - Where the clock was set back, waits start again, and what would depend on a time in the future is news.
///
/// - Parameters:
///   - before: The branch's records, gone ones included. nil for a baseline: everything is open and nothing is news.
public func diff(before: [ItemRecord]?, reading: BranchReading, rules: LifeRules, now: Instant) -> BranchDiff {
  guard let before else { return baseline(of: reading, now: now) }
  var keys = ReadingKeys(before, reading)
  let drop = Drop(before: before, isPresent: keys.isPresent, over: reading.over)
  let life = Life(rules: rules, now: now, doubts: rules.confirmsDrops && drop.isDoubtful)
  var result = BranchDiff()
  for (item, key) in zip(reading.items, keys.items) where keys.isFirst(key) {
    let record = keys.record(key, in: before)
    result.add(life.seen(item, before: record), before: record)
  }
  for (item, key) in zip(reading.passed, keys.passed) where keys.isFirst(key) {
    guard let record = keys.record(key, in: before) else { continue }
    result.add(life.passed(item, before: record), before: record)
  }
  for (record, key) in zip(before, keys.before) where keys.isFirst(key) {
    result.add(life.missing(record, isOver: reading.over.contains(record.item.key)), before: record)
  }
  return result
}

/// What the end of a branch means: a good parent no longer lists it, so its items are gone. Readings of the parent settle
/// it: a branch that blinks is no news either, and one that held much has to be left out of two of them. While items are
/// ``BranchDiff/waiting`` it has not ended.
///
/// - Parameters:
///   - over: Keys of items that `drop` would remove now.
///   - doubts: It is left out together with so many others (``lacksMost(_:of:over:)``) that the parent is not believed,
///     however little this branch held.
public func end(
  before: [ItemRecord], over: Set<String> = [], rules: LifeRules, now: Instant, doubts: Bool = false
) -> BranchDiff {
  let drop = Drop(before: before.filter { $0.state == .open }, isPresent: { _ in false }, over: over)
  let life = Life(rules: rules, now: now, doubts: rules.confirmsDrops && (doubts || drop.isDoubtful))
  return before.reduce(into: BranchDiff()) { result, record in
    let step = life.missing(record, isOver: over.contains(record.item.key))
    if step.record.state == .leaving { result.waiting += 1 }
    result.add(step, before: record)
  }
}

/// Whether so much of a watch ends with its branches that one reading of their parents is not believed: a list of services
/// cut in half takes many small branches away.
///
/// - Parameters:
///   - ending: Records of all branches that end. What an earlier reading left out already is no longer doubted.
///   - all: Records of the watch.
public func lacksMost(_ ending: [ItemRecord], of all: [ItemRecord], over: Set<String>) -> Bool {
  let leaving = Set(ending.lazy.filter { $0.state == .open }.map(\.item.key))
  return Drop(before: all, isPresent: { !leaving.contains(all[$0].item.key) }, over: over).isDoubtful
}

private func baseline(of reading: BranchReading, now: Instant) -> BranchDiff {
  var keys = ReadingKeys([], reading)
  var result = BranchDiff()
  for (item, key) in zip(reading.items, keys.items) where keys.isFirst(key) {
    result.records.append(
      ItemRecord(item: item, state: .open, since: now, firstSeen: now, lastSeen: now, lives: 1))
  }
  return result
}

extension BranchDiff {
  fileprivate mutating func add(_ step: Life.Step, before: ItemRecord?) {
    if let change = step.change { changes.append(change) }
    if let before, step.record.isSame(as: before) {
      if step.record.lastSeen == before.lastSeen { return }
      if step.record.isThere { return seenAgain.append(step.record) }
    }
    records.append(step.record)
    if before?.state != step.record.state { moved += 1 }
    switch (before?.state, step.record.state) {
    case (.gone, .open) where step.change == nil, (.passed, .open): returned.append(step.record.item)
    case (.open, .leaving) where step.isDoubted: doubted += 1
    case (.leaving, .open) where step.isDoubted: refuted += 1
    default: break
    }
  }
}

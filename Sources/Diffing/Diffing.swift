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
}

/// Snapshot × snapshot → changes. Pure.
///
/// - Parameters:
///   - before: The branch's records, gone ones included. nil for a baseline: everything is open and nothing is news.
public func diff(before: [ItemRecord]?, reading: BranchReading, rules: LifeRules, now: Instant) -> BranchDiff {
  BranchDiff(changes: [], records: [])
}

/// What the end of a branch means: a good parent no longer lists it, so its items are gone.
public func end(before: [ItemRecord], rules: LifeRules, now: Instant) -> BranchDiff {
  BranchDiff(changes: [], records: [])
}

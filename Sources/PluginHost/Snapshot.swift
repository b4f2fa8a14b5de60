import Language

/// One item's life in one watch, as stored.
public struct ItemRecord: Sendable, Hashable {
  public enum State: String, Sendable, Hashable, CaseIterable {
    /// Seen, and waiting for `settle` before it is news.
    case arriving
    /// Open, and told (or part of the baseline).
    case open
    /// Missing, and waiting for `settle`, or for a reading that confirms it, before that is news.
    case leaving
    /// Missing, and told.
    case gone
    /// Left by `drop`: no change.
    case passed
  }

  /// As last seen.
  public var item: Item
  public var state: State
  /// When it entered the state.
  public var since: Instant
  public var firstSeen: Instant
  /// The last good run that saw it: of what ``isThere``, the last good run of its branch.
  public var lastSeen: Instant
  /// How often it appeared, from 1.
  public var lives: Int

  public init(item: Item, state: State, since: Instant, firstSeen: Instant, lastSeen: Instant, lives: Int) {
    self.item = item
    self.state = state
    self.since = since
    self.firstSeen = firstSeen
    self.lastSeen = lastSeen
    self.lives = lives
  }
}

extension ItemRecord {
  /// The last good reading of its branch had it.
  public var isThere: Bool { state == .open || state == .arriving }

  /// But for when it was last seen.
  public func isSame(as other: ItemRecord) -> Bool {
    state == other.state && since == other.since && firstSeen == other.firstSeen && lives == other.lives
      && item == other.item
  }
}

/// What is known of a branch between runs.
public struct BranchRecord: Sendable, Hashable {
  public var name: BranchName
  /// nil until it was read once: its first good reading is the baseline.
  public var lastGoodAt: Instant?
  /// Of the typed rows of the last good reading.
  public var rowsHash: String?
  public var verdict: Verdict
  public var verdictSince: Instant
  /// Runs in a row that said `gone`.
  public var goneInARow: Int
  /// Whether its parent was listing it when the watch's first good run was stored; a branch listed later is news.
  public var isNews: Bool
  /// Of the rules by which the snapshot's keys were read: edited selectors may give other keys to the same things.
  public var keyRules: String?
  /// Readings that lacked more than half of what was held, and that the next one did not confirm.
  public var ignoredDrops: Int
  /// How often all of its keys were exchanged lately; nil where they never are.
  public var noise: BranchNoise?

  public init(
    name: BranchName, lastGoodAt: Instant?, rowsHash: String?, verdict: Verdict, verdictSince: Instant,
    goneInARow: Int, isNews: Bool, keyRules: String? = nil, ignoredDrops: Int = 0, noise: BranchNoise? = nil
  ) {
    self.name = name
    self.lastGoodAt = lastGoodAt
    self.rowsHash = rowsHash
    self.verdict = verdict
    self.verdictSince = verdictSince
    self.goneInARow = goneInARow
    self.isNews = isNews
    self.keyRules = keyRules
    self.ignoredDrops = ignoredDrops
    self.noise = noise
  }
}

/// Readings in which every key was another one than before.
public struct BranchNoise: Sendable, Hashable {
  /// Within the window that began at ``since``.
  public var count: Int
  public var since: Instant
  /// Of the last reading's keys, and since when every reading had just these.
  public var keys: String
  public var keysSince: Instant

  public init(count: Int, since: Instant, keys: String, keysSince: Instant) {
    self.count = count
    self.since = since
    self.keys = keys
    self.keysSince = keysSince
  }
}

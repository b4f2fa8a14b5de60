import Language

/// One item's life in one watch, as stored.
public struct ItemRecord: Sendable, Hashable {
  public enum State: String, Sendable, Hashable, CaseIterable {
    /// Seen, and waiting for `settle` before it is news.
    case arriving
    /// Open, and told (or part of the baseline).
    case open
    /// Missing, and waiting for `settle` before that is news.
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
  /// The last good run that saw it.
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

  public init(
    name: BranchName, lastGoodAt: Instant?, rowsHash: String?, verdict: Verdict, verdictSince: Instant,
    goneInARow: Int, isNews: Bool
  ) {
    self.name = name
    self.lastGoodAt = lastGoodAt
    self.rowsHash = rowsHash
    self.verdict = verdict
    self.verdictSince = verdictSince
    self.goneInARow = goneInARow
    self.isNews = isNews
  }
}

import Language
import PluginHost

/// What a commit has set in motion.
public struct CommitResult: Sendable, Hashable {
  /// Channels that have something new to send: their workers are to be woken.
  public var channels: Set<String> = []
  public var openedIncidents: [String] = []
  public var closedIncidents: [String] = []
  /// The run ended after its watch was removed: nothing of it was stored, and nobody hears of it.
  public var wasRemoved = false

  public init() {}
}

extension Store {
  /// Stores everything one run changes, or nothing.
  @discardableResult
  public func commit(_ run: RunCommit) throws -> CommitResult {
    try commit([.full(run)])[0] ?? CommitResult()
  }

  /// Several runs in one transaction: one wait for the disk, all of them or none.
  ///
  /// - Returns: A result for each, in their order; nil for a quiet run that is none any more, and was not stored: what
  ///   it builds on has changed.
  /// - Throws: ``ClockWasSet`` where a run was planned under a time that is no more; ``StoreError``.
  public func commit(_ runs: [StorableRun]) throws -> [CommitResult?] {
    guard runs.allSatisfy({ $0.isReplanned || renamed($0.endedAt) == $0.endedAt }) else { throw ClockWasSet() }
    return try db.transaction(durable: runs.contains(where: \.tells), at: .run) {
      let keepsQuiet = care.keepsQuietRuns(diskSpace())
      return try runs.map { run in
        switch run {
        case .full(let run):
          var result = CommitResult()
          result.wasRemoved = try isRemoved(run.watch)
          guard keepsQuiet || run.tells, !result.wasRemoved else { return result }
          var storing = RunStoring(db: db, run: run, keepsBodies: care.keepsBodies)
          try storing.store(&result)
          return result
        case .quiet(let run):
          guard keepsQuiet else { return CommitResult() }
          return try QuietRunStoring(db: db, run: run, keepsBodies: care.keepsBodies).store() ? CommitResult() : nil
        }
      }
    }
  }

  /// A run may end after its watch was removed: it is not stored, and nobody hears of it.
  private func isRemoved(_ watch: String) throws -> Bool {
    try db.first("SELECT 1 FROM watches WHERE id = ? AND removed_at IS NOT NULL", watch) { _ in true } ?? false
  }
}

extension RunCommit {
  /// Whether anybody hears of it, or of what it begins, or must not hear of it twice.
  fileprivate var tells: Bool {
    !changes.isEmpty || movesItems || !deliveries.isEmpty || !greeted.isEmpty || newBaseline || !joinedIncidents.isEmpty
      || !leftIncidents.isEmpty || !endedBranches.isEmpty || !returning.isEmpty || !owed.isEmpty || !paid.isEmpty
  }
}

/// What one transaction of runs is made of.
public enum StorableRun: Sendable {
  case full(RunCommit)
  case quiet(QuietRun)

  fileprivate var tells: Bool { if case .full(let run) = self { run.tells } else { false } }

  fileprivate var isReplanned: Bool { if case .full(let run) = self { run.isReplanned } else { false } }

  fileprivate var endedAt: Instant {
    switch self {
    case .full(let run): run.endedAt
    case .quiet(let run): run.endedAt
    }
  }
}

/// One run's way into the tables, inside the caller's transaction.
struct RunStoring {
  let db: Connection
  let run: RunCommit
  /// With little room a page's body is not worth its bytes: it can be fetched again.
  let keepsBodies: Bool
  private var row: Int64 = 0

  init(db: Connection, run: RunCommit, keepsBodies: Bool = true) {
    self.db = db
    self.run = run
    self.keepsBodies = keepsBodies
  }

  mutating func store(_ result: inout CommitResult) throws {
    row = try storeRun()
    try storeSnapshot()
    let changeRows = try run.changes.map(store)
    var insertion = DeliveryInsertion(
      db: db, watch: run.watch, site: run.site, run: row, now: run.endedAt, changeRows: changeRows)
    try insert(run.deliveries, with: &insertion, &result)
    let returning = try run.returning.compactMap { try ReturnedItems.unheard($0, watch: run.watch, in: db) }
    try insert(returning, with: &insertion, &result)
    var incidents = IncidentStoring(db: db, run: run)
    try incidents.store()
    result.openedIncidents += incidents.opened
    result.closedIncidents += incidents.closed
    for incident in incidents.opened { try insert(run.openingDeliveries[incident] ?? [], with: &insertion, &result) }
    for incident in incidents.closed { try insert(run.closingDeliveries[incident] ?? [], with: &insertion, &result) }
    // A run that told the maintainers, or somebody what was left out, is no quiet one, whatever it looked like before.
    if !(incidents.opened.isEmpty && incidents.closed.isEmpty && returning.isEmpty) {
      try db.run("UPDATE runs SET quiet = 0 WHERE id = ?", row)
    }
    try NewcomerStoring.store(run, in: db)
    try PageStoring(db: db, watch: run.watch, keepsBodies: keepsBodies).store(run.pages, run.stepRows)
    try storeWatchState()
  }

  private func insert(
    _ deliveries: [NewDelivery], with insertion: inout DeliveryInsertion, _ result: inout CommitResult
  ) throws {
    for delivery in deliveries where try insertion.insert(delivery) { result.channels.insert(delivery.channel) }
  }

  /// A new row, or the last run's counted up where this one says the same and tells nobody anything.
  private func storeRun() throws -> Int64 {
    let isQuiet = run.changes.isEmpty && run.deliveries.isEmpty
    let items = run.outcomes.reduce(0) { $0 + $1.itemCount }
    if isQuiet, let last = try quietRunToRepeat() {
      try db.run(
        "UPDATE runs SET started_at = ?, ended_at = ?, items = ?, repeats = repeats + 1 WHERE id = ?", run.startedAt,
        run.endedAt, items, last)
      try db.run("DELETE FROM run_branches WHERE run = ?", last)
      try storeOutcomes(of: last)
      return last
    }
    try db.run(
      """
      INSERT INTO runs (watch, site, spec_version, first_started_at, started_at, ended_at, verdict, items, quiet)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, run.watch, run.site, run.specVersion, run.startedAt, run.startedAt, run.endedAt, run.verdict.rawValue, items,
      isQuiet)
    let row = db.lastInsertedRow
    try storeOutcomes(of: row)
    return row
  }

  private func quietRunToRepeat() throws -> Int64? {
    try db.first(
      """
      SELECT id FROM runs WHERE id = (SELECT max(id) FROM runs WHERE watch = ?)
        AND quiet = 1 AND verdict = ? AND spec_version = ?
      """, run.watch, run.verdict.rawValue, run.specVersion
    ) { $0.integer(0) }
  }

  private func storeOutcomes(of row: Int64) throws {
    for outcome in run.outcomes {
      try db.run(
        """
        INSERT OR REPLACE INTO run_branches (run, branch, verdict, items, detail, trace) VALUES (?, ?, ?, ?, ?, ?)
        """, row, outcome.name.text, outcome.verdict.rawValue, outcome.itemCount, outcome.detail,
        JSONText.write(outcome.trace))
    }
  }

  private func storeSnapshot() throws {
    if run.newBaseline {
      try db.run("DELETE FROM branches WHERE watch = ?", run.watch)
      try db.run("DELETE FROM items WHERE watch = ?", run.watch)
    }
    for branch in run.endedBranches {
      try db.run("DELETE FROM branches WHERE watch = ? AND branch = ?", run.watch, branch.text)
    }
    for branch in run.branches {
      try db.run(
        """
        INSERT OR REPLACE INTO branches (watch, branch, last_good_at, rows_hash, verdict, verdict_since_at,
          gone_in_a_row, is_news, key_rules, ignored_drops, noise)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """, run.watch, branch.name.text, branch.lastGoodAt, branch.rowsHash, branch.verdict.rawValue,
        branch.verdictSince, branch.goneInARow, branch.isNews, branch.keyRules, branch.ignoredDrops,
        branch.noise.map(BranchNoiseText.write))
    }
    for record in run.items {
      try db.run(
        """
        INSERT OR REPLACE INTO items (watch, key, branch, fields, state, since_at, first_seen_at, last_seen_at, lives)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """, run.watch, record.item.key, record.item.branch.text, ItemJSON.text(of: record.item.fields),
        record.state.rawValue, record.since, record.firstSeen, record.lastSeen, record.lives)
    }
  }

  private func store(_ change: Change) throws -> Int64 {
    try db.run(
      "INSERT INTO changes (run, kind, item_key, branch, fields, before) VALUES (?, ?, ?, ?, ?, ?)", row,
      change.kind.rawValue, change.item.key, change.item.branch.text, ItemJSON.text(of: change.item.fields),
      ItemJSON.text(of: change.before))
    return db.lastInsertedRow
  }

  /// The key fields move with the snapshot only: a broken run knows nothing of items.
  private func storeWatchState() throws {
    let isGood = run.branches.contains { $0.verdict.isGood } || run.outcomes.contains { $0.verdict.isGood }
    let keys = isGood || run.newBaseline ? JSONText.write(.array(run.keyFields.map(JSON.string))) : nil
    try db.run(
      """
      INSERT INTO watch_states (watch, site, last_run, last_run_at, last_good_at, verdict, key_fields, next_run_at,
        interval_ms, settled, answers)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?11, ?12)
      ON CONFLICT DO UPDATE SET site = excluded.site, last_run = excluded.last_run, last_run_at = excluded.last_run_at,
        last_good_at = CASE WHEN ?10 THEN excluded.last_good_at ELSE coalesce(excluded.last_good_at, last_good_at) END,
        verdict = excluded.verdict, settled = excluded.settled, answers = excluded.answers,
        key_fields = coalesce(excluded.key_fields, key_fields),
        next_run_at = coalesce(excluded.next_run_at, next_run_at),
        interval_ms = coalesce(excluded.interval_ms, interval_ms)
      """, run.watch, run.site, row, run.startedAt, run.verdict.isGood ? run.endedAt : nil, run.verdict.rawValue, keys,
      run.nextRunAt, run.interval, run.newBaseline, run.settled,
      run.answers)
  }
}

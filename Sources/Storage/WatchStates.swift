import Language
import PluginHost

extension Store {
  /// All that is known of `watch`; an empty state for one that never ran.
  public func state(of watch: String) throws -> WatchState {
    try db.reading {
      var state = try whatWasFound(by: watch)
      state.pages = try pages(of: watch)
      state.stepRows = try stepRows(of: watch)
      return state
    }
  }

  /// What a run of `watch` needs to know before it asks.
  ///
  /// - Parameters:
  ///   - keepsRows: A step of its site has `refresh`.
  ///   - rereads: An outcome of its site has `reread`.
  public func outline(of watch: String, keepsRows: Bool, rereads: Bool) throws -> WatchOutline {
    try db.reading {
      var outline = WatchOutline()
      let found = try db.first(
        """
        SELECT s.settled, s.last_run, r.id IS NOT NULL, s.answers, r.items FROM watch_states s
          LEFT JOIN runs r ON r.id = s.last_run AND r.quiet = 1 AND r.verdict = 'unchanged'
        WHERE s.watch = ?
        """, watch
      ) { row in
        outline.settled = row.textOrNil(0)
        outline.lastRun = row.isNull(1) ? nil : row.integer(1)
        outline.isRepeated = row.flag(2)
        outline.answers = outline.isRepeated && outline.settled != nil ? row.textOrNil(3) : nil
        outline.itemCount = row.int(4)
        return true
      }
      guard found == true else { return outline }
      outline.pages = try pages(of: watch)
      if keepsRows { outline.stepRows = try stepRows(of: watch) }
      if rereads { outline.branches = try branches(of: watch).map(\.record) }
      return outline
    }
  }

  /// What its runs have found: ``state(of:)`` without what only asking needs.
  public func history(of watch: String) throws -> WatchState {
    try db.reading { try whatWasFound(by: watch) }
  }

  private func whatWasFound(by watch: String) throws -> WatchState {
    var state = WatchState()
    let branches = try branches(of: watch)
    state.branches = branches.map(\.record)
    state.items = try items(of: watch, branches)
    try readRuns(of: watch, into: &state)
    state.greeted = Set(
      try db.rows("SELECT subscription FROM subscriptions_greeted WHERE watch = ?", watch) { $0.text(0) })
    state.owed = try NewcomerStoring.owed(db, watch: watch)
    state.openIncidents = try db.rows(
      "SELECT incident, branch FROM incident_members WHERE watch = ? ORDER BY incident, branch", watch
    ) { IncidentMember(incident: $0.text(0), branch: BranchName(text: $0.text(1))) }
    return state
  }

  private func readRuns(of watch: String, into state: inout WatchState) throws {
    let found = try db.first(
      "SELECT last_run_at, last_good_at, key_fields FROM watch_states WHERE watch = ?", watch
    ) { (ran: $0.instantOrNil(0), good: $0.instantOrNil(1), keys: $0.textOrNil(2)) }
    state.lastRunAt = found?.ran
    state.lastGoodAt = found?.good
    guard let text = found?.keys else { return }
    guard case .array(let names)? = JSONText.read(text) else { throw ItemJSON.damage(path) }
    state.keyFields = names.compactMap { if case .string(let name) = $0 { name } else { nil } }
  }

  /// With each branch's name as it is stored.
  private func branches(of watch: String) throws -> [(text: String, record: BranchRecord)] {
    try db.rows(
      """
      SELECT branch, last_good_at, rows_hash, verdict, verdict_since_at, gone_in_a_row, is_news, key_rules,
        ignored_drops, noise
      FROM branches WHERE watch = ? ORDER BY branch
      """, watch
    ) { row in
      guard let verdict = Verdict(rawValue: row.text(3)) else { throw ItemJSON.damage(path) }
      let noise = try row.textOrNil(9).map { text in
        guard let noise = BranchNoiseText.read(text) else { throw ItemJSON.damage(path) }
        return noise
      }
      let text = row.text(0)
      let record = BranchRecord(
        name: BranchName(text: text), lastGoodAt: row.instantOrNil(1), rowsHash: row.textOrNil(2),
        verdict: verdict, verdictSince: row.instant(4), goneInARow: row.int(5), isNews: row.flag(6),
        keyRules: row.textOrNil(7), ignoredDrops: row.int(8), noise: noise)
      return (text, record)
    }
  }

  private func items(of watch: String, _ branches: [(text: String, record: BranchRecord)]) throws -> [ItemRecord] {
    var reading = ItemReading(branches, path: path)
    return try db.rows(ItemReading.query, watch) { row in
      try reading.record(in: row)
    }
  }

  private func pages(of watch: String) throws -> [PageRecord] {
    try db.rows(
      "SELECT request, etag, last_modified, content_type, fetched_at, body FROM pages WHERE watch = ? ORDER BY request",
      watch
    ) { row in
      PageRecord(
        request: row.text(0), validators: Validators(etag: row.textOrNil(1), lastModified: row.textOrNil(2)),
        contentType: row.textOrNil(3), body: row.blob(5), fetchedAt: row.instant(4))
    }
  }

  private func stepRows(of watch: String) throws -> [StepRowsRecord] {
    try db.rows(
      "SELECT request, spec_version, fetched_at, rows FROM step_rows WHERE watch = ? ORDER BY request", watch
    ) { row in
      guard let rows = JSONText.read(row.text(3)) else { throw ItemJSON.damage(path) }
      return StepRowsRecord(
        request: row.text(0), specVersion: row.text(1), fetchedAt: row.instant(2), rows: rows)
    }
  }
}

/// `[count, since, keys, keys_since]`, instants in milliseconds.
enum BranchNoiseText {
  static func write(_ noise: BranchNoise) -> String {
    JSONText.write(
      .array([
        .integer(Int64(noise.count)), .integer(noise.since.milliseconds), .string(noise.keys),
        .integer(noise.keysSince.milliseconds),
      ]))
  }

  static func read(_ text: String) -> BranchNoise? {
    guard case .array(let parts)? = JSONText.read(text), parts.count == 4, case .integer(let count) = parts[0],
      case .integer(let since) = parts[1], case .string(let keys) = parts[2], case .integer(let keysSince) = parts[3]
    else { return nil }
    return BranchNoise(
      count: Int(count), since: Instant(milliseconds: since), keys: keys, keysSince: Instant(milliseconds: keysSince))
  }
}

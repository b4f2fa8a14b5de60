import Language
import PluginHost

/// A run that found what was settled, inside the caller's transaction: three rows instead of the whole snapshot.
///
/// What it leaves behind is what ``RunStoring`` would: the run counted up, or a new one where the last one said something
/// else, and every branch read once more. The trace of a run that is counted up stays the first one's.
struct QuietRunStoring {
  let db: Connection
  let run: QuietRun
  let keepsBodies: Bool

  /// - Returns: False where the watch is not settled as the run believes: nothing is left written.
  func store() throws -> Bool {
    let last = run.outline.lastRun
    if run.outline.isRepeated {
      guard try moveState(to: last) else { return false }
      // Retention keeps every watch's last run; should it not be there, this one is a run of its own.
      if try !countUp() {
        let row = try insertRun()
        try db.run("UPDATE watch_states SET last_run = ? WHERE watch = ?", row, run.watch)
        try insertOutcomes(of: row)
      }
    } else {
      // Its number first, so that the state is written once.
      let row = try insertRun()
      guard try moveState(to: row) else {
        try db.run("DELETE FROM runs WHERE id = ?", row)
        return false
      }
      try insertOutcomes(of: row)
    }
    try db.run(
      """
      UPDATE branches SET last_good_at = ?1, verdict = 'unchanged', gone_in_a_row = 0,
        verdict_since_at = CASE WHEN verdict = 'unchanged' THEN verdict_since_at ELSE ?1 END
      WHERE watch = ?2
      """, run.now, run.watch)
    try PageStoring(db: db, watch: run.watch, keepsBodies: keepsBodies).store(run.pages, run.stepRows)
    return true
  }

  /// - Returns: False where it is not what the run builds on.
  private func moveState(to row: Int64?) throws -> Bool {
    try db.run(
      """
      UPDATE watch_states SET last_run_at = ?1, last_good_at = ?2, verdict = 'unchanged', next_run_at = ?3,
        interval_ms = ?4, answers = ?8, last_run = ?9
      WHERE watch = ?5 AND settled = ?6 AND last_run = ?7
      """, run.startedAt, run.endedAt, run.nextRunAt, run.interval, run.watch, run.settled, run.outline.lastRun,
      run.answers, row) == 1
  }

  private func countUp() throws -> Bool {
    try db.run(
      """
      UPDATE runs SET started_at = ?, ended_at = ?, repeats = repeats + 1 WHERE id = ? AND spec_version = ?
      """, run.startedAt, run.endedAt, run.outline.lastRun, run.specVersion) == 1
  }

  private func insertRun() throws -> Int64 {
    try db.run(
      """
      INSERT INTO runs (watch, site, spec_version, first_started_at, started_at, ended_at, verdict, items, quiet)
      VALUES (?1, ?2, ?3, ?4, ?4, ?5, 'unchanged', ?6, 1)
      """, run.watch, run.site, run.specVersion, run.startedAt, run.endedAt,
      run.outcomes.reduce(0) { $0 + $1.itemCount })
    return db.lastInsertedRow
  }

  private func insertOutcomes(of row: Int64) throws {
    for outcome in run.outcomes {
      try db.run(
        "INSERT INTO run_branches (run, branch, verdict, items, detail, trace) VALUES (?, ?, ?, ?, ?, ?)", row,
        outcome.name.text, outcome.verdict.rawValue, outcome.itemCount, outcome.detail, JSONText.write(outcome.trace))
    }
  }
}

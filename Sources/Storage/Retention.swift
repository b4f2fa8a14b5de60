import Language

/// How long what is over is kept. What is open, waiting or known is never removed.
public struct Retention: Sendable, Hashable {
  /// Ended deliveries with their attempts; dead letters too.
  public var deliveries: Duration = .seconds(30 * 86400)
  /// Runs that told somebody something, with their changes; the last run of a watch stays.
  public var runs: Duration = .seconds(30 * 86400)
  /// Gone items; a `reopen_after` longer than this ends here.
  public var goneItems: Duration = .seconds(14 * 86400)
  /// Items that passed, since they were last seen: most are times that are over and can't come back. While the site lists
  /// one it is kept, or it would be news where `drop` is true no longer.
  public var passedItems: Duration = .seconds(2 * 86400)
  /// Bodies for conditional requests; URLs with a date in them are new every day.
  public var pages: Duration = .seconds(3 * 86400)
  /// Rows of steps with `refresh`.
  public var stepRows: Duration = .seconds(30 * 86400)
  /// Snapshots of watches that were removed; greetings and definitions go with them. Drift and canaries of a site that is
  /// in no file any more, too: until then its file may only have a mistake in it.
  public var removedWatches: Duration = .seconds(30 * 86400)

  public init() {}
}

extension Store {
  /// Removes what is over for long enough, and ends deliveries of all channels that have expired. To be called every
  /// hour or so; the first call after long may take seconds.
  public func prune(now: Instant, retention: Retention = Retention()) throws {
    try db.transaction(durable: true, at: .prune) {
      for channel in try db.rows(
        "SELECT DISTINCT channel FROM deliveries WHERE place IS NOT NULL", read: { $0.text(0) })
      {
        try Queue.expire(db, channel: channel, now: now)
        try Queue.expireLate(db, channel: channel, now: now)
      }
      try db.run("DELETE FROM deliveries WHERE ended_at IS NOT NULL AND ended_at < ?", now - retention.deliveries)
      try db.run("DELETE FROM messages WHERE NOT EXISTS (SELECT 1 FROM deliveries WHERE message = messages.id)")
      try db.run(
        """
        DELETE FROM runs WHERE ended_at < ?
          AND id NOT IN (SELECT last_run FROM watch_states WHERE last_run IS NOT NULL)
          AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.run = runs.id)
        """, now - retention.runs)
      try db.run("DELETE FROM items WHERE state = 'gone' AND since_at < ?", now - retention.goneItems)
      let passed = now - retention.passedItems
      // `since_at` is the index's; nothing passed was last seen before it passed.
      try db.run("DELETE FROM items WHERE state = 'passed' AND since_at < ? AND last_seen_at < ?", passed, passed)
      try db.run("DELETE FROM pages WHERE fetched_at < ?", now - retention.pages)
      try db.run("DELETE FROM step_rows WHERE fetched_at < ?", now - retention.stepRows)
      try db.run("DELETE FROM spending WHERE day_at < ?", now - retention.deliveries)
      try db.run("DELETE FROM incidents WHERE closed_at < ?", now - retention.runs)
      try forgetWatches("removed_at < ?", now - retention.removedWatches)
      let removed = now - retention.removedWatches
      try db.run("DELETE FROM drift WHERE missing_since_at < ?", removed)
      try db.run("DELETE FROM canaries WHERE missing_since_at < ?", removed)
      // Of watches that ran and were never defined, too.
      try db.run(
        """
        DELETE FROM kept_bodies WHERE kept_at < ? AND watch NOT IN (SELECT id FROM watches WHERE removed_at IS NULL)
        """, removed)
    }
  }

  /// - Parameter condition: SQL of our own, over `watches`.
  func forgetWatches(_ condition: String, _ values: any SQLBindable...) throws {
    for watch in try db.rows("SELECT id FROM watches WHERE \(condition)", of: values, read: { $0.text(0) }) {
      for table in [
        "branches", "items", "pages", "step_rows", "kept_bodies", "subscriptions_greeted",
        "greetings_owed", "watch_states",
      ] {
        try db.run("DELETE FROM \(table) WHERE watch = ?", watch)
      }
      try db.run("DELETE FROM watches WHERE id = ?", watch)
    }
  }
}

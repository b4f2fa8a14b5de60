import Language
import PluginHost

/// What an origin asked for, or how it failed, for the processes to come.
public struct OriginRecord: Sendable, Hashable {
  public var origin: String
  /// When this became known.
  public var toldAt: Instant
  /// `Retry-After`, or our own pause after a refusal.
  public var silentUntil: Instant
  /// The breaker's.
  public var closedUntil: Instant
  public var failures: Int
  public var pauses: Int

  public init(
    origin: String, toldAt: Instant, silentUntil: Instant, closedUntil: Instant, failures: Int, pauses: Int
  ) {
    self.origin = origin
    self.toldAt = toldAt
    self.silentUntil = silentUntil
    self.closedUntil = closedUntil
    self.failures = failures
    self.pauses = pauses
  }
}

extension Store {
  /// Written when an origin refuses or its breaker opens, not with each request.
  public func rememberOrigin(_ record: OriginRecord) throws {
    try db.transaction(durable: false, at: .definition) {
      _ = try db.run(
        """
        INSERT OR REPLACE INTO origins (origin, told_at, silent_until_at, closed_until_at, failures, pauses)
        VALUES (?, ?, ?, ?, ?, ?)
        """, record.origin, record.toldAt, record.silentUntil, record.closedUntil, record.failures, record.pauses)
    }
  }

  /// The origin works again.
  public func forgetOrigin(_ origin: String) throws {
    try db.transaction(durable: false, at: .definition) {
      _ = try db.run("DELETE FROM origins WHERE origin = ?", origin)
    }
  }

  /// What is known of origins; whose time was over two days ago has been forgotten.
  public func origins(now: Instant) throws -> [OriginRecord] {
    try db.transaction(durable: false, at: .definition) {
      try db.run(
        "DELETE FROM origins WHERE silent_until_at < ?1 AND closed_until_at < ?1", now - .seconds(2 * 86_400))
      return try db.rows(
        "SELECT origin, told_at, silent_until_at, closed_until_at, failures, pauses FROM origins ORDER BY origin"
      ) { row in
        OriginRecord(
          origin: row.text(0), toldAt: row.instant(1), silentUntil: row.instant(2), closedUntil: row.instant(3),
          failures: row.int(4), pauses: row.int(5))
      }
    }
  }

  /// Whether any watch ever ran on this store.
  public func hasRun() throws -> Bool { try db.first("SELECT 1 FROM watch_states LIMIT 1") { _ in true } ?? false }
}

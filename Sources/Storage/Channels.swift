import Language

/// How a channel is, as far as its answers and the operator have said.
public struct ChannelHealth: Sendable, Hashable {
  public enum State: String, Sendable, Hashable, CaseIterable {
    case active
    /// Can't send now (no credit): tried again at ``ChannelHealth/until``.
    case paused
    /// Set up wrongly: tried again when its configuration changes.
    case misconfigured
  }

  public var name: String
  public var state: State
  public var until: Instant?
  public var reason: String?
  /// The provider's words, scrubbed.
  public var detail: String?
  public var since: Instant
}

enum Channels {
  /// A channel that paused without saying for how long is tried again after this; found by judgement: credit is bought
  /// by a person.
  static let defaultPause: Duration = .seconds(600)

  static func health(_ db: Connection, name: String) throws -> ChannelHealth? {
    try db.first(
      "SELECT name, state, until_at, reason, detail, since_at FROM channels WHERE name = ?", name, read: read)
  }

  static func all(_ db: Connection) throws -> [ChannelHealth] {
    try db.rows("SELECT name, state, until_at, reason, detail, since_at FROM channels ORDER BY name", read: read)
  }

  private static func read(_ row: Row) throws -> ChannelHealth {
    ChannelHealth(
      name: row.text(0), state: ChannelHealth.State(rawValue: row.text(1)) ?? .active, until: row.instantOrNil(2),
      reason: row.textOrNil(3), detail: row.textOrNil(4), since: row.instant(5))
  }

  /// Whether anything may be handed out; a pause whose time is over ends here.
  static func mayCarry(_ db: Connection, name: String, now: Instant) throws -> Bool {
    guard let health = try health(db, name: name) else { return true }
    switch health.state {
    case .active: return true
    case .misconfigured: return false
    case .paused:
      if let until = health.until, until > now { return false }
      try activate(db, name: name, now: now)
      return true
    }
  }

  static func activate(_ db: Connection, name: String, now: Instant) throws {
    try db.run(
      """
      UPDATE channels SET state = 'active', until_at = NULL, reason = NULL, detail = NULL, since_at = ?
      WHERE name = ? AND state <> 'active'
      """, now, name)
  }

  static func set(
    _ db: Connection, name: String, state: ChannelHealth.State, until: Instant?, reason: String, detail: String?,
    now: Instant
  ) throws {
    try db.run(
      """
      INSERT INTO channels (name, state, until_at, reason, detail, since_at) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET since_at = CASE WHEN state = excluded.state THEN since_at ELSE excluded.since_at END,
        state = excluded.state, until_at = excluded.until_at, reason = excluded.reason, detail = excluded.detail
      """, name, state.rawValue, until, reason, detail, now)
  }
}

extension Store {
  /// Says how a channel is configured now, at start and after each reload. A channel that was misconfigured or paused
  /// is tried again when its configuration is another than before.
  ///
  /// - Parameter configHash: Of all settings; never the settings themselves. nil: an operator says "try again".
  /// - Returns: Whether that ended a pause or a misconfiguration.
  @discardableResult
  public func resumeChannel(_ name: String, configHash: String?, now: Instant) throws -> Bool {
    try db.transaction(durable: true, at: .definition) {
      let before = try db.first("SELECT state, config_hash FROM channels WHERE name = ?", name) {
        (state: $0.text(0), hash: $0.textOrNil(1))
      }
      try db.run(
        """
        INSERT INTO channels (name, state, since_at, config_hash) VALUES (?, 'active', ?, ?)
        ON CONFLICT DO UPDATE SET config_hash = coalesce(excluded.config_hash, config_hash)
        """, name, now, configHash)
      guard let before, before.state != "active", configHash == nil || configHash != before.hash else { return false }
      try Channels.activate(db, name: name, now: now)
      return true
    }
  }
}

extension Store {
  /// Channels of which something was ever heard.
  public func channelHealths() throws -> [ChannelHealth] { try Channels.all(db) }
}

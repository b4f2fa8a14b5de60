import Language
import PluginHost

/// How things stand: what `status` prints.
public struct StoreStatus: Sendable {
  public struct Watch: Sendable, Hashable {
    public var id: String
    public var site: String
    public var lastRunAt: Instant?
    public var lastGoodAt: Instant?
    public var verdict: Verdict?
    /// Since when every run said that.
    public var verdictSince: Instant?
    public var nextRunAt: Instant?
    public var openItems: Int
    /// Of ``openItems``: missing, and not believed to be gone yet.
    public var leavingItems = 0
    /// Readings that lacked more than half of what was held, and that the next one did not confirm.
    public var ignoredDrops = 0
    /// As it was asked for; nil for a watch that is not defined.
    public var every: Duration?
    /// What that comes to within the limits of its origins; nil until it ran.
    public var interval: Duration?
    /// Whether its limits make it run less often than was asked for.
    public var isStretched: Bool { (interval ?? .zero) > (every ?? .zero) && every != nil }
  }

  public struct Channel: Sendable, Hashable {
    public var name: String
    /// nil while nothing was ever heard of it.
    public var health: ChannelHealth?
    /// Waiting or being sent.
    public var queued: Int
    public var oldest: Instant?
    public var dead: Int
    public var expired: Int
    public var delivered: Int
  }

  public struct Recipient: Sendable, Hashable {
    public var channel: String
    public var address: String
    public var isGone: Bool
    public var movedTo: String?
    public var reason: String?
    public var since: Instant
  }

  public struct Incident: Sendable, Hashable {
    public var key: String
    public var openedAt: Instant
    /// Watches in it.
    public var watches: [String]
    /// What is wrong, where the key alone does not say it.
    public var detail: String?
  }

  public var watches: [Watch]
  public var channels: [Channel]
  /// Those of whom there is something to say.
  public var recipients: [Recipient]
  public var incidents: [Incident]
  /// The disk, seen from outside.
  public var storage: StoreHealth
  public var drift: [DriftRecord] = []
  public var canaries: [CanaryRecord] = []
}

extension Store {
  public func status() throws -> StoreStatus {
    try db.reading {
      let incidents = try incidentStatus()
      return StoreStatus(
        watches: try watchStatus(), channels: try channelStatus(), recipients: try recipientStatus(),
        incidents: incidents, storage: healthFromOutside(openIncidents: incidents.map(\.key)), drift: try drift(),
        canaries: try canaries())
    }
  }

  /// Watches that are defined, and those that ran and were never removed (a run does not wait for a definition).
  private func watchStatus() throws -> [StoreStatus.Watch] {
    try db.rows(
      """
      WITH known (id, site) AS (
        SELECT id, site FROM watches WHERE removed_at IS NULL
        UNION SELECT watch, site FROM watch_states WHERE watch NOT IN (SELECT id FROM watches))
      SELECT k.id, k.site, s.last_run_at, s.last_good_at, s.verdict, r.first_started_at, s.next_run_at,
        (SELECT count(*) FROM items i WHERE i.watch = k.id AND i.state IN ('open', 'leaving')),
        (SELECT count(*) FROM items i WHERE i.watch = k.id AND i.state = 'leaving'),
        (SELECT coalesce(sum(ignored_drops), 0) FROM branches b WHERE b.watch = k.id),
        (SELECT every_ms FROM watches w WHERE w.id = k.id), s.interval_ms
      FROM known k LEFT JOIN watch_states s ON s.watch = k.id LEFT JOIN runs r ON r.id = s.last_run
      ORDER BY k.site, k.id
      """
    ) { row in
      StoreStatus.Watch(
        id: row.text(0), site: row.text(1), lastRunAt: row.instantOrNil(2), lastGoodAt: row.instantOrNil(3),
        verdict: row.textOrNil(4).flatMap(Verdict.init(rawValue:)), verdictSince: row.instantOrNil(5),
        nextRunAt: row.instantOrNil(6), openItems: row.int(7), leavingItems: row.int(8), ignoredDrops: row.int(9),
        every: row.durationOrNil(10), interval: row.durationOrNil(11))
    }
  }

  private func channelStatus() throws -> [StoreStatus.Channel] {
    let health = Dictionary(try Channels.all(db).map { ($0.name, $0) }) { _, last in last }
    var found = try db.rows(
      """
      SELECT channel, sum(state IN ('pending', 'leased')),
        min(CASE WHEN state IN ('pending', 'leased') THEN created_at END),
        sum(state = 'dead'), sum(state = 'expired'), sum(state = 'delivered')
      FROM deliveries GROUP BY channel
      """
    ) { row in
      StoreStatus.Channel(
        name: row.text(0), health: health[row.text(0)], queued: row.int(1), oldest: row.instantOrNil(2),
        dead: row.int(3), expired: row.int(4), delivered: row.int(5))
    }
    let named = Set(found.map(\.name))
    found += health.values.filter { !named.contains($0.name) }.map {
      StoreStatus.Channel(name: $0.name, health: $0, queued: 0, oldest: nil, dead: 0, expired: 0, delivered: 0)
    }
    return found.sorted { $0.name < $1.name }
  }

  private func recipientStatus() throws -> [StoreStatus.Recipient] {
    try db.rows(
      """
      SELECT channel, address, state, moved_to, reason, since_at FROM recipients
      WHERE state = 'gone' OR moved_to IS NOT NULL ORDER BY channel, address
      """
    ) { row in
      StoreStatus.Recipient(
        channel: row.text(0), address: row.text(1), isGone: row.text(2) == "gone", movedTo: row.textOrNil(3),
        reason: row.textOrNil(4), since: row.instant(5))
    }
  }

  private func incidentStatus() throws -> [StoreStatus.Incident] {
    try db.rows(
      "SELECT incident, opened_at, detail FROM incidents WHERE closed_at IS NULL ORDER BY opened_at, incident"
    ) {
      ($0.text(0), $0.instant(1), $0.textOrNil(2))
    }.map { key, openedAt, detail in
      StoreStatus.Incident(
        key: key, openedAt: openedAt,
        watches: try db.rows("SELECT DISTINCT watch FROM incident_members WHERE incident = ? ORDER BY watch", key) {
          $0.text(0)
        }, detail: detail)
    }
  }
}

import Language
import PluginHost

/// How full the outbox is, for metrics.
public struct OutboxFigures: Sendable, Hashable {
  public struct Channel: Sendable, Hashable {
    public var name: String
    /// Waiting or being sent.
    public var queued: Int
    public var oldest: Instant?
    public var dead: Int

    public init(name: String, queued: Int, oldest: Instant?, dead: Int) {
      self.name = name
      self.queued = queued
      self.oldest = oldest
      self.dead = dead
    }
  }

  /// Those of whom something waits, has died, or was heard.
  public var channels: [Channel]
  public var openIncidents: Int
}

extension Store {
  /// Cheap enough for every few seconds: of deliveries only those that wait are read.
  ///
  /// - Parameter dead: By channel, where that is known from a moment ago: counting it reads all deliveries that are kept.
  public func outboxFigures(dead: [String: Int]?) throws -> OutboxFigures {
    try db.reading {
      let dead = try dead ?? countDead()
      var found = try db.rows(Statements.openByChannel) { row in
        OutboxFigures.Channel(
          name: row.text(0), queued: row.int(1), oldest: row.instantOrNil(2), dead: dead[row.text(0)] ?? 0)
      }
      let waiting = Set(found.map(\.name))
      let known = Set(try Channels.all(db).map(\.name)).union(dead.keys).subtracting(waiting)
      found += known.map { OutboxFigures.Channel(name: $0, queued: 0, oldest: nil, dead: dead[$0] ?? 0) }
      let incidents = try db.first("SELECT count(*) FROM incidents WHERE closed_at IS NULL") { $0.int(0) } ?? 0
      return OutboxFigures(channels: found.sorted { $0.name < $1.name }, openIncidents: incidents)
    }
  }

  private func countDead() throws -> [String: Int] {
    let counts = try db.rows("SELECT channel, count(*) FROM deliveries WHERE state = 'dead' GROUP BY channel") {
      ($0.text(0), $0.int(1))
    }
    return Dictionary(uniqueKeysWithValues: counts)
  }
}

extension Statements {
  /// What is open on each channel: read by an index of the open ones. Numbers rise with creation, so the least one is the
  /// oldest.
  static let openByChannel = """
    SELECT w.channel, w.queued, (SELECT created_at FROM deliveries d WHERE d.number = w.first)
    FROM (SELECT channel, count(*) AS queued, min(number) AS first
      FROM deliveries WHERE place IS NOT NULL GROUP BY channel) w
    """
}

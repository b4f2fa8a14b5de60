import Language
import PluginHost

/// Incidents that no run makes: of channels, of the store. Told once when they open, once when they end, over restarts
/// too, because the row of the incident and the messages are one transaction.
extension Store {
  /// Open incidents, also those of runs, with their start.
  public func openIncidents() throws -> [String: Instant] {
    let open = try db.rows("SELECT incident, opened_at FROM incidents WHERE closed_at IS NULL") {
      ($0.text(0), $0.instant(1))
    }
    return Dictionary(open) { first, _ in first }
  }

  /// - Parameter detail: What is wrong, for `status`.
  /// - Returns: The channels whose workers are to be woken; nil where the incident was open already.
  public func openIncident(
    _ incident: String, detail: String? = nil, telling deliveries: [NewDelivery], now: Instant
  ) throws -> Set<String>? {
    try db.transaction(durable: true) {
      let isNew = try db.run(
        "INSERT INTO incidents (incident, opened_at, detail) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", incident, now,
        detail)
      guard isNew > 0 else { return nil }
      return try insert(deliveries, now)
    }
  }

  /// - Returns: nil where no such incident was open.
  public func closeIncident(_ incident: String, telling deliveries: [NewDelivery], now: Instant) throws -> Set<String>?
  {
    try db.transaction(durable: true) {
      let ended = try db.run(
        "UPDATE incidents SET closed_at = ?2 WHERE incident = ?1 AND closed_at IS NULL", incident, now)
      guard ended > 0 else { return nil }
      return try insert(deliveries, now)
    }
  }

  private func insert(_ deliveries: [NewDelivery], _ now: Instant) throws -> Set<String> {
    var insertion = DeliveryInsertion(db: db, watch: "", site: "", run: nil, now: now)
    return try insertion.insert(all: deliveries)
  }
}

/// A recipient whom a channel proved to be gone, and of whom the maintainers have not heard.
public struct GoneRecipient: Sendable, Hashable {
  public var channel: String
  public var address: String
  public var reason: String?
  public var since: Instant
}

extension Store {
  public func goneUntold(limit: Int) throws -> [GoneRecipient] {
    try db.rows(
      """
      SELECT channel, address, reason, since_at FROM recipients WHERE state = 'gone' AND told_at IS NULL
      ORDER BY since_at, channel, address LIMIT ?
      """, limit
    ) { row in
      GoneRecipient(channel: row.text(0), address: row.text(1), reason: row.textOrNil(2), since: row.instant(3))
    }
  }

  /// Notes that the maintainers hear of these, with the messages that tell them.
  public func tell(gone: [GoneRecipient], with deliveries: [NewDelivery], now: Instant) throws -> Set<String> {
    try db.transaction(durable: true) {
      for recipient in gone {
        try db.run(
          "UPDATE recipients SET told_at = ? WHERE channel = ? AND address = ?", now, recipient.channel,
          recipient.address)
      }
      return try insert(deliveries, now)
    }
  }
}

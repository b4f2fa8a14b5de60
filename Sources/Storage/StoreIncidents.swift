import Language
import PluginHost

/// What the store says of itself to the maintainers: once when trouble starts, once when it ends, over restarts too,
/// because an incident's row and the messages about it are one transaction.
extension Store {
  /// - Returns: The channels whose workers are to be woken; nil where it was open already.
  public func open(incident: String, telling deliveries: [NewDelivery], now: Instant) throws -> Set<String>? {
    try db.transaction(durable: true) {
      let isNew = try db.run(
        "INSERT INTO incidents (incident, opened_at) VALUES (?, ?) ON CONFLICT DO NOTHING", incident, now)
      return isNew > 0 ? try tell(deliveries, now) : nil
    }
  }

  /// - Returns: nil where none was open.
  public func close(incident: String, telling deliveries: [NewDelivery], now: Instant) throws -> Set<String>? {
    try db.transaction(durable: true) {
      let ended = try db.run(
        "UPDATE incidents SET closed_at = ?2 WHERE incident = ?1 AND closed_at IS NULL", incident, now)
      return ended > 0 ? try tell(deliveries, now) : nil
    }
  }

  private func tell(_ deliveries: [NewDelivery], _ now: Instant) throws -> Set<String> {
    var insertion = DeliveryInsertion(db: db, watch: "", site: "", run: nil, now: now)
    return Set(try deliveries.filter { try insertion.insert($0) }.map(\.channel))
  }
}

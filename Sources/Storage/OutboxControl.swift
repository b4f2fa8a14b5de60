import Language
import PluginHost

/// What operators and recipients may do to the outbox.
extension Store {
  /// Puts deliveries into the outbox that no run made: tests, maintainers' news of channels and of the store.
  ///
  /// - Returns: The channels whose workers are to be woken.
  @discardableResult
  public func enqueue(_ deliveries: [NewDelivery], watch: String, site: String, now: Instant) throws -> Set<String> {
    try db.transaction(durable: true) {
      var insertion = DeliveryInsertion(db: db, watch: watch, site: site, run: nil, now: now)
      return Set(try deliveries.filter { try insertion.insert($0) }.map(\.channel))
    }
  }

  /// One of ``retry(deliveries:now:isRehearsal:)``: whether it was possible.
  public func retry(delivery id: String, now: Instant) throws -> Bool {
    try retry(deliveries: [id], now: now).allSatisfy { $0.refusal == nil }
  }

  /// One of ``drop(deliveries:now:isRehearsal:)``: whether it was possible.
  public func drop(delivery id: String, now: Instant) throws -> Bool {
    try drop(deliveries: [id], now: now).allSatisfy { $0.refusal == nil }
  }

  /// A recipient who was gone is back: what comes from now on is sent again.
  public func reviveRecipient(channel: String, address: String) throws {
    try db.transaction(durable: true) {
      _ = try db.run(
        "DELETE FROM recipients WHERE channel = ? AND address = ? AND state = 'gone'", channel, address)
    }
  }
}

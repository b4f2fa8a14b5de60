import Language
import PluginHost

extension Store {
  /// Puts deliveries into the outbox that no run made: tests, maintainers' news of channels and of the store.
  ///
  /// - Returns: The channels whose workers are to be woken.
  @discardableResult
  public func enqueue(_ deliveries: [NewDelivery], watch: String, site: String, now: Instant) throws -> Set<String> {
    try db.transaction(durable: true) {
      var insertion = DeliveryInsertion(db: db, watch: watch, site: site, run: nil, now: now)
      return try insertion.insert(all: deliveries)
    }
  }
}

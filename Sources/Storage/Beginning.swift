import Language
import PluginHost

extension Store {
  public func leaseUnbegun(channel: String, limit: Int, now: Instant, until: Instant) throws -> [LeasedDelivery] {
    try lease(channel: channel, limit: limit, now: now, until: until, unbegun: true)
  }

  /// Ids of deliveries that are leased and surely not sent yet.
  public func unbegun() throws -> Set<String> {
    Set(try db.rows("SELECT id FROM deliveries WHERE state = 'leased' AND unbegun = 1") { $0.text(0) })
  }

  public func begin(_ deliveries: [LeasedDelivery]) throws {
    try db.transaction(durable: true, at: .begin) {
      for delivery in deliveries {
        try db.run(
          "UPDATE deliveries SET unbegun = 0 WHERE id = ? AND state = 'leased' AND attempt = ?", delivery.id,
          delivery.attempt)
      }
    }
  }
}

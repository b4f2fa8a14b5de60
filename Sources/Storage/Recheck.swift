import Language
import PluginHost

extension Store {
  /// Each goes back as if never leased and is leased again in the same transaction, so that what is asked before a late
  /// send is what is asked before every send.
  public func recheck(_ deliveries: [LeasedDelivery], now: Instant) throws -> [LeasedDelivery] {
    let now = renamed(now)
    return try db.transaction(durable: true, at: .lease) {
      var going: [LeasedDelivery] = []
      for delivery in deliveries {
        let held = try db.first(
          "SELECT lease_until_at, unbegun FROM deliveries WHERE id = ? AND state = 'leased' AND attempt = ?",
          delivery.id, delivery.attempt
        ) { (until: $0.instant(0), unbegun: $0.flag(1)) }
        // Its lease ran out meanwhile: whoever holds it now sends it.
        guard let held else { continue }
        try putBack(delivery)
        let candidate = try db.first(
          Statements.candidate + " WHERE id = ?", delivery.id, read: Leases.candidate)
        let again = try candidate.flatMap {
          try lease($0, of: delivery.channel, now: now, until: held.until, unbegun: held.unbegun)
        }
        if let again { going.append(again) }
      }
      return going
    }
  }

  /// As if never leased; not the queue's putBack: it was in front and stays there.
  func putBack(_ delivery: LeasedDelivery) throws {
    try db.run(
      """
      UPDATE deliveries SET state = 'pending', lease_until_at = NULL, open_attempt = NULL, attempt = attempt - 1
      WHERE id = ? AND state = 'leased' AND attempt = ?
      """, delivery.id, delivery.attempt)
  }
}

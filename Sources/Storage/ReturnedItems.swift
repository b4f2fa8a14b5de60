import Language
import PluginHost

/// Items that are open again without being news (`reopen_after`), for whoever was never told that they were open: the
/// message had to leave them out, because they were gone when its turn came.
enum ReturnedItems {
  /// - Returns: The delivery with the lines that its subscription is still to hear; nil without any.
  static func unheard(_ delivery: NewDelivery, watch: String, in db: Connection) throws -> NewDelivery? {
    var rest = delivery
    rest.message.lines = []
    rest.lineEnds = []
    for (index, line) in delivery.message.lines.enumerated() {
      guard let key = line.itemKey, try isUnheard(key, by: delivery.subscription, watch: watch, in: db) else {
        continue
      }
      rest.message.lines.append(line)
      rest.lineEnds.append(delivery.lineEnds.indices.contains(index) ? delivery.lineEnds[index] : nil)
    }
    return rest.message.lines.isEmpty ? nil : rest
  }

  /// The newest line that was to tell them of the item decides: shown, it was told or will be, or its time has passed.
  private static func isUnheard(
    _ key: String, by subscription: String, watch: String, in db: Connection
  ) throws -> Bool {
    let newest = try db.first(
      """
      SELECT l.delivery FROM delivery_lines l JOIN deliveries d ON d.number = l.delivery
      WHERE l.item_key = ?1 AND l.state = 'withdrawn' AND l.late = 0 AND l.kind IS NOT 'removed'
        AND d.watch = ?2 AND d.subscription = ?3 AND d.state <> 'cancelled'
      ORDER BY l.delivery DESC LIMIT 1
      """, key, watch, subscription
    ) { $0.integer(0) }
    guard let newest else { return false }
    // Two lookups, one for each index: what is open, and what was delivered since.
    let later = try db.first(
      """
      SELECT 1 FROM deliveries d JOIN delivery_lines l ON l.delivery = d.number
      WHERE d.subscription = ?1 AND d.place IS NOT NULL AND d.watch = ?2 AND d.number >= ?3 AND l.item_key = ?4
        AND l.kind IS NOT 'removed' AND l.state = 'shown'
      UNION ALL
      SELECT 1 FROM deliveries d JOIN delivery_lines l ON l.delivery = d.number
      WHERE d.subscription = ?1 AND d.state = 'delivered' AND d.watch = ?2 AND d.number >= ?3
        AND l.item_key = ?4 AND l.kind IS NOT 'removed' AND l.state = 'shown'
      LIMIT 1
      """, subscription, watch, newest, key
    ) { _ in true }
    return later == nil
  }
}

import Language

/// What counts from a moment in an item's life, where the clock was set. In the transaction of
/// ``Store/clockWasSet(by:)``, after what waits to be sent.
enum ItemClock {
  static func move(_ db: Connection, by step: Duration) throws {
    // `settle` and `reopen_after` go on where they were. An open item's time is for people only.
    try db.run("UPDATE items SET since_at = since_at + ? WHERE state IN ('arriving', 'leaving', 'gone')", step)
    // A newcomer is owed what was last seen before their greeting: both move. Items of alerts that wait have moved.
    try db.run(
      """
      UPDATE items SET last_seen_at = last_seen_at + ? WHERE watch IN (SELECT watch FROM greetings_owed)
        AND NOT EXISTS (SELECT 1 FROM deliveries d JOIN delivery_lines l ON l.delivery = d.number
          WHERE d.place IS NOT NULL AND d.watch = items.watch AND l.item_key = items.key)
      """, step)
    try db.run("UPDATE greetings_owed SET since_at = since_at + ?", step)
  }
}

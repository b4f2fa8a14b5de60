import Language

/// What counts from a moment in an item's life, where the clock was set. In the transaction of
/// ``Store/clockWasSet(by:)``.
enum ItemClock {
  static func move(_ db: Connection, by step: Duration) throws {
    // `settle` and `reopen_after` go on where they were. An open item's time is for people only.
    try db.run("UPDATE items SET since_at = since_at + ? WHERE state IN ('arriving', 'leaving', 'gone')", step)
    // What waits to be told is as fresh as it was. A newcomer is owed what was last seen before their greeting: both move.
    try db.run(
      """
      UPDATE items SET last_seen_at = last_seen_at + ? WHERE watch IN (SELECT watch FROM greetings_owed)
        OR (watch, key) IN (SELECT d.watch, l.item_key FROM deliveries d JOIN delivery_lines l ON l.delivery = d.number
          WHERE d.place IS NOT NULL AND l.item_key IS NOT NULL)
      """, step)
    try db.run(
      """
      UPDATE branches SET last_good_at = last_good_at + ? WHERE watch IN (SELECT watch FROM greetings_owed
        UNION SELECT watch FROM deliveries WHERE place IS NOT NULL)
      """, step)
    try db.run("UPDATE greetings_owed SET since_at = since_at + ?", step)
  }
}

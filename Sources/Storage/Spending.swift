import Language
import PluginHost

/// What channels with a budget have spent: set aside before a send and given back where it surely was not accepted, so
/// that a crash in between spends at most too little.
extension Store {
  public func reserve(_ cost: Spending, upTo count: Int, channel: String, budget: Budget, day: Instant) throws -> Int {
    try db.transaction(durable: true) {
      let granted = min(count, budget.room(for: cost, beside: try spent(channel, day)))
      if granted > 0 { try spend(cost, times: granted, channel, day) }
      return granted
    }
  }

  public func refund(_ cost: Spending, count: Int, channel: String, day: Instant) throws {
    try db.transaction(durable: true) { try spend(cost, times: -count, channel, day) }
  }

  /// What a channel with a budget spent on the day that begins at `day` (UTC).
  public func spent(channel: String, day: Instant) throws -> Spending { try spent(channel, day) }

  private func spent(_ channel: String, _ day: Instant) throws -> Spending {
    try db.first("SELECT messages, parts FROM spending WHERE channel = ? AND day_at = ?", channel, day) {
      Spending(messages: $0.int(0), parts: $0.int(1))
    } ?? Spending(messages: 0, parts: 0)
  }

  private func spend(_ cost: Spending, times: Int, _ channel: String, _ day: Instant) throws {
    try db.run(
      """
      INSERT INTO spending (channel, day_at, messages, parts) VALUES (?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET messages = messages + excluded.messages, parts = parts + excluded.parts
      """, channel, day, cost.messages * times, cost.parts * times)
  }
}

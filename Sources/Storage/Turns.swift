import Language
import PluginHost

/// Who is served next on a channel: by turns the freshest news of all, and the oldest of one watch after the other.
///
/// Fresh news does not wait behind a backlog, and no backlog waits for ever: of two events the smaller one is told
/// within seconds, whichever came first, and who waits longest within a watch gets half of its turns.
struct Turns {
  private var isWatchTurn = false
  private var lastWatch: String?

  mutating func next(_ db: Connection, channel: String) throws -> Leases.Candidate? {
    defer { isWatchTurn.toggle() }
    guard isWatchTurn else { return try Leases.candidates(db, channel: channel, limit: 1).first }
    guard let watch = try following(db, channel: channel) else { return nil }
    lastWatch = watch
    return try db.first(Statements.oldestOfWatch, channel, watch, read: Leases.candidate)
  }

  /// The watch after the last one, round and round; maintainers' news belong to the watch ''.
  private func following(_ db: Connection, channel: String) throws -> String? {
    if let lastWatch, let next = try db.first(Statements.watchAfter, channel, lastWatch, read: { $0.text(0) }) {
      return next
    }
    return try db.first(Statements.firstWatch, channel) { $0.text(0) }
  }

  /// SQL over the delivery `d`: whether an earlier one of its recipient and watch still waits for its time, or a later
  /// one was among the last that were delivered.
  static let isOutOfOrder = """
    (EXISTS (SELECT 1 FROM deliveries e WHERE e.channel = d.channel AND e.recipient = d.recipient
        AND e.watch = d.watch AND e.place = 0 AND e.sequence < d.sequence)
      OR EXISTS (SELECT 1 FROM (SELECT sequence FROM deliveries t
          WHERE t.subscription = d.subscription AND t.watch = d.watch AND t.state = 'delivered'
          ORDER BY t.ended_at DESC LIMIT 20) l
        WHERE l.sequence > d.sequence))
    """
}

extension Statements {
  static let firstWatch = """
    SELECT watch FROM deliveries WHERE channel = ? AND place = 2 AND state = 'pending' ORDER BY watch LIMIT 1
    """
  static let watchAfter = """
    SELECT watch FROM deliveries WHERE channel = ? AND place = 2 AND state = 'pending' AND watch > ?
    ORDER BY watch LIMIT 1
    """
  static let oldestOfWatch = """
    \(candidate)
    WHERE channel = ? AND watch = ? AND place = 2 AND state = 'pending' ORDER BY created_at LIMIT 1
    """
}

import Language
import PluginHost

/// A delivery as the outbox lists it.
public struct DeliveryRecord: Sendable, Hashable {
  public enum State: String, Sendable, Hashable, CaseIterable {
    case pending, leased, delivered
    /// Of no use any more when its turn came.
    case expired
    /// What it was about was gone before it was sent.
    case obsolete
    /// Refused for good, or tried often enough: see the reason.
    case dead
    /// By an operator.
    case dropped
    /// Its watch or subscription ended.
    case cancelled
  }

  public var id: String
  public var kind: Message.Kind
  public var state: State
  public var channel: String
  /// Where it goes now.
  public var recipient: String
  public var subscription: String
  /// Why it exists: the subscription's rule that matched.
  public var rule: String
  public var watch: String
  public var site: String
  public var message: Message
  /// Indices of ``message`` lines that fell out because their items were gone.
  public var withdrawn: Set<Int>
  public var sequence: Int
  public var createdAt: Instant
  public var dueAt: Instant
  public var expiresAt: Instant?
  public var endedAt: Instant?
  public var attempt: Int
  public var plain: Bool
  public var unsure: Bool
  public var receipt: String?
  /// Of the last attempt, or of the end.
  public var reason: String?
  public var detail: String?
}

/// Which deliveries to list: all conditions that are set must hold.
public struct DeliveryFilter: Sendable, Hashable {
  public var states: Set<DeliveryRecord.State>
  public var kinds: Set<Message.Kind>
  public var channel: String?
  public var recipient: String?
  public var watch: String?
  public var site: String?
  public var createdSince: Instant?
  /// Made at that instant or before: for what has waited for long.
  public var createdUntil: Instant?
  public var newestFirst: Bool
  public var limit: Int

  /// Empty sets mean any.
  public init(
    states: Set<DeliveryRecord.State> = [], kinds: Set<Message.Kind> = [], channel: String? = nil,
    recipient: String? = nil, watch: String? = nil, site: String? = nil, createdSince: Instant? = nil,
    createdUntil: Instant? = nil, newestFirst: Bool = true, limit: Int = 100
  ) {
    self.states = states
    self.kinds = kinds
    self.channel = channel
    self.recipient = recipient
    self.watch = watch
    self.site = site
    self.createdSince = createdSince
    self.createdUntil = createdUntil
    self.newestFirst = newestFirst
    self.limit = limit
  }
}

extension Store {
  public func deliveries(_ filter: DeliveryFilter = DeliveryFilter()) throws -> [DeliveryRecord] {
    var conditions: [String] = []
    var values: [any SQLBindable] = []
    func require(_ condition: String, _ value: (any SQLBindable)?) {
      guard let value else { return }
      conditions.append(condition)
      values.append(value)
    }
    // Words of our own enumerations: safe to stand in the text.
    func requireWord(_ column: String, in words: [String]) {
      guard !words.isEmpty else { return }
      conditions.append("d.\(column) IN (\(words.sorted().map { "'\($0)'" }.joined(separator: ", ")))")
    }
    requireWord("state", in: filter.states.map(\.rawValue))
    requireWord("kind", in: filter.kinds.map(\.rawValue))
    require("d.channel = ?", filter.channel)
    require("d.recipient = ?", filter.recipient)
    require("d.watch = ?", filter.watch)
    require("d.site = ?", filter.site)
    require("d.created_at >= ?", filter.createdSince)
    require("d.created_at <= ?", filter.createdUntil)
    values.append(filter.limit)
    let clause = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
    let order = filter.newestFirst ? "DESC" : "ASC"
    return try db.reading {
      try db.rows(DeliveryRecord.select + clause + " ORDER BY d.number \(order) LIMIT ?", of: values) {
        try DeliveryRecord($0, path: path)
      }.map(withLines)
    }
  }

  func withLines(_ delivery: DeliveryRecord) throws -> DeliveryRecord {
    var delivery = delivery
    delivery.withdrawn = Set(
      try db.rows(
        """
        SELECT line FROM delivery_lines
        WHERE delivery = (SELECT number FROM deliveries WHERE id = ?) AND state = 'withdrawn'
        """, delivery.id
      ) { $0.int(0) })
    return delivery
  }

  /// How many messages a subscription has been told since, and how many are still on their way to it; for `at_most`.
  ///
  /// - Parameter watch: nil counts those of all watches.
  public func deliveredCount(subscription: String, watch: String? = nil, since: Instant) throws -> Int {
    try db.first(
      """
      SELECT (SELECT count(*) FROM deliveries WHERE subscription = ?1 AND state = 'delivered' AND ended_at >= ?2
                AND kind IN ('alert', 'summary') AND (?3 IS NULL OR watch = ?3))
           + (SELECT count(*) FROM deliveries WHERE subscription = ?1 AND place IS NOT NULL
                AND kind IN ('alert', 'summary') AND (?3 IS NULL OR watch = ?3))
      """, subscription, since, watch
    ) { $0.int(0) } ?? 0
  }

  /// How many deliveries of any kind a channel has accepted since; for a budget of a day.
  public func deliveredCount(channel: String, since: Instant) throws -> Int {
    try db.first(
      "SELECT count(*) FROM deliveries WHERE channel = ? AND state = 'delivered' AND ended_at >= ?", channel, since
    ) { $0.int(0) } ?? 0
  }
}

extension DeliveryRecord {
  static let select = """
    SELECT d.id, d.kind, d.state, d.channel, d.recipient, d.subscription, d.rule, d.watch, d.site, m.text, d.sequence,
      d.created_at, d.due_at, d.expires_at, d.ended_at, d.attempt, d.plain, d.unsure, d.receipt, d.reason, d.detail
    FROM deliveries d JOIN messages m ON m.id = d.message
    """

  init(_ row: Row, path: String) throws {
    guard let kind = Message.Kind(rawValue: row.text(1)), let state = State(rawValue: row.text(2)),
      let message = JSONText.read(row.text(9)).flatMap(Message.init(json:))
    else { throw ItemJSON.damage(path) }
    self.init(
      id: row.text(0), kind: kind, state: state, channel: row.text(3), recipient: row.text(4),
      subscription: row.text(5), rule: row.text(6), watch: row.text(7), site: row.text(8), message: message,
      withdrawn: [], sequence: row.int(10), createdAt: row.instant(11), dueAt: row.instant(12),
      expiresAt: row.instantOrNil(13), endedAt: row.instantOrNil(14), attempt: row.int(15), plain: row.flag(16),
      unsure: row.flag(17), receipt: row.textOrNil(18), reason: row.textOrNil(19), detail: row.textOrNil(20))
  }
}

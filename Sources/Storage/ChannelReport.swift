import Language

/// How a channel did lately, as its recorded attempts say; for `status` and for the maintainers.
public struct ChannelReport: Sendable, Hashable {
  public struct Failure: Sendable, Hashable {
    public var at: Instant
    /// ``AttemptOutcome/word``.
    public var outcome: String
    /// The label: `timeout`, `rate_limited` …
    public var reason: String
    public var status: Int?
    /// The provider's words, scrubbed.
    public var detail: String?
    public var delivery: String
  }

  public var lastSuccess: Instant?
  public var lastFailure: Failure?
  /// Sends in a row, up to the newest, that the channel did not answer or answered with a server's error.
  public var faultsInARow = 0
  /// When the first of them began.
  public var faultySince: Instant?
  /// Deliveries that it accepted in the last hour.
  public var deliveredLastHour = 0
  /// Due now and waiting.
  public var backlog = 0

  public init() {}
}

extension Store {
  /// So many of a channel's newest attempts are looked at for faults in a row.
  private static let lookedAt = 200

  public func channelReport(_ channel: String, now: Instant) throws -> ChannelReport {
    try db.reading {
      var report = ChannelReport()
      report.lastSuccess =
        try db.first(
          "SELECT max(ended_at) FROM deliveries WHERE channel = ? AND state = 'delivered'", channel
        ) { $0.instantOrNil(0) } ?? nil
      report.deliveredLastHour = try count(
        "SELECT count(*) FROM deliveries WHERE channel = ? AND state = 'delivered' AND ended_at > ?", channel,
        now - .seconds(3600))
      report.backlog =
        try count("SELECT count(*) FROM deliveries WHERE channel = ? AND place IS NOT NULL AND place > 0", channel)
        + count("SELECT count(*) FROM deliveries WHERE channel = ? AND place = 0 AND due_at <= ?", channel, now)
      report.lastFailure = try db.first(
        """
        SELECT a.ended_at, a.outcome, a.reason, a.status, a.detail, d.id
        FROM attempts a JOIN deliveries d ON d.number = a.delivery
        WHERE a.channel = ? AND a.outcome NOT IN ('delivered', 'lost', 'moved', 'resend_plain')
          AND a.ended_at IS NOT NULL AND (a.status IS NOT NULL OR a.outcome <> 'throttled')
        ORDER BY a.id DESC LIMIT 1
        """, channel
      ) { row in
        ChannelReport.Failure(
          at: row.instant(0), outcome: row.text(1), reason: row.text(2), status: row.intOrNil(3),
          detail: row.textOrNil(4), delivery: row.text(5))
      }
      try countFaults(of: channel, into: &report)
      return report
    }
  }

  /// What the channel's breaker counts (`SendResult.isFault`), from the record instead of memory: it outlives a restart.
  private func countFaults(of channel: String, into report: inout ChannelReport) throws {
    let attempts = try db.rows(
      """
      SELECT started_at, outcome, reason, status FROM attempts
      WHERE channel = ? AND outcome <> 'lost' AND reason NOT IN ('cancelled', 'unsendable', 'unsure', 'over_budget')
        AND (status IS NOT NULL OR outcome <> 'throttled')
      ORDER BY id DESC LIMIT ?
      """, channel, Store.lookedAt
    ) { row in
      (
        at: row.instant(0),
        isFault: ["retry", "rejected"].contains(row.text(1))
          && (row.intOrNil(3).map { (500...599).contains($0) } ?? true || row.text(2) == "garbled")
      )
    }
    let faults = attempts.prefix { $0.isFault }
    report.faultsInARow = faults.count
    report.faultySince = faults.last?.at
  }

  private func count(_ sql: String, _ values: any SQLBindable...) throws -> Int {
    try db.rows(sql, of: values) { $0.int(0) }.first ?? 0
  }
}

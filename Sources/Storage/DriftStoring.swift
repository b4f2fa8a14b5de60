import Language
import PluginHost

/// What is known of a step from samples of good runs.
public struct DriftRecord: Sendable, Hashable {
  public var site: String
  public var step: String
  public var specVersion: String
  public var stats: JSON
  public var updatedAt: Instant

  public init(site: String, step: String, specVersion: String, stats: JSON, updatedAt: Instant) {
    self.site = site
    self.step = step
    self.specVersion = specVersion
    self.stats = stats
    self.updatedAt = updatedAt
  }
}

/// How a canary's last run ended.
public struct CanaryRecord: Sendable, Hashable {
  /// `paziresh24/دکتر-نمونه`: the watch it would be.
  public var canary: String
  public var site: String
  /// Of the spec that read it.
  public var specVersion: String
  public var lastRunAt: Instant
  public var verdict: Verdict
  public var items: Int
  /// The fact that does not hold; nil where all do.
  public var problem: String?
  /// What the last reading found, where nobody has been told: the next one decides.
  public var doubt: String?
  /// Since when it is so.
  public var since: Instant

  public init(
    canary: String, site: String, specVersion: String, lastRunAt: Instant, verdict: Verdict, items: Int,
    problem: String?, doubt: String? = nil, since: Instant
  ) {
    self.canary = canary
    self.site = site
    self.specVersion = specVersion
    self.lastRunAt = lastRunAt
    self.verdict = verdict
    self.items = items
    self.problem = problem
    self.doubt = doubt
    self.since = since
  }
}

extension Store {
  public func drift(site: String? = nil) throws -> [DriftRecord] {
    try db.rows(
      """
      SELECT site, step, spec_version, stats, updated_at FROM drift WHERE ?1 IS NULL OR site = ?1 ORDER BY site, step
      """, site
    ) { row in
      guard let stats = JSONText.read(row.text(3)) else { throw ItemJSON.damage(path) }
      return DriftRecord(
        site: row.text(0), step: row.text(1), specVersion: row.text(2), stats: stats, updatedAt: row.instant(4))
    }
  }

  /// Remembers it together with what the maintainers are told of it, so that they hear of a drift once, over restarts too.
  ///
  /// - Returns: The channels whose workers are to be woken.
  @discardableResult
  public func save(_ record: DriftRecord, telling deliveries: [NewDelivery]) throws -> Set<String> {
    try db.transaction(durable: !deliveries.isEmpty) {
      try db.run(
        "INSERT OR REPLACE INTO drift (site, step, spec_version, stats, updated_at) VALUES (?, ?, ?, ?, ?)",
        record.site, record.step, record.specVersion, JSONText.write(record.stats), record.updatedAt)
      return try insertForMaintainers(deliveries, record.updatedAt)
    }
  }

  public func canaries() throws -> [CanaryRecord] {
    try db.rows(
      """
      SELECT canary, site, spec_version, last_run_at, verdict, items, problem, doubt, since_at FROM canaries
      ORDER BY canary
      """
    ) { row in
      guard let verdict = Verdict(rawValue: row.text(4)) else { throw ItemJSON.damage(path) }
      return CanaryRecord(
        canary: row.text(0), site: row.text(1), specVersion: row.text(2), lastRunAt: row.instant(3), verdict: verdict,
        items: row.int(5), problem: row.textOrNil(6), doubt: row.textOrNil(7), since: row.instant(8))
    }
  }

  /// As ``save(_:telling:)``, for a canary.
  @discardableResult
  public func save(_ record: CanaryRecord, telling deliveries: [NewDelivery]) throws -> Set<String> {
    try db.transaction(durable: !deliveries.isEmpty) {
      try db.run(
        """
        INSERT OR REPLACE INTO canaries
          (canary, site, spec_version, last_run_at, verdict, items, problem, doubt, since_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """, record.canary, record.site, record.specVersion, record.lastRunAt, record.verdict.rawValue, record.items,
        record.problem, record.doubt, record.since)
      return try insertForMaintainers(deliveries, record.lastRunAt)
    }
  }

  /// Canaries that no spec names any more are forgotten.
  public func keepCanaries(_ names: Set<String>) throws {
    let known = try db.rows("SELECT canary FROM canaries") { $0.text(0) }
    let old = known.filter { !names.contains($0) }
    guard !old.isEmpty else { return }
    try db.transaction(durable: false) {
      for name in old { try db.run("DELETE FROM canaries WHERE canary = ?", name) }
    }
  }

  private func insertForMaintainers(_ deliveries: [NewDelivery], _ now: Instant) throws -> Set<String> {
    guard !deliveries.isEmpty else { return [] }
    var insertion = DeliveryInsertion(db: db, watch: "", site: "", run: nil, now: now)
    return try insertion.insert(all: deliveries)
  }
}

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

/// What a spec has that is watched for its maintainers.
public struct MaintainedSite: Sendable, Hashable {
  public var site: String
  public var steps: Set<String>
  public var canaries: Set<String>

  public init(site: String, steps: Set<String>, canaries: Set<String>) {
    self.site = site
    self.steps = steps
    self.canaries = canaries
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
  /// Of sites that are configured.
  public func drift(site: String? = nil) throws -> [DriftRecord] {
    try db.rows(
      """
      SELECT site, step, spec_version, stats, updated_at FROM drift
      WHERE (?1 IS NULL OR site = ?1) AND missing_since_at IS NULL ORDER BY site, step
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

  /// Of sites that are configured.
  public func canaries() throws -> [CanaryRecord] {
    try db.rows(
      """
      SELECT canary, site, spec_version, last_run_at, verdict, items, problem, doubt, since_at FROM canaries
      WHERE missing_since_at IS NULL ORDER BY canary
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

  /// Steps and canaries that their site's spec names no more are forgotten. What is known of a site that is not there is set
  /// aside: its file may only have a mistake in it at a start, and what was told must not be told again when it is mended.
  /// After ``Retention/removedWatches`` that goes, too.
  public func keepMaintained(_ sites: [MaintainedSite], now: Instant) throws {
    let known = Dictionary(sites.map { ($0.site, $0) }) { first, _ in first }
    try keep("drift", "step", now: now) { site, step in known[site].map { $0.steps.contains(step) } }
    try keep("canaries", "canary", now: now) { site, canary in known[site].map { $0.canaries.contains(canary) } }
  }

  /// - Parameter isNamed: nil where the site is not there.
  private func keep(
    _ table: String, _ column: String, now: Instant, _ isNamed: (_ site: String, _ name: String) -> Bool?
  ) throws {
    let rows = try db.rows("SELECT site, \(column), missing_since_at IS NOT NULL FROM \(table)") {
      (site: $0.text(0), name: $0.text(1), isMissing: $0.int(2) != 0)
    }
    // Most reloads change none of it, and write nothing.
    let changes = rows.filter { row in isNamed(row.site, row.name).map { !$0 || row.isMissing } ?? !row.isMissing }
    guard !changes.isEmpty else { return }
    try db.transaction(durable: false) {
      for row in changes {
        let place = "WHERE site = ?1 AND \(column) = ?2"
        switch isNamed(row.site, row.name) {
        case true?: try db.run("UPDATE \(table) SET missing_since_at = NULL \(place)", row.site, row.name)
        case false?: try db.run("DELETE FROM \(table) \(place)", row.site, row.name)
        case nil: try db.run("UPDATE \(table) SET missing_since_at = ?3 \(place)", row.site, row.name, now)
        }
      }
    }
  }

  private func insertForMaintainers(_ deliveries: [NewDelivery], _ now: Instant) throws -> Set<String> {
    guard !deliveries.isEmpty else { return [] }
    var insertion = DeliveryInsertion(db: db, watch: "", site: "", run: nil, now: now)
    return try insertion.insert(all: deliveries)
  }
}

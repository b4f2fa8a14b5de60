import Language

/// A watch as it was last defined.
public struct WatchRecord: Sendable, Hashable {
  public enum Origin: String, Sendable, Hashable, CaseIterable { case config, command }

  public var id: String
  public var site: String
  /// Canonical: percent-decoded, otherwise untouched.
  public var params: [String: String]
  public var every: Duration
  public var origin: Origin
  /// The engine's own; no secret in it.
  public var notify: JSON
  public var addedAt: Instant
  public var removedAt: Instant?

  public init(
    id: String, site: String, params: [String: String], every: Duration, origin: Origin, notify: JSON = .array([]),
    addedAt: Instant, removedAt: Instant? = nil
  ) {
    self.id = id
    self.site = site
    self.params = params
    self.every = every
    self.origin = origin
    self.notify = notify
    self.addedAt = addedAt
    self.removedAt = removedAt
  }
}

extension Store {
  /// Defines a watch, or defines it anew; one that was removed is back, with its snapshot.
  ///
  /// Equal watches are one: an equal site with equal parameters under another id is ``StoreError/Reason/refused``. One
  /// that was removed makes room: ids follow the order in which a spec names its parameters, which may be edited.
  public func upsertWatch(_ watch: WatchRecord) throws { try upsertWatches([watch]) }

  /// The same for many, in one transaction: all of them, or none.
  public func upsertWatches(_ watches: [WatchRecord]) throws {
    guard !watches.isEmpty else { return }
    try db.transaction(durable: true, at: .definition) {
      let revision = try nextRevision()
      for watch in watches { try upsert(watch, revision) }
    }
  }

  /// Of watches of the configuration those that are not stored as they are.
  public func unknown(_ watches: [WatchRecord]) throws -> [WatchRecord] {
    try watches.filter { watch in
      try db.first(
        """
        SELECT 1 FROM watches WHERE id = ? AND site = ? AND params = ? AND every_ms = ? AND origin = 'config'
          AND removed_at IS NULL
        """, watch.id, watch.site, Store.canonical(watch.params), watch.every, read: { _ in true }) == nil
    }
  }

  private func nextRevision() throws -> Int64 {
    try db.run("UPDATE revisions SET newest = newest + 1")
    return try revision()
  }

  private func upsert(_ watch: WatchRecord, _ revision: Int64) throws {
    try forgetWatches(
      "site = ? AND params = ? AND id <> ? AND removed_at IS NOT NULL", watch.site, Store.canonical(watch.params),
      watch.id)
    try db.run(
      """
      INSERT INTO watches (id, site, params, every_ms, origin, notify, added_at, revision)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET every_ms = excluded.every_ms, origin = excluded.origin,
        notify = excluded.notify, removed_at = NULL, revision = excluded.revision
      """, watch.id, watch.site, Store.canonical(watch.params), watch.every, watch.origin.rawValue,
      JSONText.write(watch.notify), watch.addedAt, revision)
  }

  /// Ends a watch: what it still had to say to subscribers is cancelled, and it leaves its incidents. Its snapshot
  /// stays for as long as ``Retention`` says, so a watch that comes back soon goes on where it was.
  ///
  /// - Parameter farewell: Told to the maintainers where an incident ends by it: they heard its start.
  /// - Returns: The channels whose workers are to be woken.
  @discardableResult
  public func removeWatch(_ id: String, now: Instant, telling farewell: [NewDelivery] = []) throws -> Set<String> {
    try db.transaction(durable: true, at: .definition) {
      try db.run(
        "UPDATE watches SET removed_at = ?, revision = ? WHERE id = ? AND removed_at IS NULL", now, nextRevision(), id)
      try cancel("watch = ? AND kind IN ('alert', 'summary')", [id], reason: "watch_removed", now: now)
      try db.run("DELETE FROM subscriptions_greeted WHERE watch = ?", id)
      try db.run("DELETE FROM greetings_owed WHERE watch = ?", id)
      try db.unsettle(watch: id)
      let incidents = try db.rows("SELECT DISTINCT incident FROM incident_members WHERE watch = ?", id) { $0.text(0) }
      try db.run("DELETE FROM incident_members WHERE watch = ?", id)
      let ended = try incidents.filter { try Incidents.closeIfEmpty(db, $0, now: now) }
      guard !ended.isEmpty else { return [] }
      var insertion = DeliveryInsertion(db: db, watch: "", site: "", run: nil, now: now)
      return try insertion.insert(all: farewell)
    }
  }

  /// Ends what still waits for a subscription that has ended; what is being sent goes out.
  public func cancelSubscription(_ subscription: String, watch: String, now: Instant) throws {
    try db.transaction(durable: true, at: .definition) {
      try cancel(
        "watch = ? AND subscription = ? AND kind IN ('alert', 'summary')", [watch, subscription],
        reason: "subscription_ended", now: now)
      try db.run(
        "DELETE FROM subscriptions_greeted WHERE watch = ? AND subscription = ?", watch, subscription)
      try db.run("DELETE FROM greetings_owed WHERE watch = ? AND subscription = ?", watch, subscription)
      try db.unsettle(watch: watch)
    }
  }

  /// Every subscription that had its `first:`.
  public func greetings() throws -> [(watch: String, subscription: String)] {
    try db.rows("SELECT watch, subscription FROM subscriptions_greeted ORDER BY watch, subscription") {
      ($0.text(0), $0.text(1))
    }
  }

  /// Those of one watch.
  public func greetings(of watch: String) throws -> [String] {
    try db.rows("SELECT subscription FROM subscriptions_greeted WHERE watch = ?", watch) { $0.text(0) }
  }

  /// - Parameter condition: SQL of our own, over `deliveries`.
  private func cancel(
    _ condition: String, _ values: [any SQLBindable], reason: String, now: Instant
  ) throws {
    let numbers = try db.rows(
      "SELECT number FROM deliveries WHERE place IS NOT NULL AND state = 'pending' AND \(condition)", of: values
    ) {
      $0.integer(0)
    }
    for number in numbers { try Queue.end(db, number: number, state: "cancelled", reason: reason, now: now) }
  }

  /// In the order in which they were added.
  public func watches(includingRemoved: Bool = false) throws -> [WatchRecord] {
    try db.rows(
      "SELECT \(Store.columns) FROM watches WHERE removed_at IS NULL OR ? ORDER BY added_at, id", includingRemoved,
      read: record)
  }

  /// Those of one origin, by id, a part at a time: 100,000 need never lie side by side.
  public func watches(_ origin: WatchRecord.Origin, after id: String, limit: Int) throws -> [WatchRecord] {
    try db.rows(
      "SELECT \(Store.columns) FROM watches WHERE removed_at IS NULL AND origin = ? AND id > ? ORDER BY id LIMIT ?",
      origin.rawValue, id, limit, read: record)
  }

  /// Id and site of every watch of the configuration.
  public func configuredWatches() throws -> [(id: String, site: String)] {
    try db.rows("SELECT id, site FROM watches WHERE removed_at IS NULL AND origin = 'config'") {
      ($0.text(0), $0.text(1))
    }
  }

  /// Watches that were added, edited or removed by command after ``revision()`` gave a number.
  public func commandedWatches(changedSince revision: Int64) throws -> [WatchRecord] {
    try db.rows(
      "SELECT \(Store.columns) FROM watches WHERE revision > ? AND origin = 'command' ORDER BY revision", revision,
      read: record)
  }

  /// Of the newest change of a definition.
  public func revision() throws -> Int64 {
    try db.first("SELECT newest FROM revisions") { $0.integer(0) } ?? 0
  }

  private static let columns = "id, site, params, every_ms, origin, notify, added_at, removed_at"

  private func record(_ row: Row) throws -> WatchRecord {
    guard let origin = WatchRecord.Origin(rawValue: row.text(4)), let notify = JSONText.read(row.text(5)),
      case .object(let params)? = JSONText.read(row.text(2))
    else { throw ItemJSON.damage(path) }
    return WatchRecord(
      id: row.text(0), site: row.text(1),
      params: zip(params.names, params.values).reduce(into: [:]) { all, param in
        if case .string(let text) = param.1 { all[param.0] = text }
      },
      every: .milliseconds(row.integer(3)), origin: origin, notify: notify, addedAt: row.instant(6),
      removedAt: row.instantOrNil(7))
  }

  /// When each watch last started a run; for the schedule after a restart.
  public func lastRuns() throws -> [String: Instant] {
    let all = try db.rows("SELECT watch, last_run_at FROM watch_states WHERE last_run_at IS NOT NULL") {
      ($0.text(0), $0.instant(1))
    }
    return Dictionary(all) { _, last in last }
  }

  /// When a watch last started a run; nil where it never did.
  public func lastRun(of watch: String) throws -> Instant? {
    try db.first("SELECT last_run_at FROM watch_states WHERE watch = ?", watch) { $0.instantOrNil(0) } ?? nil
  }

  /// Watches whose last run left something in doubt, and planned the next one before its time.
  public func owedConfirmations() throws -> Set<String> {
    // A second between the start of a run and the moment it plans from is no plan.
    Set(
      try db.rows(
        "SELECT watch FROM watch_states WHERE next_run_at - last_run_at < interval_ms - 1000", read: { $0.text(0) }))
  }

  /// Keeps a spec's text, so that what it has sent can be explained after it was edited.
  public func saveSpecVersion(site: String, version: String, text: String, now: Instant) throws {
    try db.transaction(durable: false, at: .definition) {
      _ = try db.run(
        "INSERT OR IGNORE INTO spec_versions (site, version, text, first_seen_at) VALUES (?, ?, ?, ?)", site, version,
        text, now)
    }
  }

  /// Names sorted, so that equal parameters are equal text.
  private static func canonical(_ params: [String: String]) -> String {
    JSONText.write(.object(JSONObject(params.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })))
  }
}

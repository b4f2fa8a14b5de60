import Language
import PluginHost

/// Everything behind one delivery, from the spec's text to the receipt: what `why` prints.
public struct DeliveryStory: Sendable {
  public struct Attempt: Sendable, Hashable {
    public var attempt: Int
    public var startedAt: Instant
    /// nil: its end was never recorded.
    public var endedAt: Instant?
    /// ``AttemptOutcome/word``, or `lost`.
    public var outcome: String
    public var status: Int?
    public var reason: String
    public var detail: String?
    public var nextAt: Instant?
    /// False for one that came too late and changed nothing.
    public var counted: Bool
  }

  /// One message line that is about an item.
  public struct Line: Sendable, Hashable {
    public var index: Int
    public var isShown: Bool
    public var itemKey: String?
    /// nil where the line is about none (a summary), or history has ended.
    public var change: Change?
    /// The item's life as it stands now.
    public var stateNow: ItemRecord.State?
    /// When the item was seen first and last, since when it is in that state, and how often it has come.
    public var life: Life?
  }

  public struct Life: Sendable, Hashable {
    public var firstSeen: Instant
    public var lastSeen: Instant
    public var since: Instant
    public var lives: Int
  }

  public struct Run: Sendable, Hashable {
    public var startedAt: Instant
    public var endedAt: Instant
    public var verdict: Verdict
    public var specVersion: String
    /// nil where the text was never saved.
    public var specText: String?
    public var outcomes: [BranchOutcome]
  }

  public var delivery: DeliveryRecord
  public var lines: [Line]
  public var attempts: [Attempt]
  /// nil for what no run made, or whose run retention has removed.
  public var run: Run?
}

extension Store {
  /// nil where there is no such delivery.
  public func delivery(_ id: String) throws -> DeliveryStory? {
    try db.reading {
      let found = try db.first(DeliveryRecord.select + " WHERE d.id = ?", id) { try DeliveryRecord($0, path: path) }
      guard let found else { return nil }
      let keys = try db.first("SELECT number, run FROM deliveries WHERE id = ?", id) {
        (number: $0.integer(0), run: $0.isNull(1) ? nil : $0.integer(1))
      }
      guard let keys else { return nil }
      return DeliveryStory(
        delivery: try withLines(found), lines: try lines(of: keys.number, watch: found.watch),
        attempts: try attempts(of: keys.number), run: try keys.run.flatMap(run))
    }
  }

  private func lines(of delivery: Int64, watch: String) throws -> [DeliveryStory.Line] {
    try db.rows(
      """
      SELECT l.line, l.state, l.item_key, c.kind, c.item_key, c.branch, c.fields, c.before, i.state,
        i.first_seen_at,
        (SELECT s.seen_at FROM items_seen s WHERE s.watch = ?2 AND s.key = l.item_key), i.since_at, i.lives
      FROM delivery_lines l LEFT JOIN changes c ON c.id = l.change
        LEFT JOIN items i ON i.watch = ?2 AND i.key = l.item_key
      WHERE l.delivery = ?1 ORDER BY l.line
      """, delivery, watch
    ) { row in
      DeliveryStory.Line(
        index: row.int(0), isShown: row.text(1) == "shown", itemKey: row.textOrNil(2),
        change: try change(in: row, from: 3), stateNow: row.textOrNil(8).flatMap(ItemRecord.State.init(rawValue:)),
        life: row.isNull(8)
          ? nil
          : DeliveryStory.Life(
            firstSeen: row.instant(9), lastSeen: row.instant(10), since: row.instant(11), lives: row.int(12)))
    }
  }

  /// Kind, key, branch, fields, before.
  private func change(in row: Row, from column: Int32) throws -> Change? {
    guard let kind = row.textOrNil(column).flatMap(Change.Kind.init(rawValue:)) else { return nil }
    let item = Item(
      key: row.text(column + 1), branch: BranchName(text: row.text(column + 2)),
      fields: try ItemJSON.fields(in: row.text(column + 3), path: path))
    return Change(kind, item, before: try ItemJSON.fields(in: row.text(column + 4), path: path))
  }

  private func attempts(of delivery: Int64) throws -> [DeliveryStory.Attempt] {
    try db.rows(
      """
      SELECT attempt, started_at, ended_at, outcome, status, reason, detail, next_at, counted
      FROM attempts WHERE delivery = ? ORDER BY id
      """, delivery
    ) { row in
      DeliveryStory.Attempt(
        attempt: row.int(0), startedAt: row.instant(1), endedAt: row.instantOrNil(2), outcome: row.text(3),
        status: row.intOrNil(4), reason: row.text(5), detail: row.textOrNil(6), nextAt: row.instantOrNil(7),
        counted: row.flag(8))
    }
  }

  private func run(_ id: Int64) throws -> DeliveryStory.Run? {
    let outcomes = try db.rows(
      "SELECT branch, verdict, items, detail, trace FROM run_branches WHERE run = ? ORDER BY branch", id
    ) { row in
      guard let verdict = Verdict(rawValue: row.text(1)), let trace = JSONText.read(row.text(4)) else {
        throw ItemJSON.damage(path)
      }
      return BranchOutcome(
        name: BranchName(text: row.text(0)), verdict: verdict, itemCount: row.int(2), detail: row.textOrNil(3),
        trace: trace)
    }
    return try db.first(
      """
      SELECT r.started_at, r.ended_at, r.verdict, r.spec_version, s.text
      FROM runs r LEFT JOIN spec_versions s ON s.site = r.site AND s.version = r.spec_version WHERE r.id = ?
      """, id
    ) { row in
      guard let verdict = Verdict(rawValue: row.text(2)) else { throw ItemJSON.damage(path) }
      return DeliveryStory.Run(
        startedAt: row.instant(0), endedAt: row.instant(1), verdict: verdict, specVersion: row.text(3),
        specText: row.textOrNil(4), outcomes: outcomes)
    }
  }
}

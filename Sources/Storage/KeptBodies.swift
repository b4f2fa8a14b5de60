import Language
import PluginHost

/// An answer that is kept so that a break can be studied: what a step was asked, and what came back.
public struct KeptBody: Sendable, Hashable {
  public var step: String
  /// Stable text of step, method, URL and body of the request; secrets of the configuration are dots in it.
  public var request: String
  public var status: Int
  /// Where it came from after redirects.
  public var url: String
  public var contentType: String?
  /// In bytes, as it was answered.
  public var size: Int
  /// Deflated; secrets of the configuration are dots in it.
  public var body: [UInt8]

  public init(
    step: String, request: String, status: Int, url: String, contentType: String?, size: Int, body: [UInt8]
  ) {
    self.step = step
    self.request = request
    self.status = status
    self.url = url
    self.contentType = contentType
    self.size = size
    self.body = body
  }
}

/// The answers of one run: of a good one, or of the first broken one.
public struct KeptRun: Sendable, Hashable {
  public var isGood: Bool
  public var specVersion: String
  /// What the run took for the present.
  public var at: Instant
  public var bodies: [KeptBody]

  public init(isGood: Bool, specVersion: String, at: Instant, bodies: [KeptBody]) {
    self.isGood = isGood
    self.specVersion = specVersion
    self.at = at
    self.bodies = bodies
  }
}

extension Store {
  /// Kept bodies of all watches take at most so many bytes, deflated; the oldest go first.
  public static let keptBytes = 64 << 20

  /// The answers of a watch's last good run that was kept, or of the first run of its newest break; nil where none is.
  public func keptRun(of watch: String, isGood: Bool) throws -> KeptRun? {
    try keptRun("watch = ? AND is_good = ?", [watch, isGood], isGood)
  }

  /// A good answer of a step, of the watch itself where one is kept, else of any other of the site.
  public func keptGood(
    site: String, step: String, watch: String
  ) throws -> (watch: String, specVersion: String, body: KeptBody)? {
    try db.first(
      """
      SELECT \(Store.keptColumns) FROM kept_bodies WHERE site = ? AND step = ? AND is_good = 1
      ORDER BY watch = ? DESC, kept_at DESC LIMIT 1
      """, site, step, watch
    ) { ($0.text(9), $0.text(7), Store.keptBody($0)) }
  }

  private func keptRun(_ condition: String, _ values: [any SQLBindable], _ isGood: Bool) throws -> KeptRun? {
    var run: KeptRun?
    let rows = try db.rows(
      "SELECT \(Store.keptColumns) FROM kept_bodies WHERE \(condition) ORDER BY kept_at DESC, place", of: values
    ) { (body: Store.keptBody($0), version: $0.text(7), at: $0.instant(8)) }
    for row in rows {
      if run == nil { run = KeptRun(isGood: isGood, specVersion: row.version, at: row.at, bodies: []) }
      run?.bodies.append(row.body)
    }
    return run
  }

  private static let keptColumns = "step, request, status, url, content_type, size, body, spec_version, kept_at, watch"

  private static func keptBody(_ row: Row) -> KeptBody {
    KeptBody(
      step: row.text(0), request: row.text(1), status: row.int(2), url: row.text(3), contentType: row.textOrNil(4),
      size: row.int(5), body: row.blob(6))
  }
}

/// Bodies on their way into the table, inside the caller's transaction.
struct KeptBodyStoring {
  let db: Connection
  let watch: String
  let site: String
  var mostBytes = Store.keptBytes

  /// A good run replaces what was kept of the steps it asked; a break replaces the one before it.
  func store(_ run: KeptRun) throws {
    let steps: [String?] = run.isGood ? Set(run.bodies.map(\.step)).sorted() : [nil]
    for step in steps {
      try db.run(
        "DELETE FROM kept_bodies WHERE watch = ?1 AND is_good = ?2 AND (?3 IS NULL OR step = ?3)", watch, run.isGood,
        step)
    }
    for (place, body) in run.bodies.enumerated() {
      try db.run(
        "DELETE FROM kept_bodies WHERE watch = ? AND is_good = ? AND request = ?", watch, run.isGood, body.request)
      try db.run(
        """
        INSERT INTO kept_bodies (watch, site, is_good, request, step, place, spec_version, kept_at, status,
          url, content_type, size, bytes, body)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """, watch, site, run.isGood, body.request, body.step, place, run.specVersion, run.at, body.status, body.url,
        body.contentType, body.size, body.body.count, body.body)
    }
    try trim()
  }

  static let size = "SELECT bytes FROM kept_size"
  static let oldest = "SELECT rowid FROM kept_bodies ORDER BY kept_at, rowid LIMIT 1"

  /// Costs what is over the bound, not what is kept.
  private func trim() throws {
    while let size = try db.first(KeptBodyStoring.size, read: { $0.int(0) }), size > mostBytes,
      let oldest = try db.first(KeptBodyStoring.oldest, read: { $0.int(0) })
    {
      try db.run("DELETE FROM kept_bodies WHERE rowid = ?", oldest)
    }
  }
}

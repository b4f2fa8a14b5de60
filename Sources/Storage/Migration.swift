import Language
import Synchronization

/// Brings an opened database to the schema of this version, or says why not.
enum Migration {
  /// - Parameters:
  ///   - mayCreate: Whether an empty database may become a store.
  ///   - steps: ``Schema/steps``, or a test's.
  static func run(on connection: Connection, mayCreate: Bool, steps: [String] = Schema.steps) throws {
    let found = try version(of: connection)
    try refuseForeign(connection, version: found, known: steps.count, mayCreate: mayCreate)
    guard found < steps.count else { return try refuseChanged(connection, steps: steps) }
    for step in Int(found)..<steps.count {
      try connection.transaction(durable: true, at: .migration) {
        try connection.execute(steps[step])
        try connection.execute("PRAGMA application_id = \(Schema.applicationID); PRAGMA user_version = \(step + 1)")
      }
    }
    // A fresh schema that is only in the log would be an empty store to whoever loses the log.
    try CheckpointPoints.around { try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)") }
  }

  /// A table, index or column that is not as we made it: `quick_check` does not know what they should be.
  private static func refuseChanged(_ connection: Connection, steps: [String]) throws {
    let found = try definitions(of: connection)
    // Making the tables in memory to compare with them takes a fifth of a short run.
    if fingerprint(of: found) == Schema.fingerprint, steps == Schema.steps { return }
    guard try found == definitions(after: steps, path: connection.path) else {
      throw StoreError(
        path: connection.path, reason: .damaged,
        detail: "its tables are not those of schema version \(steps.count); restore it from a backup")
    }
  }

  /// By steps: a process that opens many stores asks for the same again and again.
  private static let known = Mutex<[[String]: [String]]>([:])

  private static func definitions(after steps: [String], path: String) throws -> [String] {
    if let found = known.withLock({ $0[steps] }) { return found }
    let fresh = try Connection(path: path, access: .inMemory)
    for step in steps { try fresh.execute(step) }
    let made = try definitions(of: fresh)
    known.withLock { $0[steps] = made }
    return made
  }

  /// Of the tables that a version's steps make.
  static func fingerprint(after steps: [String]) throws -> String {
    try fingerprint(of: definitions(after: steps, path: ":memory:"))
  }

  private static func fingerprint(of definitions: [String]) -> String {
    var hash = ContentHash()
    for definition in definitions { hash.combine(definition) }
    return hash.text
  }

  private static func definitions(of connection: Connection) throws -> [String] {
    try connection.rows(
      "SELECT coalesce(sql, name) FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' ORDER BY name"
    ) {
      $0.text(0)
    }
  }

  /// For modes that never migrate: the version must be ours already.
  static func require(_ connection: Connection) throws {
    let found = try version(of: connection)
    try refuseForeign(connection, version: found, known: Schema.steps.count, mayCreate: false)
    guard found == Schema.version else {
      throw StoreError(
        path: connection.path, reason: .outdated,
        detail: "schema version \(found), this version needs \(Schema.version): start `slothunter run` once to migrate")
    }
  }

  private static func version(of connection: Connection) throws -> Int64 {
    try connection.first("PRAGMA user_version") { $0.integer(0) } ?? 0
  }

  private static func refuseForeign(
    _ connection: Connection, version: Int64, known: Int, mayCreate: Bool
  ) throws {
    let application = try connection.first("PRAGMA application_id") { $0.integer(0) } ?? 0
    let tables = try connection.first("SELECT count(*) FROM sqlite_schema") { $0.int(0) } ?? 0
    if version == 0, tables == 0, application == 0, mayCreate { return }
    guard application == Schema.applicationID, version > 0, tables > 0 else {
      throw StoreError(
        path: connection.path, reason: .notAStore,
        detail: tables == 0 ? "is an empty database, not a store" : "is a database of another program")
    }
    guard version <= known else {
      throw StoreError(
        path: connection.path, reason: .newer,
        detail: "schema version \(version) was written by a later SlotHunter; this one knows up to \(known)")
    }
  }
}

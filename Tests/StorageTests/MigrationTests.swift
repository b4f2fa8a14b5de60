import Language
import PluginHost
import Testing

@testable import Storage

struct MigrationTests {
  let db: Connection
  init() throws { db = try Connection(path: "test", access: .inMemory) }

  private func version() throws -> Int? { try db.first("PRAGMA user_version") { $0.int(0) } }
  private func hasTable(_ name: String) throws -> Bool {
    try db.first("SELECT 1 FROM sqlite_schema WHERE name = ?", name) { _ in true } ?? false
  }

  @Test func `an empty database becomes a store of this version, with our mark`() throws {
    try Migration.run(on: db, mayCreate: true)
    #expect(try version() == Int(Schema.version))
    #expect(try db.first("PRAGMA application_id") { $0.integer(0) } == Schema.applicationID)
    #expect(try db.rows("PRAGMA foreign_key_check") { $0.text(0) }.isEmpty)
    #expect(
      try db.rows(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%'"
      ) { $0.text(0) }.isEmpty)
    try Migration.run(on: db, mayCreate: false)
  }

  @Test func `an empty database where a store is expected is refused`() {
    #expect(throws: StoreError.self) { try Migration.run(on: db, mayCreate: false) }
  }

  @Test func `steps are taken in order from where a store stands, and keep what it holds`() throws {
    let first = Schema.steps[0]
    try Migration.run(on: db, mayCreate: true, steps: [first])
    try db.run("INSERT INTO spec_versions VALUES ('site', 'v1', 'text', 0)")
    let steps = [first, "CREATE TABLE second (a)", "CREATE TABLE third (a); INSERT INTO second VALUES (1)"]
    try Migration.run(on: db, mayCreate: false, steps: steps)
    #expect(try version() == 3)
    #expect(try hasTable("third"))
    #expect(try db.first("SELECT count(*) FROM spec_versions") { $0.int(0) } == 1)
  }

  @Test func `a step that fails leaves the store at the step before`() throws {
    let first = Schema.steps[0]
    let broken = [first, "CREATE TABLE second (a)", "CREATE TABLE third (a); INSERT INTO nowhere VALUES (1)"]
    #expect(throws: StoreError.self) { try Migration.run(on: db, mayCreate: true, steps: broken) }
    #expect(try version() == 2)
    #expect(try hasTable("second"))
    #expect(try !hasTable("third"))
    try Migration.run(on: db, mayCreate: false, steps: [first, "CREATE TABLE second (a)", "CREATE TABLE third (a)"])
    #expect(try version() == 3)
  }

  @Test func `a store whose tables were altered by hand is refused`() throws {
    try Migration.run(on: db, mayCreate: true)
    try db.execute("DROP INDEX deliveries_front")
    do {
      try Migration.run(on: db, mayCreate: false)
      Issue.record("accepted")
    } catch let error as StoreError {
      #expect(error.reason == .damaged)
    }
  }

  @Test func `the fingerprint is that of the tables`() throws {
    let made = try Migration.fingerprint(after: Schema.steps)
    #expect(made == Schema.fingerprint, "Schema.swift must say \(made)")
  }
}

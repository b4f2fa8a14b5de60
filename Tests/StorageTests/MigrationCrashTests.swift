import Glibc
import Language
import PluginHost
import Testing

@testable import Storage

/// What a death in the middle of a migration leaves is opened and migrated by the next start.
struct MigrationCrashTests {
  private static let first = Schema.steps[0]
  /// A later version of the future: each statement is a place to die after.
  private static let second = [
    "CREATE TABLE second (a INTEGER) STRICT", "INSERT INTO second SELECT number FROM deliveries",
    "ALTER TABLE spec_versions ADD COLUMN author TEXT", "CREATE INDEX second_a ON second (a)",
    "UPDATE spec_versions SET author = 'nobody'",
  ]
  private static var steps: [String] { [first, second.joined(separator: ";\n")] }

  private let folder: Folder
  init() throws { folder = try Folder() }

  private func open(_ name: String) throws -> Connection {
    let path = folder.path + "/" + name
    let file = Glibc.open(path, O_RDWR | O_CREAT, 0o600)
    close(file)
    let db = try Connection(path: path, access: .readWrite)
    try db.execute("PRAGMA journal_mode = WAL")
    return db
  }

  /// A store of version 1 with something in it.
  private func old(_ name: String) throws -> Connection {
    let db = try open(name)
    try Migration.run(on: db, mayCreate: true, steps: [MigrationCrashTests.first])
    try db.run("INSERT INTO spec_versions VALUES ('site', 'v1', 'text', 0)")
    return db
  }

  @Test(arguments: 0...MigrationCrashTests.second.count)
  func `a death within a step leaves the version before, which migrates`(_ count: Int) throws {
    let db = try old("old.db")
    try db.run("BEGIN IMMEDIATE")
    for statement in MigrationCrashTests.second.prefix(count) { try db.execute(statement) }
    // What lies on the disk at this moment is what a kill would leave.
    try image(of: "old.db", as: "dead.db")
    try db.run("ROLLBACK")

    let dead = try open("dead.db")
    #expect(try dead.first("PRAGMA user_version") { $0.int(0) } == 1)
    try Migration.run(on: dead, mayCreate: false, steps: MigrationCrashTests.steps)
    #expect(try dead.first("PRAGMA user_version") { $0.int(0) } == 2)
    #expect(try dead.first("PRAGMA integrity_check") { $0.text(0) } == "ok")
    #expect(try dead.first("SELECT author FROM spec_versions") { $0.text(0) } == "nobody")
  }

  @Test func `a death after a step's commit and before its checkpoint leaves the new version`() throws {
    let db = try old("old.db")
    try db.transaction(durable: true) {
      try db.execute(MigrationCrashTests.steps[1])
      try db.execute("PRAGMA user_version = 2")
    }
    try image(of: "old.db", as: "dead.db")
    let dead = try open("dead.db")
    try Migration.run(on: dead, mayCreate: false, steps: MigrationCrashTests.steps)
    #expect(try dead.first("SELECT author FROM spec_versions") { $0.text(0) } == "nobody")
    #expect(try dead.first("PRAGMA integrity_check") { $0.text(0) } == "ok")
  }

  @Test(arguments: [0, 1, 2])
  func `a death in the making of a store leaves what the next start makes it of`(_ statements: Int) throws {
    let db = try open("new.db")
    try db.run("BEGIN IMMEDIATE")
    let made = MigrationCrashTests.first.split(separator: ";").prefix(statements)
    for statement in made { try db.execute(String(statement)) }
    try image(of: "new.db", as: "dead.db")
    try db.run("ROLLBACK")
    let dead = try open("dead.db")
    try Migration.run(on: dead, mayCreate: true)
    #expect(try dead.first("PRAGMA user_version") { $0.int(0) } == Int(Schema.version))
  }

  private func image(of name: String, as copy: String) throws {
    for suffix in ["", "-wal"] { try copyFile(folder.path + "/" + name + suffix, folder.path + "/" + copy + suffix) }
  }
}

/// A file that is not there is left out: a log may not be.
func copyFile(_ from: String, _ to: String) throws {
  let source = open(from, O_RDONLY | O_CLOEXEC)
  guard source >= 0 else { return }
  defer { close(source) }
  let target = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
  guard target >= 0 else { throw StoreError(errno: errno, path: to, doing: "copy to it") }
  defer { close(target) }
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(source, &chunk, chunk.count)
    guard count > 0 else { return }
    guard write(target, chunk, count) == count else { throw StoreError(errno: errno, path: to, doing: "copy to it") }
  }
}

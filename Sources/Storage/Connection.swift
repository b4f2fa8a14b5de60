internal import CLibSQLite3
import Glibc

/// One SQLite connection with its prepared statements.
///
/// Not Sendable, and opened without SQLite's own mutex: it belongs to one ``Store``, whose thread alone uses it.
final class Connection {
  let path: String
  private let handle: OpaquePointer
  private var statements: [SQLText: OpaquePointer] = [:]
  private var durable: Bool?
  /// How it goes; see ``Store/lookAfter()``.
  let vitals = Vitals()
  /// Called when a write found no room; true where there is some now, and the transaction is tried once more.
  var makeRoom: () -> Bool = { false }
  let isInMemory: Bool

  enum Access {
    case readOnly
    /// For a store in a folder where nothing may be written: SQLite then makes no `-shm` file.
    case immutable
    case readWrite
    case inMemory
  }

  /// - Parameter vfs: SQLite's way to the disk where it is not the default one: a test's, which fails as told.
  init(path: String, access: Access, vfs: String? = nil) throws {
    if case .inMemory = access { isInMemory = true } else { isInMemory = false }
    var name = path
    var flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    switch access {
    case .readOnly: flags |= SQLITE_OPEN_READONLY
    case .immutable:
      name = "file:\(Connection.uriEscaped(path))?immutable=1"
      flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
    case .readWrite: flags |= SQLITE_OPEN_READWRITE
    case .inMemory:
      name = ":memory:"
      flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    }
    var opened: OpaquePointer?
    let code = sqlite3_open_v2(name, &opened, flags, vfs)
    guard let opened, code == SQLITE_OK else {
      defer { sqlite3_close_v2(opened) }
      throw StoreError(
        code: code, system: opened.map { sqlite3_system_errno($0) } ?? 0, path: path,
        detail: opened.map { String(cString: sqlite3_errmsg($0)) } ?? "")
    }
    self.path = path
    handle = opened
    sqlite3_busy_timeout(opened, Int32(Store.busyTimeout.inMilliseconds))
    CheckpointPoints.install(on: opened)
  }

  deinit { abandon() }

  /// Closes it before its time; nothing may be called after.
  func abandon() {
    guard !isAbandoned else { return }
    isAbandoned = true
    for statement in statements.values { sqlite3_finalize(statement) }
    statements = [:]
    sqlite3_close_v2(handle)
  }

  private(set) var isAbandoned = false

  /// SQLite opens a file that it can't write as read-only, without a word.
  var isReadOnly: Bool { sqlite3_db_readonly(handle, "main") == 1 }

  /// What a check of the file says where a read failed.
  static let readFailure = SQLITE_IOERR | 1 << 8

  /// Runs several statements without parameters.
  func execute(_ script: String) throws {
    let code = sqlite3_exec(handle, script, nil, nil, nil)
    guard code == SQLITE_OK else { throw problem(code) }
  }

  /// Runs one statement and returns how many rows it changed.
  @discardableResult
  func run(_ sql: String, _ values: any SQLBindable...) throws -> Int {
    _ = try step(sql, values) { _ in }
    return Int(sqlite3_changes(handle))
  }

  func rows<T>(_ sql: String, _ values: any SQLBindable..., read: (Row) throws -> T) throws -> [T] {
    try rows(sql, of: values, read: read)
  }

  func rows<T>(_ sql: String, of values: [any SQLBindable], read: (Row) throws -> T) throws -> [T] {
    var all: [T] = []
    try step(sql, values) { all.append(try read($0)) }
    return all
  }

  func first<T>(_ sql: String, _ values: any SQLBindable..., read: (Row) throws -> T) throws -> T? {
    var found: T?
    try step(sql, values) { if found == nil { found = try read($0) } }
    return found
  }

  var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }

  /// All of `body` or nothing of it. Where the disk is full and ``makeRoom`` helps, `body` runs a second time.
  ///
  /// - Parameter durable: Whether the commit waits for the disk, so that it survives a power cut. Without, it survives
  ///   the death of the process, and the next durable commit carries it along.
  @discardableResult
  func transaction<T>(durable: Bool, _ body: () throws -> T) throws -> T {
    do {
      return try attempt(durable: durable, body)
    } catch let error as StoreError where error.reason == .full {
      guard makeRoom() else { throw error }
      return try attempt(durable: durable, body)
    }
  }

  private func attempt<T>(durable: Bool, _ body: () throws -> T) throws -> T {
    let start = vitals.uptime()
    let changes = sqlite3_total_changes64(handle)
    if self.durable != durable {
      try execute(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL")
      self.durable = durable
    }
    // IMMEDIATE: a transaction that reads first could not be promoted beside another writer.
    try run("BEGIN IMMEDIATE")
    do {
      let result = try body()
      try run("COMMIT")
      // One that changed nothing has not tried the disk.
      if sqlite3_total_changes64(handle) != changes { vitals.wrote(since: start) }
      return result
    } catch {
      // A full disk or an I/O error may have rolled back already.
      if sqlite3_get_autocommit(handle) == 0 { _ = try? run("ROLLBACK") }
      throw error
    }
  }

  /// Writes a page that says what it said before: does the disk take it?
  func probe() throws {
    let start = vitals.uptime()
    let version = try first("PRAGMA user_version") { $0.integer(0) } ?? 0
    try transaction(durable: true) { try execute("PRAGMA user_version = \(version)") }
    vitals.wrote(since: start)
  }

  /// Pages of log after which SQLite brings them into the file.
  func checkpoint(everyPages count: Int) {
    // SQLite has one hook for both.
    if !CheckpointPoints.areArmed { sqlite3_wal_autocheckpoint(handle, Int32(count)) }
  }

  /// Brings the log into the file and cuts it, where nobody is reading; never waits.
  func emptyLog() {
    sqlite3_busy_timeout(handle, 0)
    defer { sqlite3_busy_timeout(handle, Int32(Store.busyTimeout.inMilliseconds)) }
    sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
  }

  private func step(_ sql: String, _ values: [any SQLBindable], _ read: (Row) throws -> Void) throws {
    let statement = try prepared(sql)
    defer {
      sqlite3_reset(statement)
      sqlite3_clear_bindings(statement)
    }
    for (index, value) in values.enumerated() { try bind(value.sqlValue, at: Int32(index + 1), of: statement) }
    while true {
      let code = sqlite3_step(statement)
      switch code {
      case SQLITE_ROW: try read(Row(statement))
      case SQLITE_DONE: return
      default: throw problem(code)
      }
    }
  }

  /// SQLite's own steps that each statement has taken since the last call, by its text: a test looks for what grows with
  /// the table.
  func takeSteps() -> [String: Int] {
    Dictionary(
      uniqueKeysWithValues: statements.map { text, statement in
        (text.text, Int(sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 1)))
      })
  }

  private func prepared(_ sql: String) throws -> OpaquePointer {
    let text = SQLText(text: sql)
    if let statement = statements[text] {
      precondition(sqlite3_stmt_busy(statement) == 0, "a statement was used while its own rows were being read")
      return statement
    }
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
    guard code == SQLITE_OK, let statement else { throw problem(code) }
    statements[text] = statement
    return statement
  }

  private func bind(_ value: SQLValue, at index: Int32, of statement: OpaquePointer) throws {
    let code =
      switch value {
      case .null: sqlite3_bind_null(statement, index)
      case .integer(let number): sqlite3_bind_int64(statement, index, number)
      case .text(var text):
        text.withUTF8 { utf8 in
          utf8.withMemoryRebound(to: CChar.self) { chars in
            store_bind_text(statement, index, chars.baseAddress, UInt64(chars.count))
          }
        }
      case .blob(let bytes):
        bytes.withUnsafeBytes { store_bind_blob(statement, index, $0.baseAddress, UInt64($0.count)) }
      }
    guard code == SQLITE_OK else { throw problem(code) }
  }

  private func problem(_ code: Int32) -> StoreError {
    let error = StoreError(
      code: code, system: sqlite3_system_errno(handle), path: path, detail: String(cString: sqlite3_errmsg(handle)))
    vitals.failed(error)
    return error
  }

  /// The characters that end or structure a path in an SQLite URI.
  private static func uriEscaped(_ path: String) -> String {
    path.reduce(into: "") { text, c in
      switch c {
      case "%": text += "%25"
      case "?": text += "%3f"
      case "#": text += "%23"
      default: text.append(c)
      }
    }
  }
}

/// A statement's text as a key: found by its length and its last bytes, of which few statements share both, because all
/// of it would be hashed again with every call.
private struct SQLText: Hashable {
  let text: String

  func hash(into hasher: inout Hasher) {
    hasher.combine(text.utf8.count)
    text.utf8.withContiguousStorageIfAvailable { bytes in
      hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes).suffix(24)))
    }
  }
}

extension StoreError {
  /// SQLite's result code as one of our reasons.
  ///
  /// - Parameter system: The `errno` of its last call to the system. SQLite says "full" of a write only; of a file that
  ///   can't grow, and of a quota, it says "I/O error".
  fileprivate init(code: Int32, system: Int32, path: String, detail: String) {
    let reason: Reason =
      switch code & 0xff {
      // Our statements are tested against our schema: one that it does not fit has met a schema that nobody wrote.
      case SQLITE_CORRUPT, SQLITE_ERROR: .damaged
      case SQLITE_NOTADB: .notAStore
      case SQLITE_FULL: .full
      case SQLITE_IOERR where system == ENOSPC || system == EDQUOT: .full
      case SQLITE_CANTOPEN where system == ENOSPC || system == EDQUOT: .full
      case SQLITE_IOERR: .io
      case SQLITE_BUSY, SQLITE_LOCKED: .busy
      case SQLITE_READONLY: .readOnly
      case SQLITE_PERM, SQLITE_AUTH, SQLITE_CANTOPEN: .permission
      default: .refused
      }
    self.init(path: path, reason: reason, detail: "SQLite says: \(StoreError.oneLine(detail)), code \(code)")
  }

  /// SQLite quotes what it chokes on, which in a damaged file may be anything, over any number of lines.
  static func oneLine(_ text: String) -> String {
    let line = text.unicodeScalars.prefix(200).map { $0.value < 0x20 || $0.value == 0x7F ? " " : String($0) }.joined()
    return line.split(separator: " ").joined(separator: " ")
  }
}

import Glibc
import Language
import PluginHost

/// Everything that outlives the process: snapshots, changes and the outbox, in one SQLite file (WAL).
///
/// Runs on a thread of its own (a simulation passes its executor in). Every call is one transaction; what throws has
/// changed nothing, and throws a ``StoreError``. Commits that somebody will hear of, leases and attempts wait for the disk (`synchronous = FULL`);
/// runs without news survive the death of the process, and after a power cut are simply seen again by the next run.
///
/// Retention: see ``Retention``.
public actor Store {
  public enum Mode: Sendable, Hashable {
    /// Makes, migrates, repairs leases, and holds `<path>.lock`: one process at a time.
    case readWrite
    /// Small writes beside the process that runs: no lock, and never makes or migrates a store.
    case beside
    /// Reads beside the process that runs.
    case readOnly
    /// For tests and dry runs; the path only names it.
    case inMemory
  }

  /// How long a statement waits for another connection's lock.
  public static let busyTimeout: Duration = .seconds(5)
  /// Up to this size every start reads the whole file to find damage; beyond, damage is found where it is read.
  static let checkedSize = 256 << 20
  /// Up to this size a start after a crash checks indexes against tables too: about 0.3 s.
  static let thoroughlyCheckedSize = 32 << 20

  /// A log that was longer once, for a long transaction or reader, is cut back to this.
  static let longestLog = 16 << 20

  public nonisolated let path: String
  let db: Connection
  private let lock: StoreLock?
  private let executor: any SerialExecutor
  /// Whose turn it is, by channel.
  var turns: [String: Turns] = [:]
  let care: StoreCare
  /// nil where nothing is written, or nobody else is kept away.
  private let ending: StoreEnding?
  var steps: (any SteppedTime)?

  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Opens, checks and where needed makes or migrates the store; blocks for as long as that takes.
  ///
  /// - Parameter reserve: Bytes that ``lookAfter()`` sets aside for a full disk, at most an eighth of it; 0 for none.
  /// - Parameter executor: Where its calls run; a thread of its own where nil.
  public init(
    path: String, mode: Mode = .readWrite, reserve: Int = StoreReserve.standard, executor: (any SerialExecutor)? = nil
  ) throws {
    try self.init(path: path, mode: mode, reserve: reserve, executor: executor, vfs: nil)
  }

  /// - Parameter vfs: See ``Connection``.
  init(path: String, mode: Mode, reserve: Int = 0, executor: (any SerialExecutor)? = nil, vfs: String?) throws {
    self.path = path
    self.executor = executor ?? StoreThread()
    let file = mode == .readWrite && reserve > 0 ? ReserveFile(store: path, wanted: reserve) : nil
    let care = StoreCare(reserve: file)
    self.care = care
    switch mode {
    case .inMemory:
      lock = nil
      ending = nil
      db = try Connection(path: path, access: .inMemory)
      try db.execute("PRAGMA foreign_keys = ON")
      try Migration.run(on: db, mayCreate: true)
    case .readOnly:
      lock = nil
      ending = nil
      try StoreFile.requireStore(path)
      db = try Store.openForReading(path)
      try Migration.require(db)
    case .beside:
      lock = nil
      ending = nil
      try StoreFile.requireStore(path)
      db = try Connection(path: path, access: .readWrite)
      try db.execute("PRAGMA foreign_keys = ON")
      try Migration.require(db)
    case .readWrite:
      try StoreFile.prepareFolder(of: path)
      let lock = try StoreLock(store: path)
      self.lock = lock
      try StoreFile.prepareForWriting(path, lock: lock)
      do {
        (db, ending) = try Store.connect(path, lock, vfs)
      } catch let error as StoreError where error.reason == .full && care.metFull() {
        (db, ending) = try Store.connect(path, lock, vfs)
      }
      db.makeRoom = { care.metFull() }
    }
  }

  /// What the death of the process does: the file and its lock are let go of at once, between two calls. Whatever is
  /// called later fails.
  package func abandon() {
    db.abandon()
    lock?.release()
  }

  private static func connect(
    _ path: String, _ lock: StoreLock, _ vfs: String?
  ) throws -> (Connection, StoreEnding) {
    let db = try Connection(path: path, access: .readWrite, vfs: vfs)
    return (db, StoreEnding(db, lock, checkedAt: try prepare(db, lock: lock)))
  }

  /// - Returns: When the whole file was last read, in seconds since 1970; nil where it is too large for that.
  private static func prepare(_ db: Connection, lock: StoreLock) throws -> Int64? {
    guard !db.isReadOnly else {
      throw StoreError(path: db.path, reason: .readOnly, detail: "the file may not be written")
    }
    let checkedAt = try refuseDamage(db, lock)
    // Sorting never needs a second disk.
    try db.execute("PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY")
    try db.execute("PRAGMA journal_size_limit = \(longestLog)")
    db.checkpoint(everyPages: checkpoints.plenty)
    try Migration.run(on: db, mayCreate: !lock.remembersStore)
    lock.remember()
    // Nobody else works on this store: leases were held by a process that is gone.
    try db.transaction(durable: true, at: .recovery) { try Leases.takeBack(db, "state = 'leased'") }
    return checkedAt
  }

  private static func refuseDamage(_ db: Connection, _ lock: StoreLock) throws -> Int64? {
    let now = Int64(time(nil))
    let size = StoreFile.size(of: db.path)
    guard size <= checkedSize else { return nil }
    let hasLog = StoreFile.size(of: db.path + "-wal") > 0
    if !hasLog, let whole = lock.leftWhole, whole.holds(for: db.path, now: now) { return whole.checkedAt }
    // A log that is there belongs to a process that did not end well, or to another file: an old copy of the store put
    // beside it shows only where indexes are held against their tables.
    let isThorough = size <= thoroughlyCheckedSize && hasLog
    let check = isThorough ? "integrity_check" : "quick_check"
    let finding = try db.first("PRAGMA \(check)(1)") { $0.text(0) } ?? "ok"
    // Pages that can't be read just now are the disk's fault, not damage: nobody should restore a backup over that.
    if finding.contains("unable to get the page. error code=\(Connection.readFailure)") {
      throw StoreError(
        path: db.path, reason: .io, detail: "the disk can't be read: \(StoreError.oneLine(finding))")
    }
    guard finding == "ok" else {
      throw StoreError(
        path: db.path, reason: .damaged,
        detail: "SQLite's \(check) says: \(StoreError.oneLine(finding)); restore it from a backup")
    }
    return now
  }

  /// A store that was closed well and lies where nothing may be written has no `-wal`, and SQLite may make none.
  private static func openForReading(_ path: String) throws -> Connection {
    let db = try Connection(path: path, access: .readOnly)
    do {
      _ = try db.first("PRAGMA user_version") { $0.int(0) }
      return db
    } catch let error as StoreError where error.reason == .permission && !StoreFile.exists(path + "-wal") {
      return try Connection(path: path, access: .immutable)
    }
  }
}

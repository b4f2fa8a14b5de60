import CLibSQLite3
import Glibc
import Synchronization

/// SQLite's way to the disk, which fails as told: at the n-th call, once or from then on, or for want of room.
///
///     let disk = FaultyDisk()
///     disk.fail(at: 3, with: .io, onward: true)
///     let store = try Store(path: path, mode: .readWrite, vfs: disk.name)
///
/// Nothing waits for the real disk, as nobody pulls its plug here.
final class FaultyDisk: Sendable {
  enum Fault: Sendable, CaseIterable {
    case io, full

    /// What SQLite's own layer would say of the failed call.
    fileprivate func code(of operation: Operation) -> Int32 {
      switch (self, operation) {
      case (.full, .write): SQLITE_FULL
      case (_, .open): SQLITE_CANTOPEN
      case (_, .read): SQLITE_IOERR | 1 << 8
      case (_, .write): SQLITE_IOERR | 3 << 8
      case (_, .sync): SQLITE_IOERR | 4 << 8
      case (_, .truncate): SQLITE_IOERR | 6 << 8
      case (_, .shared): SQLITE_IOERR | 21 << 8
      }
    }
  }

  fileprivate enum Operation { case open, read, write, sync, truncate, shared }

  private struct Plan {
    var failAt = 0
    var fault = Fault.io
    var onward = false
    var calls = 0
    var hits = 0
    var isFull: (@Sendable () -> Bool)?
    var onSync: (@Sendable () -> Void)?
  }

  let name: String
  private let plan = Mutex(Plan())
  // Written in init and deinit only; between them it is SQLite's.
  private nonisolated(unsafe) let table: UnsafeMutablePointer<sqlite3_vfs>

  private static let numbers = Atomic(0)

  init() {
    name = "faulty-\(FaultyDisk.numbers.add(1, ordering: .relaxed).newValue)"
    table = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
    guard let system = sqlite3_vfs_find(nil) else { preconditionFailure("SQLite has no way to the disk") }
    table.initialize(to: system.pointee)
    table.pointee.pNext = nil
    table.pointee.zName = UnsafePointer(strdup(name))
    table.pointee.xOpen = faultyOpen
    // Unretained: the disk unregisters itself before it goes.
    table.pointee.pAppData = Unmanaged.passUnretained(self).toOpaque()
    sqlite3_vfs_register(table, 0)
  }

  deinit {
    sqlite3_vfs_unregister(table)
    free(UnsafeMutableRawPointer(mutating: table.pointee.zName))
    table.deallocate()
  }

  /// - Parameter call: Counted from 1, over reads, writes, syncs, truncations, shared memory and opening; 0 for none.
  func fail(at call: Int, with fault: Fault, onward: Bool) {
    plan.withLock { $0 = Plan(failAt: call, fault: fault, onward: onward) }
  }

  /// Every write fails while it says so.
  func full(while isFull: @escaping @Sendable () -> Bool) { plan.withLock { $0.isFull = isFull } }

  func onSync(_ action: @escaping @Sendable () -> Void) { plan.withLock { $0.onSync = action } }

  /// How many calls have failed.
  var hits: Int { plan.withLock { $0.hits } }

  /// What the call must fail with; `SQLITE_OK` where it may go on.
  fileprivate func met(_ operation: Operation) -> Int32 {
    let (code, action) = plan.withLock { plan -> (Int32, (@Sendable () -> Void)?) in
      plan.calls += 1
      if operation == .write, let isFull = plan.isFull, isFull() { return (SQLITE_FULL, nil) }
      let isHit = plan.failAt > 0 && (plan.onward ? plan.calls >= plan.failAt : plan.calls == plan.failAt)
      if isHit { plan.hits += 1 }
      return (isHit ? plan.fault.code(of: operation) : SQLITE_OK, operation == .sync ? plan.onSync : nil)
    }
    action?()
    return code
  }
}

/// An open file: whose it is, and the methods that really work on it.
private struct OpenFile: @unchecked Sendable {  // the methods are a constant table of SQLite's
  var disk: FaultyDisk
  var methods: UnsafePointer<sqlite3_io_methods>
}

private let openFiles = Mutex<[UInt: OpenFile]>([:])

private func entry(_ file: UnsafeMutablePointer<sqlite3_file>?) -> OpenFile? {
  openFiles.withLock { $0[UInt(bitPattern: file)] }
}

private typealias OpenFunction =
  @convention(c) (
    UnsafeMutablePointer<sqlite3_vfs>?, UnsafePointer<CChar>?, UnsafeMutablePointer<sqlite3_file>?, Int32,
    UnsafeMutablePointer<Int32>?
  ) -> Int32

private let faultyOpen: OpenFunction = { vfs, path, file, flags, out in
  guard let context = vfs?.pointee.pAppData, let file, let system = sqlite3_vfs_find(nil) else {
    return SQLITE_CANTOPEN
  }
  let disk = Unmanaged<FaultyDisk>.fromOpaque(context).takeUnretainedValue()
  file.pointee.pMethods = nil
  let planned = disk.met(.open)
  guard planned == SQLITE_OK else { return planned }
  let code = system.pointee.xOpen(system, path, file, flags, out)
  guard code == SQLITE_OK, let methods = file.pointee.pMethods else { return code }
  openFiles.withLock { $0[UInt(bitPattern: file)] = OpenFile(disk: disk, methods: methods) }
  file.pointee.pMethods = UnsafePointer(faulty(methods))
  return SQLITE_OK
}

/// One table for each of SQLite's, kept for ever: a handful.
private let tables = Mutex<[UInt: UInt]>([:])

private func faulty(_ methods: UnsafePointer<sqlite3_io_methods>) -> UnsafeMutablePointer<sqlite3_io_methods>? {
  let key = UInt(bitPattern: methods)
  let found = tables.withLock { tables -> UInt in
    if let known = tables[key] { return known }
    let table = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
    table.initialize(to: methods.pointee)
    table.pointee.xClose = { file in
      guard let file, let found = openFiles.withLock({ $0.removeValue(forKey: UInt(bitPattern: file)) }) else {
        return SQLITE_OK
      }
      file.pointee.pMethods = found.methods
      return found.methods.pointee.xClose(file)
    }
    table.pointee.xRead = { file, into, count, offset in
      guard let found = entry(file) else { return SQLITE_INTERNAL }
      let planned = found.disk.met(.read)
      return planned == SQLITE_OK ? found.methods.pointee.xRead(file, into, count, offset) : planned
    }
    table.pointee.xWrite = { file, from, count, offset in
      guard let found = entry(file) else { return SQLITE_INTERNAL }
      let planned = found.disk.met(.write)
      return planned == SQLITE_OK ? found.methods.pointee.xWrite(file, from, count, offset) : planned
    }
    table.pointee.xTruncate = { file, size in
      guard let found = entry(file) else { return SQLITE_INTERNAL }
      let planned = found.disk.met(.truncate)
      return planned == SQLITE_OK ? found.methods.pointee.xTruncate(file, size) : planned
    }
    table.pointee.xSync = { file, _ in entry(file)?.disk.met(.sync) ?? SQLITE_INTERNAL }
    table.pointee.xShmMap = { file, region, size, extend, memory in
      guard let found = entry(file) else { return SQLITE_INTERNAL }
      let planned = found.disk.met(.shared)
      return planned == SQLITE_OK ? found.methods.pointee.xShmMap(file, region, size, extend, memory) : planned
    }
    tables[key] = UInt(bitPattern: table)
    return UInt(bitPattern: table)
  }
  return UnsafeMutablePointer(bitPattern: found)
}

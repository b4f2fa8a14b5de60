internal import CLibSQLite3
import Glibc
import PluginHost

/// The failpoints around checkpoints. SQLite makes those by itself, within a commit, so they are reached through its
/// hooks; nothing is hooked unless one of the three is armed.
enum CheckpointPoints {
  /// The log is checkpointed at 250 pages; armed, a test would wait long for that.
  private static let pages: Int32 = 16

  static var areArmed: Bool {
    switch Failpoint.armed?.point {
    case .beforeCheckpoint, .inCheckpoint, .afterCheckpoint: true
    default: false
    }
  }

  static func install(on handle: OpaquePointer) {
    guard areArmed else { return }
    sqlite3_wal_hook(
      handle,
      { _, handle, database, count in
        guard count >= CheckpointPoints.pages else { return SQLITE_OK }
        CheckpointPoints.around {
          // Like SQLite's own hook: a checkpoint that fails is made up for by the next.
          _ = sqlite3_wal_checkpoint_v2(handle, database, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
        }
        return SQLITE_OK
      }, nil)
    guard let vfs = sqlite3_vfs_find(nil), let set = vfs.pointee.xSetSystemCall else { return }
    // SQLite's build decides which of them it uses; each is called as the C function of its name.
    _ = set(vfs, "write", unsafeBitCast(halvingWrite, to: sqlite3_syscall_ptr.self))
    _ = set(vfs, "pwrite", unsafeBitCast(halvingPwrite, to: sqlite3_syscall_ptr.self))
    _ = set(vfs, "pwrite64", unsafeBitCast(halvingPwrite, to: sqlite3_syscall_ptr.self))
  }

  static func around<T>(_ checkpoint: () throws -> T) rethrows -> T {
    Failpoint.reach(.beforeCheckpoint)
    isUnderWay = areArmed
    defer {
      isUnderWay = false
      Failpoint.reach(.afterCheckpoint)
    }
    return try checkpoint()
  }

  /// In WAL mode the database file is written by checkpoints only.
  // Safe: set and read on the store's one thread, and only where a test has armed a failpoint.
  nonisolated(unsafe) fileprivate static var isUnderWay = false
}

/// Writes half of a page before the failpoint: what a power cut or a kill may leave.
private let halvingPwrite: @convention(c) (Int32, UnsafeRawPointer?, Int, Int) -> Int = { file, bytes, count, offset in
  if CheckpointPoints.isUnderWay {
    _ = pwrite(file, bytes, count / 2, offset)
    Failpoint.reach(.inCheckpoint)
  }
  return pwrite(file, bytes, count, offset)
}

private let halvingWrite: @convention(c) (Int32, UnsafeRawPointer?, Int) -> Int = { file, bytes, count in
  if CheckpointPoints.isUnderWay {
    _ = pwrite(file, bytes, count / 2, lseek(file, 0, SEEK_CUR))
    Failpoint.reach(.inCheckpoint)
  }
  return write(file, bytes, count)
}

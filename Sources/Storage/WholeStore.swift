import Glibc

/// A store's file as a process that ended well left it, and when it was last read whole.
///
/// A file that still looks so was touched by nobody; what could damage it without a trace is its disk. So it need not be
/// read whole again at each start of a job that runs every few minutes: once a day is enough.
struct WholeStore: Hashable {
  /// In seconds since 1970.
  var checkedAt: Int64
  private var look: Look

  private struct Look: Hashable {
    var size: Int64
    /// In nanoseconds since 1970.
    var changedAt: Int64
  }

  /// How long a look at the whole file is believed, in seconds.
  static let patience: Int64 = 86_400

  /// nil where there is no such file.
  init?(path: String, checkedAt: Int64) {
    var found = stat()
    guard stat(path, &found) == 0 else { return nil }
    self.checkedAt = checkedAt
    look = Look(
      size: Int64(found.st_size), changedAt: Int64(found.st_mtim.tv_sec) * 1_000_000_000 + Int64(found.st_mtim.tv_nsec))
  }

  /// nil for what is not ``line``.
  init?(line: String) {
    let words = line.split(separator: " ")
    guard words.count == 4, words[0] == "whole", let checkedAt = Int64(words[1]), let size = Int64(words[2]),
      let changedAt = Int64(words[3])
    else { return nil }
    self.checkedAt = checkedAt
    look = Look(size: size, changedAt: changedAt)
  }

  var line: String { "whole \(checkedAt) \(look.size) \(look.changedAt)" }

  /// Whether the file is still the one, and was read whole lately.
  func holds(for path: String, now: Int64) -> Bool {
    guard let current = WholeStore(path: path, checkedAt: checkedAt), current == self else { return false }
    return checkedAt <= now && now - checkedAt < WholeStore.patience
  }
}

/// Closes a store that is let go of, and says how it was left: the next process need not look for damage at once.
final class StoreEnding {
  private let db: Connection
  private let lock: StoreLock
  /// When the whole file was last read; nil where it is too large for that.
  private let checkedAt: Int64?

  init(_ db: Connection, _ lock: StoreLock, checkedAt: Int64?) {
    self.db = db
    self.lock = lock
    self.checkedAt = checkedAt
  }

  deinit {
    // Whoever died, as a test's process does, says nothing.
    guard let checkedAt, !db.isAbandoned, db.vitals.damage == nil else { return }
    db.abandon()
    guard StoreFile.size(of: db.path + "-wal") == 0,
      let whole = WholeStore(path: db.path, checkedAt: checkedAt)
    else { return }
    lock.leave(whole)
  }
}

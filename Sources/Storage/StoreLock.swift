import Glibc

/// The file `<store>.lock` beside a store: held by the one process that runs on it, and the memory that a store was
/// here, without which a lost store would silently become a new, empty one that tells everybody everything again.
final class StoreLock {
  private let descriptor: Int32
  private let path: String

  /// The second line, once a store has been made.
  private static let mark = "a store was made here"

  /// - Throws: ``StoreError`` with reason `in_use` where another process holds it.
  init(store: String) throws {
    path = store + ".lock"
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw StoreError(errno: errno, path: store, doing: "open \(path)") }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let number = errno
      let holder = StoreLock.content(of: descriptor).first ?? ""
      close(descriptor)
      guard number == EWOULDBLOCK else { throw StoreError(errno: number, path: store, doing: "lock \(path)") }
      throw StoreError(
        path: store, reason: .inUse,
        detail: "another process works on it\(holder.isEmpty ? "" : " (\(holder))"): stop that one first")
    }
    let content = StoreLock.content(of: descriptor)
    remembersStore = content.contains(StoreLock.mark)
    leftWhole = content.lazy.compactMap(WholeStore.init(line:)).first
    write()
  }

  /// Closing gives up the lock; the file stays, with its mark.
  deinit { release() }

  /// Given up aloud: a child that another thread is just starting has a copy of the descriptor until it execs.
  func release() {
    guard !isReleased else { return }
    isReleased = true
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  private var isReleased = false

  /// Whether a store was made here before.
  private(set) var remembersStore: Bool

  func remember() {
    guard !remembersStore else { return }
    remembersStore = true
    write()
  }

  /// What the process before said when it ended well; a process that does not end well leaves nothing here.
  let leftWhole: WholeStore?

  /// Said last, when the file is closed: nobody writes to it any more.
  func leave(_ whole: WholeStore) { write(whole.line + "\n") }

  /// Best effort: without the mark only the protection against a lost store is weaker.
  private func write(_ more: String = "") {
    let text = "pid \(getpid())\n" + (remembersStore ? StoreLock.mark + "\n" : "") + more
    var bytes = Array(text.utf8)
    _ = ftruncate(descriptor, 0)
    _ = pwrite(descriptor, &bytes, bytes.count, 0)
    _ = fsync(descriptor)
  }

  private static func content(of descriptor: Int32) -> [String] {
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    guard count > 0 else { return [] }
    return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").map(String.init)
  }
}

extension StoreError {
  init(errno number: Int32, path: String, doing: String) {
    let reason: Reason =
      switch number {
      case EACCES, EPERM, ELOOP: .permission
      case EROFS: .readOnly
      case ENOSPC, EDQUOT: .full
      case ENOENT, ENOTDIR: .missing
      default: .io
      }
    self.init(path: path, reason: reason, detail: "cannot \(doing): \(String(cString: strerror(number)))")
  }
}

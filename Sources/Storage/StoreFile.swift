import Glibc

/// What lies at a store's path, looked at before SQLite does: SQLite takes an empty file for a new database.
enum StoreFile {
  /// Everything there is to refuse before a store is opened for writing; makes the file (mode 0600: it holds addresses
  /// of people) where there is none and never was.
  static func prepareForWriting(_ path: String, lock: StoreLock) throws {
    let log = exists(path + "-wal")
    guard let found = try look(at: path) else {
      if lock.remembersStore || log { throw lost(path, "is gone") }
      let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { throw StoreError(errno: errno, path: path, doing: "create it") }
      close(descriptor)
      return
    }
    // No write bit at all is somebody's intention, and also stops root, whom the kernel lets through.
    guard found.st_mode & 0o222 != 0, access(path, W_OK) == 0 else {
      throw StoreError(path: path, reason: .readOnly, detail: "the file may not be written")
    }
    if found.st_size == 0, lock.remembersStore || log { throw lost(path, "is empty") }
  }

  /// For the modes that never create.
  static func requireStore(_ path: String) throws {
    guard let found = try look(at: path) else {
      throw StoreError(path: path, reason: .missing, detail: "there is no store yet: `slothunter run` makes it")
    }
    guard found.st_size > 0 else { throw StoreError(path: path, reason: .damaged, detail: "the file is empty") }
    guard access(path, R_OK) == 0 else {
      throw StoreError(path: path, reason: .permission, detail: "the file may not be read")
    }
  }

  /// The folder a store lies in; made, with its parents, where it is missing.
  static func prepareFolder(of path: String) throws {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
    let folder = String(path[..<slash])
    var found = stat()
    if stat(folder, &found) == 0 {
      guard found.st_mode & S_IFMT == S_IFDIR else {
        throw StoreError(path: path, reason: .missing, detail: "\(folder) is not a folder")
      }
      guard found.st_mode & 0o222 != 0, access(folder, W_OK) == 0 else {
        throw StoreError(path: path, reason: .readOnly, detail: "nothing may be written to the folder \(folder)")
      }
      return
    }
    guard errno == ENOENT else { throw StoreError(errno: errno, path: path, doing: "look at \(folder)") }
    try prepareFolder(of: folder)
    guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
      throw StoreError(errno: errno, path: path, doing: "make the folder \(folder)")
    }
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  static func size(of path: String) -> Int {
    var found = stat()
    return stat(path, &found) == 0 ? Int(found.st_size) : 0
  }

  private static func look(at path: String) throws -> stat? {
    var found = stat()
    guard stat(path, &found) == 0 else {
      if errno == ENOENT { return nil }
      throw StoreError(errno: errno, path: path, doing: "look at it")
    }
    guard found.st_mode & S_IFMT == S_IFREG else {
      let what = found.st_mode & S_IFMT == S_IFDIR ? "is a folder" : "is not a regular file"
      throw StoreError(path: path, reason: .notAStore, detail: what)
    }
    return found
  }

  private static func lost(_ path: String, _ what: String) -> StoreError {
    StoreError(
      path: path, reason: .missing,
      detail: "the store that was here \(what); restore it from a backup, or remove \(path)-wal and \(path).lock to "
        + "start anew, which tells every subscriber again what is open")
  }
}

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
    // As root everything may be written; what root makes beside it, its owner then may not.
    guard found.st_uid == geteuid() else {
      throw StoreError(
        path: path, reason: .permission,
        detail:
          "the file belongs to user \(found.st_uid), and this is user \(geteuid()): run as its owner, or `chown` it")
    }
    if found.st_size == 0, lock.remembersStore || log { throw lost(path, "is empty") }
    try refuseCut(path, size: Int(found.st_size))
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
    try refuseCut(path, size: Int(found.st_size))
  }

  /// SQLite takes a file shorter than its header for a new database, and reads zeros beyond a file's end.
  ///
  /// With a log beside it a file may rightly be shorter than its header says: the log holds the rest.
  private static func refuseCut(_ path: String, size: Int) throws {
    guard size > 0, let header = header(of: path) else { return }
    guard header.starts(with: magic.prefix(header.count)) else {
      throw StoreError(path: path, reason: .notAStore, detail: "is no database")
    }
    guard header.count == headerSize else {
      throw StoreError(path: path, reason: .damaged, detail: "cut after \(size) bytes; restore it from a backup")
    }
    func number(at offset: Int, bytes: Int) -> Int {
      header[offset..<offset + bytes].reduce(0) { $0 << 8 | Int($1) }
    }
    // <https://www.sqlite.org/fileformat2.html#the_database_header>: a page size of 1 means 65,536; the page count
    // counts only where the two change counters agree.
    let pageSize = number(at: 16, bytes: 2) == 1 ? 65_536 : number(at: 16, bytes: 2)
    let expected = number(at: 28, bytes: 4) * pageSize
    guard number(at: 24, bytes: 4) == number(at: 92, bytes: 4), self.size(of: path + "-wal") == 0 else { return }
    guard size >= expected else {
      throw StoreError(
        path: path, reason: .damaged,
        detail: "cut: \(size) bytes of \(expected) are left; restore it from a backup")
    }
  }

  private static let headerSize = 100
  private static let magic = Array("SQLite format 3\0".utf8)

  /// As much of it as there is; nil where it can't be read, which SQLite then says.
  private static func header(of path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: headerSize)
    let count = pread(descriptor, &bytes, headerSize, 0)
    return count > 0 ? Array(bytes[..<count]) : nil
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

import Glibc

/// Reading files and folders for commands; every failure names the path.
enum Files {
  static func read(_ path: String) throws(CommandFailure) -> [UInt8] {
    guard let file = fopen(path, "rb") else { throw problem(path) }
    defer { fclose(file) }
    return try drain(file, path)
  }

  static func readStandardInput() throws(CommandFailure) -> [UInt8] {
    guard let file = fdopen(dup(0), "rb") else { throw problem("standard input") }
    defer { fclose(file) }
    return try drain(file, "standard input")
  }

  static func text(_ path: String) throws(CommandFailure) -> String {
    String(decoding: try read(path), as: UTF8.self)
  }

  static func write(_ text: String, to path: String) throws(CommandFailure) { try write(Array(text.utf8), to: path) }

  static func write(_ bytes: [UInt8], to path: String) throws(CommandFailure) {
    guard let file = fopen(path, "wb") else { throw errno == ENOENT ? problem(path) : unwritten(path) }
    defer { fclose(file) }
    // A full disk says so only when the buffer goes out.
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count, fflush(file) == 0 else { throw unwritten(path) }
  }

  /// With the folders above it.
  static func makeFolder(_ path: String) throws(CommandFailure) {
    var made = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      made += "/" + part
      guard mkdir(made, 0o755) != 0 else { continue }
      // Looking overwrites it.
      let reason = errno
      guard isDirectory(made) else {
        errno = reason
        throw unwritten(made)
      }
    }
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  static func isDirectory(_ path: String) -> Bool {
    var info = stat()
    return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
  }

  /// Names in a folder, sorted.
  static func list(_ path: String, withHidden: Bool = false) throws(CommandFailure) -> [String] {
    guard let folder = opendir(path) else { throw problem(path) }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if withHidden ? name != "." && name != ".." : !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  /// As far as it goes. Links are removed, not followed.
  static func removeTree(_ path: String) {
    guard unlink(path) != 0, errno == EISDIR || errno == EPERM else { return }
    for name in (try? list(path, withHidden: true)) ?? [] { removeTree(path + "/" + name) }
    rmdir(path)
  }

  private static func drain(_ file: UnsafeMutablePointer<FILE>, _ path: String) throws(CommandFailure) -> [UInt8] {
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { all += chunk[..<count] }
    guard ferror(file) == 0 else { throw problem(path) }
    return all
  }

  private static func unwritten(_ path: String) -> CommandFailure {
    CommandFailure(.cannotStore, "\(path): \(String(cString: strerror(errno)))")
  }

  private static func problem(_ path: String) -> CommandFailure {
    CommandFailure(.noInput, "\(path): \(String(cString: strerror(errno)))")
  }
}

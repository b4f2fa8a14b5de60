import Glibc
import Synchronization

/// A temporary folder, removed with the harness unless it is kept for looking into.
final class Folder: Sendable {
  private static let all = Mutex<[String]>([])
  private static let isKept = Mutex(false)

  let path: String

  init() throws {
    var template = Array("/tmp/slothunter-torture-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw HarnessFailure(description: String(cString: strerror(errno))) }
    let path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } } ?? ""
    self.path = path
    Folder.all.withLock { $0.append(path) }
  }

  func write(_ text: String, to name: String) throws {
    let full = path + "/" + name
    if let slash = full.lastIndex(of: "/") { mkdir(String(full[..<slash]), 0o755) }
    guard let file = fopen(full, "wb") else { throw HarnessFailure(description: "can't write \(full)") }
    defer { fclose(file) }
    let bytes = Array(text.utf8)
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
      throw HarnessFailure(description: "can't write \(full)")
    }
  }

  func remove(_ name: String) { Folder.erase(path + "/" + name) }

  /// From now on nothing is removed.
  static func keep() { isKept.withLock { $0 = true } }

  /// - Returns: Folders that are left because they are kept.
  @discardableResult
  static func removeAll() -> [String] {
    all.withLock { paths in
      guard !isKept.withLock({ $0 }) else { return paths }
      paths.forEach(erase)
      paths = []
      return []
    }
  }

  private static func erase(_ path: String) {
    var info = stat()
    if lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR, let folder = opendir(path) {
      while let entry = readdir(folder) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != ".", name != ".." { erase(path + "/" + name) }
      }
      closedir(folder)
    }
    Glibc.remove(path)
  }
}

/// The text of a file.
func shipped(_ name: String) throws -> String {
  guard let file = fopen(name, "rb") else {
    throw HarnessFailure(description: "there is no \(name) here: run the harness in the package's folder")
  }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 14)
  while true {
    let count = fread(&chunk, 1, chunk.count, file)
    if count == 0 { return String(decoding: bytes, as: UTF8.self) }
    bytes += chunk[..<count]
  }
}

/// `slothunter`, built beside this harness.
func program() throws -> String {
  var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
  let count = buffer.withUnsafeMutableBytes { bytes -> Int in
    guard let start = bytes.baseAddress else { return -1 }
    return readlink("/proc/self/exe", start.assumingMemoryBound(to: CChar.self), bytes.count)
  }
  let parts = String(decoding: buffer[..<max(0, count)], as: UTF8.self).split(separator: "/").dropLast()
  let path = "/" + parts.joined(separator: "/") + "/slothunter"
  guard access(path, X_OK) == 0 else { throw HarnessFailure(description: "slothunter is not built: no \(path)") }
  return path
}

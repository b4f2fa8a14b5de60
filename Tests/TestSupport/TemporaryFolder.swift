import Glibc

/// A folder that is removed with its last reference.
public final class TemporaryFolder: Sendable {
  public let path: String

  public init() throws {
    _ = LoopbackSockets.manyFiles
    var template = Array("/tmp/slothunter-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SpawnProblem(description: String(cString: strerror(errno))) }
    path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } } ?? ""
  }

  deinit { TemporaryFolder.remove(path) }

  private static func remove(_ path: String) {
    var info = stat()
    if lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR, let folder = opendir(path) {
      while let entry = readdir(folder) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != ".", name != ".." { remove(path + "/" + name) }
      }
      closedir(folder)
    }
    Glibc.remove(path)
  }

  /// Makes the folders above it too.
  public func write(_ text: String, to name: String) throws {
    try write(Array(text.utf8), to: name)
  }

  public func write(_ bytes: [UInt8], to name: String) throws {
    let full = path + "/" + name
    var folder = ""
    for part in full.split(separator: "/").dropLast() {
      folder += "/" + part
      mkdir(folder, 0o755)
    }
    guard let file = fopen(full, "wb") else { throw FileProblem(path: full, number: errno) }
    defer { fclose(file) }
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw FileProblem(path: full, number: errno) }
  }
}

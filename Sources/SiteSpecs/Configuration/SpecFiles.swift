import Glibc

/// Where specs are read from: the disk, or a test's dictionary.
public struct SpecFiles: Sendable {
  /// Why a file or folder can't be read, in the system's words.
  public struct Problem: Error, Sendable, Hashable {
    public var reason: String
    public init(_ reason: String) { self.reason = reason }
  }

  /// At most so many bytes of the file at a path.
  public var read: @Sendable (_ path: String, _ limit: Int) -> Result<[UInt8], Problem>
  /// Names in the folder at a path, in no order; nil for what is no folder.
  public var list: @Sendable (_ path: String) -> [String]?

  public init(
    read: @escaping @Sendable (_ path: String, _ limit: Int) -> Result<[UInt8], Problem>,
    list: @escaping @Sendable (_ path: String) -> [String]?
  ) {
    self.read = read
    self.list = list
  }

  /// Files by path, as in `["sites/shop.yaml": "…"]`.
  public init(_ files: [String: String]) {
    self.init(
      read: { path, limit in
        files[path].map { .success(Array($0.utf8.prefix(limit))) } ?? .failure(Problem("No such file or directory"))
      },
      list: { path in
        let prefix = path.isEmpty ? "" : path + "/"
        let names = files.keys.filter { $0.hasPrefix(prefix) }
          .compactMap { $0.dropFirst(prefix.count).split(separator: "/").first.map(String.init) }
        return names.isEmpty ? nil : Array(Set(names))
      })
  }

  public static let disk = SpecFiles(read: readFromDisk, list: listOnDisk)
}

@Sendable private func readFromDisk(_ path: String, limit: Int) -> Result<[UInt8], SpecFiles.Problem> {
  func failure() -> Result<[UInt8], SpecFiles.Problem> { .failure(SpecFiles.Problem(String(cString: strerror(errno)))) }
  // A pipe or device that never ends or never begins must not hold up a start.
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard descriptor >= 0 else { return failure() }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else { return failure() }
  guard status.st_mode & S_IFMT == S_IFREG else { return .failure(SpecFiles.Problem("not a file")) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while bytes.count < limit {
    let count = Glibc.read(descriptor, &chunk, min(chunk.count, limit - bytes.count))
    if count < 0 { return failure() }
    if count == 0 { break }
    bytes += chunk[..<count]
  }
  return .success(bytes)
}

@Sendable private func listOnDisk(_ path: String) -> [String]? {
  guard let folder = opendir(path.isEmpty ? "." : path) else { return nil }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
      pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    names.append(name)
  }
  return names
}

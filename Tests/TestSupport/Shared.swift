import Glibc

/// The path of a file or folder of the workplace's shared material, nil where it is not there.
///
/// Looked for in `$SLOTHUNTER_SHARED`, else in `shared/` beside the package. Tests that need it are skipped by name:
///
///     @Test(.enabled(if: shared("suites/cron") != nil, "needs ../shared/suites/cron"))
public func shared(_ path: String) -> String? {
  let root = getenv("SLOTHUNTER_SHARED").map { String(cString: $0) } ?? packageRoot + "/../shared"
  let full = root + "/" + path
  return access(full, R_OK) == 0 ? full : nil
}

/// The folder that holds Package.swift.
public let packageRoot: String = {
  var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
  while parts.count > 1 {
    parts.removeLast()
    let folder = parts.joined(separator: "/")
    if access(folder + "/Package.swift", F_OK) == 0 { return folder }
  }
  return "."
}()

/// The bytes of a file.
public func bytes(of path: String) throws -> [UInt8] {
  guard let file = fopen(path, "rb") else { throw FileProblem(path: path, number: errno) }
  defer { fclose(file) }
  var all: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { all += chunk[..<count] }
  return all
}

/// A file as text; invalid UTF-8 is repaired.
public func text(of path: String) throws -> String { String(decoding: try bytes(of: path), as: UTF8.self) }

public struct FileProblem: Error, CustomStringConvertible {
  public var path: String
  public var number: Int32

  public init(path: String, number: Int32) {
    self.path = path
    self.number = number
  }

  public var description: String { "\(path): \(String(cString: strerror(number)))" }
}

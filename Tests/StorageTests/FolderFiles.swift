import Glibc
import Testing

extension Folder {
  func read(_ name: String) throws -> [UInt8] {
    let file = try #require(fopen(path + "/" + name, "rb"))
    defer { fclose(file) }
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { all += chunk[..<count] }
    return all
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    let file = try #require(fopen(path + "/" + name, "wb"))
    defer { fclose(file) }
    try #require(fwrite(bytes, 1, bytes.count, file) == bytes.count)
  }

  func remove(_ names: String...) { for name in names { unlink(path + "/" + name) } }
}

import Glibc

extension SampleFiles {
  /// What a recording writes; whatever else stands in a case is its author's.
  private static let parts = ["exchanges", "expected.json"]

  /// Writes a case, or writes it anew: beside what is there, which gives way only when all is written.
  static func write(_ files: [File], to folder: String) throws(CommandFailure) {
    let new = beside(folder)
    Files.removeTree(new)
    defer { Files.removeTree(new) }
    try Files.makeFolder(new + "/exchanges")
    for file in files { try Files.write(file.bytes, to: new + "/" + file.name) }
    try Files.makeFolder(folder)
    var done: [String] = []
    do throws(CommandFailure) {
      for part in parts {
        try exchange(folder + "/" + part, new + "/" + part)
        done.append(part)
      }
    } catch {
      for part in done { try? exchange(folder + "/" + part, new + "/" + part) }
      throw error
    }
  }

  /// Hidden, so that nobody takes it for a case, and on the same file system.
  private static func beside(_ folder: String) -> String {
    let place = folder.lastIndex(of: "/").map { folder.index(after: $0) } ?? folder.startIndex
    return folder[..<place] + "." + folder[place...] + ".new"
  }

  /// What stands at one path goes to the other; either may be missing.
  private static func exchange(_ one: String, _ other: String) throws(CommandFailure) {
    let aside = other + ".aside"
    try move(one, to: aside)
    do throws(CommandFailure) {
      try move(other, to: one)
    } catch {
      try? move(aside, to: one)
      throw error
    }
    try move(aside, to: other)
  }

  private static func move(_ path: String, to other: String) throws(CommandFailure) {
    guard rename(path, other) == 0 || errno == ENOENT else {
      throw CommandFailure(.cannotStore, "\(other): \(String(cString: strerror(errno)))")
    }
  }
}

import Glibc

/// Where the demo finds what it plays, and where it keeps its store meanwhile.
enum DemoPlace {
  private static let needed = ["sites", "notifiers", "samples"]

  /// The folder with `sites/`, `notifiers/` and `samples/`: the current one, else the nearest above the program.
  static func root() throws(CommandFailure) -> String {
    if isRoot(".") { return "." }
    var folder = executable()[...]
    while let slash = folder.lastIndex(of: "/") {
      folder = folder[..<slash]
      if isRoot(String(folder)) { return String(folder) }
    }
    throw CommandFailure(
      .noInput, "the folders sites/, notifiers/ and samples/ are neither here nor above the program",
      help: "run the demo inside a clone of the repository")
  }

  static func isRoot(_ folder: String) -> Bool {
    needed.allSatisfy { Files.isDirectory(folder + "/" + $0) } && Files.exists(folder + "/sites/paziresh24.yaml")
  }

  /// Nothing where the system does not say.
  private static func executable() -> String {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &path, path.count)
    return String(decoding: path.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// A folder of our own that is removed with everything in it when `work` has ended.
  static func withTemporaryFolder<T>(_ work: (String) async throws -> T) async throws -> T {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array((parent + "/slothunter-demo-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else {
      throw CommandFailure(.cannotStore, "\(parent): \(String(cString: strerror(errno)))", help: "set TMPDIR")
    }
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { Files.removeTree(folder) }
    return try await work(folder)
  }
}

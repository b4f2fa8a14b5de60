import Glibc
import TestSupport

/// How editors and tools put a new text where an old one was.
enum EditorHabit: CaseIterable, Sendable {
  /// A new file renamed over the old one: vim with `backupcopy=no`, most tools.
  case renameOver
  /// Truncated and written: nano, VS Code, shells.
  case truncate
  /// The same in two writes.
  case pieces
  /// The old one moved away as a backup, a new one made: vim with `backup`, Emacs.
  case backup
  /// Removed and made anew.
  case removeFirst
  /// A symlink switched to another file: ConfigMaps, stow, deployments.
  case symlink
  /// A swap file beside it, written first.
  case swapFile

  func save(_ text: String, to path: String) throws {
    let bytes = Array(text.utf8)
    switch self {
    case .renameOver:
      try EditorHabit.write(bytes[...], to: path + ".tmp.1")
      try EditorHabit.check(rename(path + ".tmp.1", path))
    case .truncate: try EditorHabit.write(bytes[...], to: path)
    case .pieces:
      let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      try EditorHabit.check(descriptor)
      defer { close(descriptor) }
      for part in [bytes.prefix(bytes.count / 2), bytes.dropFirst(bytes.count / 2)] {
        try EditorHabit.put(part, descriptor)
      }
    case .backup:
      try EditorHabit.check(rename(path, path + "~"))
      try EditorHabit.write(bytes[...], to: path)
    case .removeFirst:
      try EditorHabit.check(unlink(path))
      try EditorHabit.write(bytes[...], to: path)
    case .symlink:
      let (folder, name) = EditorHabit.split(path)
      let target = folder + "/.versions"
      mkdir(target, 0o755)
      let file = target + "/\(name).\(text.hashValue)"
      try EditorHabit.write(bytes[...], to: file)
      unlink(path + ".lnk")
      try EditorHabit.check(Glibc.symlink(file, path + ".lnk"))
      try EditorHabit.check(rename(path + ".lnk", path))
    case .swapFile:
      let (folder, name) = EditorHabit.split(path)
      let swap = folder + "/.\(name).swp"
      try EditorHabit.write(bytes.prefix(100), to: swap)
      try EditorHabit.write(bytes[...], to: path)
      unlink(swap)
    }
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return (parts.dropLast().joined(separator: "/"), parts.last.map(String.init) ?? path)
  }

  private static func write(_ bytes: ArraySlice<UInt8>, to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    try check(descriptor)
    defer { close(descriptor) }
    try put(bytes, descriptor)
  }

  private static func put(_ bytes: ArraySlice<UInt8>, _ descriptor: Int32) throws {
    let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    try check(count == bytes.count ? 0 : -1)
  }

  private static func check(_ result: Int32) throws {
    guard result >= 0 else { throw SpawnProblem(description: String(cString: strerror(errno))) }
  }
}

import Glibc
import Language
import PluginHost

/// The files that run, as they were when they were read, and which of them are others now.
///
/// A look costs one `stat` for each file; only what looks different is read, and what holds the same bytes as before is
/// no change.
struct LiveFiles {
  /// A file written within this time of being read may be written again without its stamp telling: clocks of file systems
  /// tick each 1 to 10 ms, some each second.
  private static let racy = Duration.milliseconds(1100)

  private struct Seen {
    /// nil where nothing was there, or where it is not known.
    var stamp: FileStamp?
    /// Whether it was old enough when it was read: a second save would have another.
    var isTrusted = false
    var content: String?
  }

  private var seen: [String: Seen] = [:]
  /// In the order in which they were read.
  private(set) var paths: [String] = []

  /// - Parameters:
  ///   - contents: As ``FileContents`` remembered them.
  ///   - stamps: Taken before any of them was read.
  init(_ paths: [String], contents: [String: String], stamps: [String: FileStamp]) {
    take(paths, contents: contents, stamps: stamps)
  }

  /// - Parameters:
  ///   - read: What the newest attempt has read; also what was not known before.
  ///   - others: What it did not come to.
  mutating func take(
    _ read: [String], and others: [String] = [], contents: [String: String], stamps: [String: FileStamp]
  ) {
    paths = read + others
    let now = SystemTime().now()
    var fresh: [String: Seen] = [:]
    for path in paths {
      let stamp = stamps[path]
      fresh[path] = Seen(stamp: stamp, isTrusted: stamp?.isOlder(than: now, by: LiveFiles.racy) ?? false)
    }
    for path in read { fresh[path]?.content = contents[path] }
    for path in others { fresh[path]?.content = FileContents.now(path) }
    seen = fresh
  }

  /// Those that look like others than when they were read, with how they look now.
  mutating func suspects() -> [String: FileStamp?] {
    let now = SystemTime().now()
    var found: [String: FileStamp?] = [:]
    for path in paths {
      let stamp = FileStamp(path)
      guard let known = seen[path], known.stamp == stamp else {
        // A folder looks different for each backup that comes and goes in it: its specs count.
        if let stamp, stamp.isFolder, FileContents.now(path) == seen[path]?.content {
          seen[path]?.stamp = stamp
          seen[path]?.isTrusted = stamp.isOlder(than: now, by: LiveFiles.racy)
        } else {
          found[path] = .some(stamp)
        }
        continue
      }
      // The same stamp may be another save's: what it holds says so.
      guard let stamp, !known.isTrusted else { continue }
      if FileContents.now(path) != known.content {
        found[path] = .some(stamp)
      } else if stamp.isOlder(than: now, by: LiveFiles.racy) {
        seen[path]?.isTrusted = true
      }
    }
    return found
  }

  /// Of `suspects` those that hold something else; of the rest the new stamp is taken.
  mutating func changed(among suspects: [String: FileStamp?]) -> [String] {
    let now = SystemTime().now()
    return suspects.keys.sorted().filter { path in
      guard FileContents.now(path) == seen[path]?.content else { return true }
      // A stamp taken before the bytes were read.
      let stamp = suspects[path] ?? nil
      seen[path]?.stamp = stamp
      seen[path]?.isTrusted = stamp?.isOlder(than: now, by: LiveFiles.racy) ?? false
      return false
    }
  }
}

/// What tells a file from the same file after an edit.
struct FileStamp: Hashable, Sendable {
  var inode: UInt
  var size: Int
  var seconds: Int
  var nanoseconds: Int
  var isFolder: Bool

  static func all(_ paths: [String]) -> [String: FileStamp] {
    Dictionary(paths.compactMap { path in FileStamp(path).map { (path, $0) } }) { first, _ in first }
  }

  /// Follows symlinks: a switched one is another file.
  init?(_ path: String) {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    inode = UInt(info.st_ino)
    size = Int(info.st_size)
    seconds = info.st_mtim.tv_sec
    nanoseconds = info.st_mtim.tv_nsec
    isFolder = info.st_mode & S_IFMT == S_IFDIR
  }

  func isOlder(than now: Instant, by age: Duration) -> Bool {
    let written = Instant(milliseconds: Int64(seconds) * 1000 + Int64(nanoseconds) / 1_000_000)
    // A file of tomorrow has a clock of its own: trusted, as its next save has tomorrow's stamp too.
    return written > now || now - written >= age
  }
}

import Glibc

/// `<store>.reserve`: room that is set aside while there is plenty, and given back when a write finds none.
///
/// On a full disk SQLite can't even delete: pruning frees nothing, only somebody else's space does. Real blocks are
/// taken, so a file system that promises more than it has can't take them back.
public enum StoreReserve {
  /// Room for thousands of leases, attempts and alerts.
  public static let standard = 16 << 20
}

/// The file itself.
struct ReserveFile {
  /// Of a small disk no more than this part.
  static let largestPart = 8

  let path: String
  /// As asked for; ``size(on:)`` is what is taken.
  let wanted: Int

  init(store: String, wanted: Int) {
    path = store + ".reserve"
    self.wanted = wanted
  }

  func size(on space: DiskSpace) -> Int { min(wanted, space.total / ReserveFile.largestPart) }

  /// How much it holds; 0 where there is none.
  var held: Int {
    var found = stat()
    guard lstat(path, &found) == 0, found.st_mode & S_IFMT == S_IFREG else { return 0 }
    return min(Int(found.st_size), Int(found.st_blocks) * 512)
  }

  /// - Returns: Whether that made room.
  func release() -> Bool { held > 0 && unlink(path) == 0 }

  /// - Returns: Whether it is there now; where there is no room for it nothing is left behind.
  func make(_ size: Int) -> Bool {
    _ = unlink(path)
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    guard posix_fallocate(descriptor, 0, off_t(size)) == 0 else {
      _ = unlink(path)
      return false
    }
    return true
  }
}

import Glibc

/// Room on the file system that a store lies on, in bytes.
public struct DiskSpace: Sendable, Hashable {
  /// What is left for a process without privileges.
  public var free: Int
  public var total: Int

  public init(free: Int, total: Int) {
    self.free = free
    self.total = total
  }

  /// - Parameter path: A file that need not be there; its folder is asked. nil where the system does not say.
  public init?(around path: String) {
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    var found = statvfs()
    guard statvfs(folder, &found) == 0, found.f_blocks > 0 else { return nil }
    let block = Int(found.f_frsize)
    self.init(free: Int(found.f_bavail) * block, total: Int(found.f_blocks) * block)
  }

  /// Below this it is time to say so: a tenth, but never more than 1 GiB, as a store is a matter of megabytes.
  public var lowLine: Int { min(total / 10, 1 << 30) }
  /// Below this nothing is stored that can be fetched again: a twentieth, at most 512 MiB.
  public var scarceLine: Int { min(total / 20, 512 << 20) }
}

/// How much room there is, as far as it decides what is done.
public enum SpaceLevel: Int, Sendable, Hashable, Comparable, CaseIterable {
  case plenty
  /// Said to the maintainers; the log is kept short.
  case low
  /// Bodies of pages are no longer stored.
  case scarce
  /// A write found no room: what goes on goes on in the room of the reserve, alerts before anything else.
  case full

  public static func < (a: SpaceLevel, b: SpaceLevel) -> Bool { a.rawValue < b.rawValue }

  /// Pure. A level once reached is left only with a fifth more room than its line, so that it does not flap.
  ///
  /// - Parameters:
  ///   - isFull: A write found no room, and that has not ended.
  ///   - lacksReserve: A reserve is wanted, and there is no room for it.
  static func judge(_ space: DiskSpace, before: SpaceLevel, isFull: Bool, lacksReserve: Bool) -> SpaceLevel {
    if isFull { return .full }
    func isBelow(_ line: Int, _ level: SpaceLevel) -> Bool {
      space.free < (before >= level ? line + line / 5 : line)
    }
    if isBelow(space.scarceLine, .scarce) { return .scarce }
    return isBelow(space.lowLine, .low) || lacksReserve ? .low : .plenty
  }
}

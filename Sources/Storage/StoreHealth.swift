import Language
import PluginHost

/// What stands in the way of a store, and what room it has.
public struct StoreHealth: Sendable, Hashable {
  /// Fixed words, shared by logs, `status` and incidents; the worst first.
  public enum Trouble: String, Sendable, Hashable, CaseIterable {
    /// Bytes are not what was written; ends with a restart on a good store.
    case damaged
    /// Reads or writes fail.
    case failing
    /// A write found no room; what goes on goes on in the room of the reserve.
    case full
    /// Less than a twentieth is free: bodies of pages are no longer stored.
    case scarceSpace = "scarce_space"
    /// Less than a tenth is free, or there is no room for the reserve.
    case lowSpace = "low_space"
    /// A write took ``Store/slowWrite`` or longer.
    case slow

    /// What maintainers hear of once: space that gets scarcer is the same story.
    public var incident: String {
      switch self {
      case .damaged: "store|damaged"
      case .failing: "store|failing"
      case .full, .scarceSpace, .lowSpace: "store|space"
      case .slow: "store|slow"
      }
    }

    public static var incidents: [String] { ["store|damaged", "store|failing", "store|space", "store|slow"] }
  }

  /// The worst first, at most one for each incident.
  public var troubles: [Trouble]
  /// One sentence; empty where there is no trouble.
  public var detail: String
  /// nil in memory, or where the system does not say.
  public var space: DiskSpace?
  /// Bytes that the reserve holds.
  public var reserve: Int
  /// Bytes of the file and of its log.
  public var size: Int
  public var log: Int

  public var isDegraded: Bool { !troubles.isEmpty }
}

/// What a store remembers of its disk between two looks. Used by the store's own thread only.
final class StoreCare {
  let reserve: ReserveFile?
  var level = SpaceLevel.plenty
  /// A write found no room, and that has not ended.
  var isFull = false
  var isSlow = false
  var keepsLogShort = false
  /// A test's own disk.
  var measure: (() -> DiskSpace?)?

  init(reserve: ReserveFile?) { self.reserve = reserve }

  /// A write found no room.
  ///
  /// - Returns: Whether the reserve made some: then it is worth another try.
  func metFull() -> Bool {
    isFull = true
    level = .full
    return reserve?.release() ?? false
  }

  var keepsBodies: Bool { level < .scarce }

  /// Runs without news may use three quarters of what the reserve gave: alerts and their attempts go last.
  func keepsQuietRuns(_ space: @autoclosure () -> DiskSpace?) -> Bool {
    guard level == .full, let reserve, let space = space() else { return true }
    return space.free >= reserve.size(on: space) / 4
  }
}

extension Store {
  /// A write that takes longer is said. Found by judgement: an alert that waits so long for the disk is still in time,
  /// and a disk that is only busy is not meant.
  public static let slowWrite: Duration = .seconds(2)
  /// The log is emptied into the file when it is longer than this while space is low.
  static let longLog = 256 << 10
  /// Pages of log between two checkpoints: 250, and with little room 64 (256 KiB). With SQLite's own 1,000 one claim in
  /// a hundred waits 6 ms for its checkpoint, with 250 it waits 4 (`make bench-outbox`).
  static let checkpoints = (plenty: 250, little: 64)

  /// Looks after the disk: sets the reserve aside when there is room, shortens the log while there is little, and tries
  /// whether a store that failed works again. To be called every few seconds by the one process that runs.
  public func lookAfter() -> StoreHealth {
    if care.isSlow || db.vitals.failure != nil { try? db.probe() }
    let space = diskSpace()
    if let space { settleSpace(space) }
    judgeSpeed()
    return health(space: diskSpace() ?? space)
  }

  private func settleSpace(_ space: DiskSpace) {
    var lacksReserve = false
    if let reserve = care.reserve {
      let size = reserve.size(on: space)
      if reserve.held < size {
        // With it there must still be room to work in.
        let isRoom = space.free - size >= space.scarceLine + space.scarceLine / 5
        lacksReserve = !isRoom || !reserve.make(size)
      }
    }
    if care.isFull, !lacksReserve, space.free >= space.scarceLine + space.scarceLine / 5 { care.isFull = false }
    let level = SpaceLevel.judge(space, before: care.level, isFull: care.isFull, lacksReserve: lacksReserve)
    if care.keepsLogShort != (level > .plenty) {
      care.keepsLogShort = level > .plenty
      db.checkpoint(everyPages: care.keepsLogShort ? Store.checkpoints.little : Store.checkpoints.plenty)
    }
    care.level = level
    // Not when it is full: the log's own room is the only one that is sure, and nobody else must get it.
    if level == .low || level == .scarce, StoreFile.size(of: path + "-wal") > Store.longLog { db.emptyLog() }
  }

  private func judgeSpeed() {
    guard let longest = db.vitals.takeLongest() else { return }
    care.isSlow = longest >= (care.isSlow ? Store.slowWrite / 2 : Store.slowWrite)
  }

  private func health(space: DiskSpace?) -> StoreHealth {
    var troubles: [StoreHealth.Trouble] = []
    var details: [String] = []
    if let damage = db.vitals.damage {
      troubles.append(.damaged)
      details.append(damage.detail)
    }
    if let failure = db.vitals.failure {
      troubles.append(.failing)
      details.append(failure.detail)
    }
    if let trouble = care.level.trouble {
      troubles.append(trouble)
      if let space { details.append(space.words) }
    }
    if care.isSlow {
      troubles.append(.slow)
      details.append("a write took \(Store.slowWrite.components.seconds) s or longer")
    }
    return StoreHealth(
      troubles: troubles, detail: details.joined(separator: "; "), space: space, reserve: care.reserve?.held ?? 0,
      size: StoreFile.size(of: path), log: StoreFile.size(of: path + "-wal"))
  }

  func diskSpace() -> DiskSpace? {
    if let measure = care.measure { return measure() }
    return db.isInMemory ? nil : DiskSpace(around: path)
  }

  /// For a command beside the process that runs: what can be seen from outside, and what that process has noted.
  func healthFromOutside(openIncidents: [String]) -> StoreHealth {
    let space = diskSpace()
    let reserve = ReserveFile(store: path, wanted: StoreReserve.standard).held
    var troubles: [StoreHealth.Trouble] = []
    if openIncidents.contains(StoreHealth.Trouble.damaged.incident) { troubles.append(.damaged) }
    if openIncidents.contains(StoreHealth.Trouble.failing.incident) { troubles.append(.failing) }
    let noted = openIncidents.contains(StoreHealth.Trouble.full.incident)
    if let space {
      let level = SpaceLevel.judge(space, before: noted ? .full : .plenty, isFull: false, lacksReserve: noted)
      // Noted, and the reserve is gone: it was used.
      if let trouble = (noted && reserve == 0 ? .full : level).trouble { troubles.append(trouble) }
    }
    if openIncidents.contains(StoreHealth.Trouble.slow.incident) { troubles.append(.slow) }
    let detail = troubles.contains { $0.incident == StoreHealth.Trouble.full.incident } ? space?.words ?? "" : ""
    return StoreHealth(
      troubles: troubles, detail: detail, space: space, reserve: reserve, size: StoreFile.size(of: path),
      log: StoreFile.size(of: path + "-wal"))
  }
}

extension SpaceLevel {
  var trouble: StoreHealth.Trouble? {
    switch self {
    case .plenty: nil
    case .low: .lowSpace
    case .scarce: .scarceSpace
    case .full: .full
    }
  }
}

extension DiskSpace {
  var words: String { "\(DiskSpace.text(free)) of \(DiskSpace.text(total)) are free" }

  /// `0.7 MiB`, `12.0 GiB`: one decimal.
  public static func text(_ bytes: Int) -> String {
    var (value, unit) = (bytes, "KiB")
    for next in ["MiB", "GiB", "TiB"] where value >= 1 << 20 {
      value >>= 10
      unit = next
    }
    let tenths = (value * 10 + 512) >> 10
    return "\(tenths / 10).\(tenths % 10) \(unit)"
  }
}

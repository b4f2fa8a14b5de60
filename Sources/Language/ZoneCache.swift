import Synchronization

/// Zone files read once in a process. They do not change under a running service; a restart reads new ones.
final class ZoneCache: Sendable {
  static let shared = ZoneCache(folder: ZoneFile.folder)

  private let folder: String
  private let tables = Mutex<[String: OffsetTable]>([:])

  init(folder: String) { self.folder = folder }

  func table(for identifier: String) -> OffsetTable? {
    if let known = tables.withLock({ $0[identifier] }) { return known }
    guard let table = read(identifier) else { return nil }
    tables.withLock { $0[identifier] = table }
    return table
  }

  private func read(_ identifier: String) -> OffsetTable? {
    let table = ZoneFile.table(named: identifier, in: folder)
    guard identifier == "Asia/Tehran" || identifier == "Iran" else { return table }
    // tzdata before 2022b still moves Tehran's clocks in summer; July 2026 is enough to tell.
    let summer: Int64 = 1_783_000_000
    return table.flatMap { $0.offset(at: summer) == TehranZone.standard ? $0 : nil } ?? TehranZone.table
  }
}

/// Tehran without tzdata, or with one older than the law of 2022 that ended daylight saving.
///
/// Clocks stood an hour ahead from 2 Farvardin 00:00 to 31 Shahrivar 00:00 in the Jalali years 1371 to 1384 and 1387 to
/// 1401 (tzdata, `asia`, rule set Iran). Before 1371 only the standard time is kept here.
enum TehranZone {
  static let standard = 12_600
  private static let daylight = 16_200

  static let table: OffsetTable = {
    var starts: [Int64] = []
    var offsets: [Int32] = []
    for year in Array(1371...1384) + Array(1387...1401) {
      guard let start = JalaliDate(year: year, month: 1, day: 2).civil,
        let end = JalaliDate(year: year, month: 6, day: 31).civil
      else { continue }
      starts += [Int64(start.dayNumber * 86_400 - standard), Int64(end.dayNumber * 86_400 - daylight)]
      offsets += [Int32(daylight), Int32(standard)]
    }
    return OffsetTable(starts: starts, offsets: offsets, initial: Int32(standard), rule: nil)
  }()
}

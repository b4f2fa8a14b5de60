import Language
import Storage

/// What there is to say of a watch beyond its row: below the table, so that a quiet table stays narrow.
enum StatusNotes {
  static func lines(of watch: StoreStatus.Watch) -> [String] {
    var lines: [String] = []
    if let every = watch.every, let interval = watch.interval, watch.isStretched {
      lines.append("runs every \(interval.components.seconds) s: the limits can't meet \(every.components.seconds) s")
    }
    if watch.leavingItems > 0 {
      lines.append("\(watch.leavingItems) of its items are missing, and not believed to be gone yet")
    }
    if watch.ignoredDrops > 0 {
      lines.append("\(watch.ignoredDrops) readings that lacked more than half were not confirmed, and ignored")
    }
    return lines.map { "  \(watch.id): \($0)" }
  }

  /// Additional members of a watch in `--json`.
  static func members(of watch: StoreStatus.Watch) -> [(String, JSON)] {
    [
      ("every_ms", watch.every.map { .integer($0.inMilliseconds) } ?? .null),
      ("interval_ms", watch.interval.map { .integer($0.inMilliseconds) } ?? .null),
      ("leaving_items", .integer(Int64(watch.leavingItems))), ("ignored_drops", .integer(Int64(watch.ignoredDrops))),
    ]
  }
}

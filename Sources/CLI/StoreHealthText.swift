import Language
import Storage

/// How `status` says how the store's disk is.
extension StoreHealth {
  /// One line where all is well.
  var words: String {
    let state = isDegraded ? "degraded: " + troubles.map(\.rawValue).joined(separator: ", ") : "healthy"
    let room = space.map {
      ", \(DiskSpace.text($0.free)) of \(DiskSpace.text($0.total)) free, reserve \(DiskSpace.text(reserve))"
    }
    return "\(state), \(DiskSpace.text(size)) and \(DiskSpace.text(log)) of log" + (room ?? "")
  }

  var json: JSON {
    .object(
      JSONObject([
        ("state", .string(isDegraded ? "degraded" : "healthy")),
        ("reasons", .array(troubles.map { .string($0.rawValue) })), ("detail", .string(detail)),
        ("free_bytes", space.map { .integer(Int64($0.free)) } ?? .null),
        ("total_bytes", space.map { .integer(Int64($0.total)) } ?? .null),
        ("reserve_bytes", .integer(Int64(reserve))), ("size_bytes", .integer(Int64(size))),
        ("log_bytes", .integer(Int64(log))),
      ]))
  }
}

/// Why the store can't be opened or used. Everything that ``Store`` throws is one of these.
public struct StoreError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Fixed words, shared by logs, metrics and exit codes.
  public enum Reason: String, Sendable, Hashable, CaseIterable {
    /// There is no store, and the mode makes none; or one was here before and is gone.
    case missing
    /// A folder, another program's database, or no database at all.
    case notAStore = "not_a_store"
    /// It was a store; its bytes are not what was written.
    case damaged
    /// Written by a later version of SlotHunter.
    case newer
    /// Written by an earlier version, and the mode does not migrate.
    case outdated
    /// Another process holds it.
    case inUse = "in_use"
    case readOnly = "read_only"
    case permission
    /// The disk is full.
    case full
    case io
    /// Another connection kept a lock for longer than ``Store/busyTimeout``.
    case busy
    /// A rule of the schema was about to be broken.
    case refused
  }

  public var path: String
  public var reason: Reason
  /// One sentence on what was found and what to do; no content of the store.
  public var detail: String

  public init(path: String, reason: Reason, detail: String) {
    self.path = path
    self.reason = reason
    self.detail = detail
  }

  public var description: String { "store \(path): \(detail) (\(reason.rawValue))" }
}

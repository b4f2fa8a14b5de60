import PluginHost

/// How a connection's reads and writes went. Used by the connection's own thread only.
final class Vitals {
  /// Measures writes; a test passes its own.
  var uptime: () -> Duration = { SystemTime().uptime() }

  /// The newest failure that the disk or another process is to blame for; nil once something was written since.
  private(set) var failure: StoreError?
  /// Damage does not heal: it stays known until the store is opened anew.
  private(set) var damage: StoreError?
  /// The longest write since it was last asked for.
  private var longest: Duration?
  /// Transactions that have changed something.
  private(set) var writes = 0

  func failed(_ error: StoreError) {
    switch error.reason {
    case .damaged, .notAStore: damage = damage ?? error
    case .io, .readOnly, .permission, .busy: failure = error
    // Full is dealt with apart; the rest is not the disk's.
    case .full, .missing, .newer, .outdated, .inUse, .refused: break
    }
  }

  func wrote(since start: Duration) {
    writes += 1
    failure = nil
    longest = max(longest ?? .zero, uptime() - start)
  }

  /// nil where nothing was written.
  func takeLongest() -> Duration? {
    defer { longest = nil }
    return longest
  }
}

import Glibc

/// What the harness can't do: the machine or the set-up is at fault, not the program under test.
struct HarnessFailure: Error, CustomStringConvertible {
  var description: String
}

/// Looks every millisecond until `condition` holds.
///
/// - Returns: False where it did not within `limit`.
func wait(atMost limit: Duration, until condition: @Sendable () async -> Bool) async -> Bool {
  let end = ContinuousClock.now + limit
  while await !condition() {
    guard ContinuousClock.now < end else { return false }
    try? await Task.sleep(for: .milliseconds(1))
  }
  return true
}

/// Blocks a thread of a loopback server; no task runs there.
func sleepBriefly(_ duration: Duration) {
  usleep(UInt32(duration / .microseconds(1)))
}

extension Duration {
  var inSeconds: Double { self / .seconds(1) }
  /// `1.234 s`
  var text: String {
    let thousandths = Int((inSeconds * 1000).rounded())
    let rest = String(thousandths % 1000)
    return "\(thousandths / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest) s"
  }
}

import Glibc

/// What a test waited for did not come.
struct NeverHappened: Error, CustomStringConvertible {
  var description: String
}

/// Looks every 20 ms until `condition` holds. The bound is for a machine under load; nothing is measured by it.
///
/// - Parameter story: Told when it never does: the log of the process under test.
func eventually(
  _ what: String, within limit: Duration = .seconds(90), story: () -> String = { "" },
  _ condition: () async throws -> Bool
) async throws {
  let end = ContinuousClock.now + limit
  while try await !condition() {
    guard ContinuousClock.now < end else { throw NeverHappened(description: "never: \(what)\n\(story())") }
    try await Task.sleep(for: .milliseconds(20))
  }
}

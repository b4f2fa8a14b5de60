import PluginHost
import Testing

/// The real sleep: order and cancellation; how exact it is depends on the machine.
struct MonotonicSleepTests {
  private let time = SystemTime()

  @Test func `no sleeper wakes early, however many there are`() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<200 {
        group.addTask {
          let wait = Duration.milliseconds(number * 7 % 50)
          let start = time.uptime()
          try await time.sleep(for: wait)
          #expect(time.uptime() - start >= wait)
        }
      }
      try await group.waitForAll()
    }
  }

  @Test func `a cancelled sleeper wakes with an error, before and while it sleeps`() async throws {
    let sleeper = Task { try await time.sleep(for: .seconds(3600)) }
    await Task.yield()
    sleeper.cancel()
    await #expect(throws: CancellationError.self) { try await sleeper.value }
    let late = Task {
      while !Task.isCancelled { await Task.yield() }
      try await time.sleep(for: .seconds(3600))
    }
    late.cancel()
    await #expect(throws: CancellationError.self) { try await late.value }
  }

  @Test func `an earlier sleeper is not kept waiting by a later one`() async throws {
    let long = Task { try await time.sleep(for: .seconds(3600)) }
    defer { long.cancel() }
    for _ in 0..<20 { try await time.sleep(for: .milliseconds(1)) }
    try await time.sleep(for: .zero)
    try await time.sleep(for: .seconds(-1))
  }
}

import Language
import PluginHost
import Testing

@testable import Engine
@testable import Storage

/// Runs that end at the same moment, stored together.
struct CommitQueueTests {
  private static func run(_ watch: String) -> RunCommit {
    let now = Instant(seconds: 1_791_232_200)
    return RunCommit(
      watch: watch, site: "desk", specVersion: "1", startedAt: now, endedAt: now, verdict: .empty, keyFields: ["id"])
  }

  @Test func `hundreds of runs that end at once are stored each, in few transactions`() async throws {
    let store = try Store(path: "", mode: .inMemory)
    let queue = CommitQueue(store: store)
    let before = await store.commits()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<500 { group.addTask { _ = try await queue.commit(Self.run("w\(number)")) } }
      try await group.waitForAll()
    }
    #expect(try await store.lastRuns().count == 500)
    #expect(await store.commits() - before < 500)
  }

  @Test func `a run that can't be stored takes no other with it, and is told so itself`() async throws {
    let store = try Store(path: "", mode: .inMemory)
    try await store.refuse(watch: "bad")
    let queue = CommitQueue(store: store)
    let failed: [String] = await withTaskGroup(of: String?.self) { group in
      for watch in ["a", "b", "bad", "c", "d", "e"] {
        group.addTask {
          do {
            _ = try await queue.commit(Self.run(watch))
            return nil
          } catch { return watch }
        }
      }
      var failed: [String] = []
      for await case let watch? in group { failed.append(watch) }
      return failed
    }
    #expect(failed == ["bad"])
    #expect(Set(try await store.lastRuns().keys) == ["a", "b", "c", "d", "e"])
  }
}

extension Store {
  fileprivate func refuse(watch: String) throws {
    try db.execute(
      """
      CREATE TEMP TRIGGER refuse BEFORE INSERT ON watch_states WHEN new.watch = '\(watch)'
      BEGIN SELECT raise(ABORT, 'no'); END;
      """)
  }

  /// Transactions that have changed something.
  fileprivate func commits() -> Int { db.vitals.writes }
}

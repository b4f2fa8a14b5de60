import Language
import PluginHost
import Testing

@testable import Storage

/// What a watch leaves behind when it goes.
struct ReviewWatchTests {
  @Test func `a removed watch makes room for the same one under another id`() async throws {
    let store = try memoryStore()
    func watch(_ id: String) -> WatchRecord {
      WatchRecord(
        id: id, site: "site", params: ["a": "1", "b": "2"], every: .seconds(60), origin: .config, addedAt: at(0))
    }
    try await store.upsertWatch(watch("site/1/2"))
    try await store.commit(run(watch: "site/1/2", items: [life("a")]))
    await #expect(throws: StoreError.self) { try await store.upsertWatch(watch("site/2/1")) }
    try await store.removeWatch("site/1/2", now: at(1))
    try await store.upsertWatch(watch("site/2/1"))
    #expect(try await store.watches(includingRemoved: true).map(\.id) == ["site/2/1"])
    #expect(try await store.number("SELECT count(*) FROM items") == 0)
  }
}

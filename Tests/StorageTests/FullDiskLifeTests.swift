import Glibc
import Language
import PluginHost
import Testing

@testable import Storage

/// On a disk whose last room is for alerts, what will be an alert has a place too.
struct FullDiskLifeTests {
  @Test func `an item that waits to settle is kept, else it would never be news`() async throws {
    let folder = try Folder()
    let disk = FaultyDisk()
    let store = try Store(path: folder.store, mode: .readWrite, reserve: 1 << 20, vfs: disk.name)
    try await store.commit(run(items: [life("a")], deliveries: [alert("d1")]))
    #expect(await store.lookAfter().troubles.isEmpty)
    disk.full { [reserve = folder.store + ".reserve"] in access(reserve, F_OK) == 0 }
    await store.measured(kibibytes: 200, of: 8 << 10)
    try await store.commit(run(seconds: 60, deliveries: [alert("d2", to: "r2")]))
    try await store.commit(run(seconds: 120, items: [life("quiet")]))
    #expect(try await store.state(of: "w1").items.map(\.item.key) == ["a"])
    try await store.commit(run(seconds: 180, items: [life("b", .arriving, since: 180)]) { $0.movesItems = true })
    #expect(try await store.state(of: "w1").items.map(\.item.key) == ["a", "b"])
  }
}

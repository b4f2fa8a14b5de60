import Language
import PluginHost
import Testing

@testable import Storage

/// Leases of notifiers that do not simply repeat a send: lost before the send began, nothing was tried.
struct BeginningTests {
  private let folder: Folder
  init() throws { folder = try Folder() }

  private func leased(_ store: Store, at seconds: Int64 = 0) async throws -> LeasedDelivery {
    try #require(
      try await store.leaseUnbegun(channel: "telegram", limit: 5, now: at(seconds), until: at(seconds + 60)).first)
  }

  @Test func `a process that died between lease and send leaves no doubt, however often`() async throws {
    var store = try Store(path: folder.store)
    try await store.commit(run(deliveries: [alert("d1")]))
    for _ in 1...3 {
      let lease = try await leased(store)
      #expect(lease.doubts == 0 && !lease.unsure)
      #expect(try await store.unbegun() == ["d1"])
      store = try reopened(store)
    }
    #expect(try await store.deliveries().map(\.state) == [.pending])
  }

  @Test func `a process that died after the send had begun leaves a doubt`() async throws {
    var store = try Store(path: folder.store)
    try await store.commit(run(deliveries: [alert("d1")]))
    try await store.begin([try await leased(store)])
    #expect(try await store.unbegun().isEmpty)
    store = try reopened(store)
    let lease = try await leased(store)
    #expect(lease.doubts == 1 && lease.unsure)
  }

  @Test func `a lease that ran out unbegun comes back, and its late holder can record nothing`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1")]))
    let first = try await leased(store)
    let second = try await leased(store, at: 61)
    #expect(second.doubts == 0 && second.attempt == 2)
    try await store.begin([first])
    #expect(try await store.unbegun() == ["d1"])
    try await store.record([ended(first, .rejected)], now: at(62))
    #expect(try await store.deliveries().map(\.state) == [.leased])
    try await store.record([ended(second, .delivered(receipt: nil))], now: at(63))
    #expect(try await store.deliveries().map(\.state) == [.delivered])
  }

  @Test func `a plain lease that was lost is a doubt, as ever`() async throws {
    var store = try Store(path: folder.store)
    try await store.commit(run(deliveries: [alert("d1")]))
    #expect(try await store.lease().count == 1)
    store = try reopened(store)
    #expect(try await leased(store).doubts == 1)
  }

  /// As after the death of its process: the file says what was committed, and nobody holds the lock.
  private func reopened(_ store: Store) throws -> Store {
    let copy = folder.path + "/copy\(UInt32.random(in: 0..<(.max))).db"
    for suffix in ["", "-wal"] { try copyFile(folder.path + "/" + name(store.path) + suffix, copy + suffix) }
    return try Store(path: copy)
  }

  private func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
}

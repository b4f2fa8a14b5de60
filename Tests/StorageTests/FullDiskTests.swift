import Glibc
import Language
import PluginHost
import Synchronization
import Testing

@testable import Storage

/// A disk that fills up and becomes empty again.
struct FullDiskTests {
  private static let mebibyte = 1 << 20
  let folder: Folder
  let disk = FaultyDisk()
  init() throws { folder = try Folder() }

  private var reserve: String { folder.store + ".reserve" }
  private var hasReserve: Bool { access(reserve, F_OK) == 0 }

  /// Its writes fail for as long as the reserve lies there.
  private func fullStore() async throws -> Store {
    let store = try Store(path: folder.store, mode: .readWrite, reserve: Self.mebibyte, vfs: disk.name)
    try await store.commit(run(items: [life("a")], deliveries: [alert("d1")]))
    #expect(await store.lookAfter().troubles.isEmpty)
    disk.full { [reserve] in access(reserve, F_OK) == 0 }
    return store
  }

  @Test func `room is set aside at the first look, of a small disk only a part`() async throws {
    let store = try Store(path: folder.store, reserve: Self.mebibyte)
    #expect(!hasReserve)
    #expect(await store.lookAfter().reserve == Self.mebibyte)
    #expect(hasReserve)
    await store.measured(free: 7, of: 8)
    let small = ReserveFile(store: folder.store, wanted: 16 * Self.mebibyte)
    #expect(small.size(on: DiskSpace(free: 7 * Self.mebibyte, total: 8 * Self.mebibyte)) == Self.mebibyte)
    #expect(small.size(on: DiskSpace(free: 1 << 40, total: 1 << 41)) == 16 * Self.mebibyte)
  }

  @Test func `without a reserve none is made`() async throws {
    let store = try Store(path: folder.store, reserve: 0)
    #expect(await store.lookAfter().reserve == 0)
    #expect(!hasReserve)
  }

  @Test func `a write that finds no room gets the reserve's, and nothing is lost`() async throws {
    let store = try await fullStore()
    try await store.commit(run(seconds: 60, items: [life("b")], deliveries: [alert("d2", to: "r2")]))
    #expect(!hasReserve)
    #expect(try await store.states() == ["d1": .pending, "d2": .pending])
    #expect(try await store.lease(at: 61).count == 2)
  }

  @Test func `it is degraded until the reserve is back, which comes by itself`() async throws {
    let store = try await fullStore()
    await store.measured(free: 0, of: 8)
    try await store.commit(run(seconds: 60, deliveries: [alert("d2", to: "r2")]))
    #expect(await store.lookAfter().troubles == [.full])
    await store.measured(free: 1, of: 8)
    let health = await store.lookAfter()
    #expect(health.troubles == [.full] && !hasReserve, "one MiB is no room for a reserve of one")
    await store.measured(free: 6, of: 8)
    disk.full { false }
    #expect(await store.lookAfter().troubles.isEmpty)
    #expect(hasReserve)
  }

  @Test func `where no reserve is left the error says so, and the next write may work again`() async throws {
    let store = try await fullStore()
    disk.full { true }
    let error = await #expect(throws: StoreError.self) {
      try await store.commit(run(seconds: 60, deliveries: [alert("d2", to: "r2")]))
    }
    #expect(error?.reason == .full)
    #expect(try await store.states() == ["d1": .pending])
    disk.full { false }
    try await store.commit(run(seconds: 120, deliveries: [alert("d2", to: "r2")]))
    #expect(try await store.states() == ["d1": .pending, "d2": .pending])
  }

  @Test func `an outbox whose disk is full for good is told so at each call, and keeps what it has`() async throws {
    let store = try await fullStore()
    disk.full { true }
    for second in 0..<20 as Range<Int64> { _ = try? await store.lease(at: second) }
    disk.full { false }
    #expect(try await store.lease(at: 100).map(\.id) == ["d1"])
  }

  @Test func `with little room bodies of pages are not stored, alerts are`() async throws {
    let store = try Store(path: folder.store, reserve: 0)
    let page = PageRecord(
      request: "q", validators: Validators(etag: nil, lastModified: nil), contentType: nil, body: [1, 2],
      fetchedAt: at(0))
    await store.measured(free: 39, of: 800)
    #expect(await store.lookAfter().troubles == [.scarceSpace])
    try await store.commit(run(items: [life("a")], deliveries: [alert("d1")]) { $0.pages = [page] })
    #expect(try await store.state(of: "w1").pages.isEmpty)
    #expect(try await store.states() == ["d1": .pending])
    await store.measured(free: 200, of: 800)
    #expect(await store.lookAfter().troubles.isEmpty)
    try await store.commit(run(seconds: 60) { $0.pages = [page] })
    #expect(try await store.state(of: "w1").pages.count == 1)
  }

  @Test func `the last quarter of the reserve's room is for alerts`() async throws {
    let store = try await fullStore()
    await store.measured(free: 8, of: 8 << 10)
    try await store.commit(run(seconds: 60, deliveries: [alert("d2", to: "r2")]))
    await store.measured(kibibytes: 200, of: 8 << 10)
    try await store.commit(run(seconds: 120, items: [life("quiet")]))
    #expect(try await store.state(of: "w1").items.map(\.item.key) == ["a"])
    try await store.commit(run(seconds: 180, items: [life("loud")], deliveries: [alert("d3", to: "r3")]))
    #expect(try await store.state(of: "w1").items.map(\.item.key) == ["a", "loud"])
  }

  @Test func `the log is cut while there is still room, not when there is none`() async throws {
    let store = try Store(path: folder.store, reserve: 0)
    try await store.commit(run(items: (0..<2000).map { life("i\($0)") }))
    #expect(await store.lookAfter().log > Store.longLog)
    await store.measured(free: 60, of: 800)
    #expect(await store.lookAfter().log == 0)
  }

  @Test func `levels are left only with a fifth more room`() {
    func level(_ free: Int, _ before: SpaceLevel, isFull: Bool = false, lacksReserve: Bool = false) -> SpaceLevel {
      .judge(DiskSpace(free: free, total: 1000), before: before, isFull: isFull, lacksReserve: lacksReserve)
    }
    #expect([100, 99, 50, 49].map { level($0, .plenty) } == [.plenty, .low, .low, .scarce])
    #expect([49, 59, 60, 119, 120].map { level($0, .scarce) } == [.scarce, .scarce, .low, .low, .plenty])
    #expect(level(900, .plenty, isFull: true) == .full)
    #expect(level(900, .plenty, lacksReserve: true) == .low)
    let large = DiskSpace(free: 2 << 30, total: 4 << 40)
    #expect(SpaceLevel.judge(large, before: .plenty, isFull: false, lacksReserve: false) == .plenty)
  }

  @Test func `a store that is opened on a full disk gets the reserve's room`() async throws {
    do { _ = try await fullStore() }
    #expect(hasReserve)
    let store = try Store(path: folder.store, mode: .readWrite, reserve: Self.mebibyte, vfs: disk.name)
    try await store.commit(run(seconds: 60, deliveries: [alert("d2", to: "r2")]))
    #expect(try await store.states().count == 2)
  }

  @Test func `sizes read well`() {
    #expect(
      [0, 1, 512, 1536, 1 << 20, 3 << 19, 77 << 30].map(DiskSpace.text) == [
        "0.0 KiB", "0.0 KiB", "0.5 KiB", "1.5 KiB", "1.0 MiB", "1.5 MiB", "77.0 GiB",
      ])
  }
}

/// A disk that works slowly, or not.
struct SickDiskTests {
  let folder: Folder
  let disk = FaultyDisk()
  init() throws { folder = try Folder() }

  @Test func `writes that take seconds lose nothing and are said, until they are quick again`() async throws {
    let store = try Store(path: folder.store, mode: .readWrite, vfs: disk.name)
    let clock = Mutex(Duration.zero)
    let now: @Sendable () -> Duration = { clock.withLock { $0 } }
    await store.timed(by: now)
    let work: @Sendable () -> Void = { clock.withLock { $0 += .seconds(3) } }
    disk.onSync(work)
    try await store.commit(run(deliveries: [alert("d1")]))
    #expect(await store.lookAfter().troubles == [.slow])
    #expect(await store.lookAfter().troubles == [.slow], "it tries by itself, and it still is")
    #expect(try await store.states() == ["d1": .pending])
    disk.onSync {}
    #expect(await store.lookAfter().troubles.isEmpty)
  }

  @Test func `writes that fail are said until one works`() async throws {
    let store = try Store(path: folder.store, mode: .readWrite, vfs: disk.name)
    #expect(await store.lookAfter().troubles.isEmpty)
    disk.fail(at: 1, with: .io, onward: true)
    await #expect(throws: StoreError.self) { try await store.commit(run(deliveries: [alert("d1")])) }
    let health = await store.lookAfter()
    #expect(health.troubles == [.failing])
    #expect(health.detail.contains("disk I/O error"))
    disk.fail(at: 0, with: .io, onward: true)
    #expect(await store.lookAfter().troubles.isEmpty, "tried by the look itself")
    try await store.commit(run(deliveries: [alert("d1")]))
    #expect(try await store.states() == ["d1": .pending])
  }

  @Test func `a statement that broke a rule is no trouble of the disk`() async throws {
    let store = try Store(path: folder.store)
    await #expect(throws: StoreError.self) { try await store.execute("INSERT INTO deliveries (number) VALUES (1)") }
    #expect(await store.lookAfter().troubles.isEmpty)
  }
}

extension Store {
  /// What the disk is said to have, in MiB.
  func measured(free: Int, of total: Int) { measured(kibibytes: free << 10, of: total << 10) }
  func measured(kibibytes: Int, of total: Int) {
    care.measure = { DiskSpace(free: kibibytes << 10, total: total << 10) }
  }
  func timed(by uptime: @escaping @Sendable () -> Duration) { db.vitals.uptime = uptime }
}

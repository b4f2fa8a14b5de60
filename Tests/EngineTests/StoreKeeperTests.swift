import Language
import PluginHost
import Synchronization
import TestSupport
import Testing

@testable import Engine
@testable import Storage

/// What the service says of its store, and when.
struct StoreKeeperTests {
  private static let mebibyte = 1 << 20

  /// A keeper over a store in a folder of its own, whose disk is what the test says.
  private final class House: Sendable {
    let folder: TemporaryFolder
    let store: Store
    let time = ManualTime()
    let steady: SteadyTime
    let keeper: StoreKeeper
    private let said: Said

    final class Said: Sendable {
      let lines = Mutex<[String]>([])
      let woken = Mutex<[Set<String>]>([])
      let direct = Mutex<[NewDelivery]>([])
      let isReachable = Atomic(true)
    }

    init() throws {
      folder = try TemporaryFolder()
      store = try Store(path: folder.path + "/store.db", reserve: StoreKeeperTests.mebibyte)
      let said = Said()
      self.said = said
      steady = SteadyTime(time)
      keeper = StoreKeeper(
        store: store, time: steady, random: .seeded(1),
        log: Log(.debug) { line in said.lines.withLock { $0.append(line) } },
        surroundings: StoreKeeper.Surroundings(
          outlets: {
            Outlets(
              channels: ["ops", "people"],
              maintainers: [
                MaintainerTarget(channel: "ops"), MaintainerTarget(channel: "people", to: "7", language: "fa"),
              ])
          },
          wake: { channels in said.woken.withLock { $0.append(channels) } },
          sendNow: { delivery in
            said.direct.withLock { $0.append(delivery) }
            return said.isReachable.load(ordering: .relaxed)
          }))
    }

    var direct: [NewDelivery] { said.direct.withLock { $0 } }
    var woken: [Set<String>] { said.woken.withLock { $0 } }
    func reachable(_ yes: Bool) { said.isReachable.store(yes, ordering: .relaxed) }
    func logged(_ text: String) -> Int { said.lines.withLock { $0.filter { $0.contains(text) }.count } }

    /// Titles of what waits for a channel, in order.
    func told(_ channel: String = "ops") async throws -> [String] {
      try await store.deliveries(DeliveryFilter(channel: channel, limit: 100)).reversed().map(\.message.title)
    }

    func disk(free: Int) async {
      await store.measured { DiskSpace(free: free * StoreKeeperTests.mebibyte, total: 800 * StoreKeeperTests.mebibyte) }
      await keeper.look()
    }
  }

  @Test func `scarce room is one story for the maintainers, with one end`() async throws {
    let house = try House()
    for free in [700, 79, 60, 30, 0, 0, 30, 85] { await house.disk(free: free) }
    #expect(try await house.told() == ["the store's disk is nearly full (low_space)"])
    #expect(house.woken == [["ops", "people"]])
    await house.disk(free: 700)
    #expect(try await house.told() == ["the store's disk is nearly full (low_space)", "the store is well again"])
    #expect(try await house.told("people").count == 2)
    await house.disk(free: 700)
    await house.disk(free: 1)
    #expect(try await house.told().count == 3)
  }

  @Test func `a service that starts on a store that was in trouble says the end, and no second beginning`() async throws
  {
    let house = try House()
    await house.disk(free: 1)
    let second = StoreKeeper(
      store: house.store, time: house.steady, random: .seeded(2), log: .none,
      surroundings: StoreKeeper.Surroundings(
        outlets: { Outlets(channels: ["ops"], maintainers: [MaintainerTarget(channel: "ops")]) }, wake: { _ in },
        sendNow: { _ in false }))
    await second.look()
    #expect(try await house.told().count == 1)
    await house.store.measured { DiskSpace(free: 700 << 20, total: 800 << 20) }
    await second.look()
    await second.look()
    #expect(try await house.told().count == 2)
  }

  @Test func `where the outbox can't take an alarm it goes past it, once`() async throws {
    let house = try House()
    await house.disk(free: 700)
    // Another connection holds the store for writing: nothing can be written.
    let other = try Connection(path: house.store.path, access: .readWrite)
    try other.execute("BEGIN IMMEDIATE")
    try await house.store.impatient()
    house.reachable(false)
    await #expect(throws: StoreError.self) { try await house.store.removeWatch("w", now: Instant(seconds: 0)) }
    await house.keeper.look()
    #expect(house.direct.count == 2, "tried for each maintainer")
    house.reachable(true)
    await house.keeper.look()
    await house.keeper.look()
    #expect(house.direct.count == 4, "told at the second try, and not again")
    #expect(house.direct.last?.message.title.contains("failing") == true)
    try other.execute("ROLLBACK")
    await house.keeper.look()
    #expect(try await house.told() == ["the store is well again"])
  }

  @Test func `status says what stands in the way`() async throws {
    let house = try House()
    await house.disk(free: 700)
    #expect(try await house.store.status().storage.troubles.isEmpty)
    await house.disk(free: 30)
    let status = try await house.store.status()
    #expect(status.storage.troubles == [.scarceSpace])
    #expect(status.storage.detail == "30.0 MiB of 800.0 MiB are free")
    #expect(status.incidents.map(\.key) == ["store|space"])
  }

  @Test func `the log says each change of state once`() async throws {
    let house = try House()
    for free in [700, 700, 30, 30, 700, 700] { await house.disk(free: free) }
    #expect(house.logged("store degraded") == 1)
    #expect(house.logged("store healthy") == 1)
  }

  @Test func `a clock that was set is followed, one that is slewed is not`() async throws {
    let house = try House()
    let start = house.steady.now()
    await house.keeper.look()
    await house.time.advance(by: .seconds(2))
    house.time.setWall(house.time.now() + .milliseconds(400))
    await house.keeper.look()
    #expect(house.steady.now() == start + .milliseconds(2400))
    #expect(house.logged("the clock was set") == 0)
    house.time.setWall(house.time.now() - .seconds(3600))
    #expect(house.steady.now() == start + .milliseconds(2400), "not before the store has followed")
    await house.keeper.look()
    await house.keeper.look()
    #expect(house.logged("the clock was set by_seconds=-3600") == 1)
    #expect(house.steady.now() == start + .milliseconds(2400) - .seconds(3600))
  }

  @Test func `where nobody follows a jump the new time is taken after a while`() async throws {
    let time = ManualTime()
    let steady = SteadyTime(time)
    let start = steady.now()
    time.setWall(start + .seconds(86400))
    #expect(steady.now() == start)
    await time.advance(by: .seconds(9))
    #expect(steady.now() == start + .seconds(9))
    await time.advance(by: .seconds(1))
    #expect(steady.now() == start + .seconds(86410))
  }
}

extension Store {
  func measured(_ measure: @escaping @Sendable () -> DiskSpace?) { care.measure = measure }
  /// Waits for nobody's lock.
  func impatient() throws { try db.execute("PRAGMA busy_timeout = 0") }
}

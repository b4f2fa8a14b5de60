import Glibc
import LoopbackServer
import TestSupport
import Testing

/// The running service on a disk of 8 MiB that somebody fills.
@Suite(.enabled("needs a tmpfs of its own: root, and a kernel that mounts") { await Tmpfs.isAllowed() })
struct FullDiskServiceTests {
  @Test func `a full disk delays nothing that is committed, is said once, and ends by itself`() async throws {
    let world = try ServiceWorld()
    let disk = try await Tmpfs(megabytes: 8)
    let home = try ServiceHome(world, refresh: "1s")
    let store = "--store=\(disk.path)/store.db"
    let service = try home.launch(store, "--log=info")
    defer { service.end() }
    try await service.runs(1, verdict: "items")
    let reserve = disk.path + "/store.db.reserve"
    try await eventually("the reserve", story: { service.log }) { access(reserve, F_OK) == 0 }

    // Committed, and the channel is down; then the disk is full.
    world.telegram(then: { _ in ServerResponse(ending: .abort) })
    world.slots = ["s1": [0, 1]]
    try await eventually("an attempt", story: { service.log }) { !world.posts.isEmpty }
    try disk.fill()
    try await service.logged("store degraded")
    try await eventually("the maintainers' message", story: { service.log }) { world.maintainerPosts.count == 1 }
    #expect(world.maintainerPosts[0].title.hasPrefix("the store's disk is"))

    let status = try await home.command("status", "--json", store)
    #expect(status.status == 1)
    #expect(status.out.contains(#""state":"degraded""#), "\(status)")
    #expect(try await home.command("status", store).out.contains("degraded: "))

    world.telegram()
    try await eventually("the alert that was committed", story: { service.log }) {
      world.deliveredPosts.contains { $0.text.contains(ClinicPage.clock(1)) }
    }
    // Filled again, in case the reserve has made room: what is new still gets through or waits. With the reserve's room gone
    // too, nothing can be stored.
    try disk.fill()
    world.slots = ["s1": [0, 1, 2]]
    func tries() -> Int { service.lines(" run watch=").count + service.lines("run could not be stored").count }
    let known = tries()
    try await eventually("two more runs, stored or not", story: { service.log }) { tries() >= known + 2 }

    disk.empty()
    try await service.logged("store healthy")
    try await eventually("the alert of the full disk", story: { service.log }) {
      world.deliveredPosts.contains { $0.text.contains(ClinicPage.clock(2)) }
    }
    try await eventually("the end of the alarm", story: { service.log }) {
      world.maintainerPosts.count == 2
    }
    #expect(world.maintainerPosts[1].title == "the store is well again")
    #expect(access(reserve, F_OK) == 0)
    for slot in [1, 2] {
      #expect(world.deliveredPosts.filter { $0.text.contains(ClinicPage.clock(slot)) }.count == 1)
    }
    #expect(try await home.command("status", store).out.contains("healthy"))
    service.signal(SIGTERM)
    #expect(try await service.exit() == 0)
  }

  @Test func `a kill on a full disk loses nothing, and the start after it takes the reserve`() async throws {
    let world = try ServiceWorld()
    let disk = try await Tmpfs(megabytes: 8)
    let home = try ServiceHome(world, refresh: "1s")
    let store = "--store=\(disk.path)/store.db"
    let first = try home.launch(store, "--log=info")
    defer { first.end() }
    try await first.runs(1, verdict: "items")
    try await eventually("the reserve", story: { first.log }) { access(disk.path + "/store.db.reserve", F_OK) == 0 }
    world.telegram(then: { _ in ServerResponse(ending: .abort) })
    world.slots = ["s1": [0, 1]]
    try await eventually("an attempt", story: { first.log }) { !world.posts.isEmpty }
    try disk.fill()
    try await first.runs(1)
    first.signal(SIGKILL)
    #expect(try await first.exit() == 128 + SIGKILL)

    world.telegram()
    let second = try home.launch(store, "--log=info")
    defer { second.end() }
    try await eventually("the alert", story: { second.log }) {
      world.deliveredPosts.contains { $0.text.contains(ClinicPage.clock(1)) }
    }
    disk.empty()
    world.slots = ["s1": [0, 1, 2]]
    try await eventually("the next alert", story: { second.log }) {
      world.deliveredPosts.contains { $0.text.contains(ClinicPage.clock(2)) }
    }
    second.signal(SIGTERM)
    #expect(try await second.exit() == 0)
  }

  @Test func `where there is no room at all a start says so with exit code 74`() async throws {
    let disk = try await Tmpfs(megabytes: 1)
    let home = try ServiceHome(try ServiceWorld())
    try disk.fill()
    let service = try home.launch("--store=\(disk.path)/store.db")
    defer { service.end() }
    #expect(try await service.exit() == 74)
    #expect(service.log.contains("\(disk.path)/store.db") && service.log.contains("(full)"), "\(service.log)")
    // No empty store stays behind that the next start would take for a store that was emptied.
    disk.empty()
    let again = try home.launch("--store=\(disk.path)/store.db", "--log=info")
    defer { again.end() }
    try await again.runs(1, verdict: "items")
  }
}

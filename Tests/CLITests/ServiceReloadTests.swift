import Glibc
import TestSupport
import Testing

/// The running service and edits of its files.
struct ServiceReloadTests {
  @Test func `a bad configuration changes nothing and is located; a good one takes a new subscriber in`() async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(world)
    let service = try await home.start()
    defer { service.end() }
    let good = ServiceHome.configuration(subscribers: [ServiceHome.chat("1001")])
    try home.write(configuration: good.replacing("    every:", with: "    evry:"))
    let line = try #require(good.split(separator: "\n").firstIndex { $0.hasPrefix("    every:") }) + 1
    try await service.logged("error configuration rejected", "slothunter.yaml:\(line):5", "evry")
    try await service.logged("reload failed, what runs goes on")
    world.slots = ["s1": [0, 1]]
    try await eventually("the alert", story: { service.log }) { world.deliveredPosts.count == 1 }

    try home.write(
      configuration: ServiceHome.configuration(
        subscribers: [ServiceHome.chat("1001"), ServiceHome.chat("1002", first: "summary")]))
    try await service.logged("reloaded", "a file was saved")
    try await eventually("the summary", story: { service.log }) { world.deliveredPosts.count == 2 }
    try await service.runs(2)
    #expect(world.deliveredPosts.map(\.chat) == ["1001", "1002"])
    let summary = world.deliveredPosts[1].text
    #expect(summary.contains("open now"))
    #expect(summary.contains(ClinicPage.clock(0)) && summary.contains(ClinicPage.clock(1)))
  }

  @Test func `SIGHUP reloads, and a site spec with a mistake keeps its old version`() async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(world)
    let service = try await home.start()
    defer { service.end() }
    service.signal(SIGHUP)
    try await service.logged("reloaded", "cause=SIGHUP")

    let site = try home.site
    try home.write(site: site.replacing("steps:\n", with: "stpes:\n"))
    let line = try #require(site.split(separator: "\n", omittingEmptySubsequences: false).firstIndex(of: "steps:")) + 1
    service.signal(SIGHUP)
    try await service.logged("configuration rejected", "sites/paziresh24.yaml:\(line):1", "stpes")
    try await service.logged("reloaded", "kept=paziresh24")
    world.slots = ["s1": [0, 1]]
    try await eventually("the alert by the old version", story: { service.log }) { world.deliveredPosts.count == 1 }

    try home.write(site: site.replacing("Free appointment:", with: "A free hour:"))
    // The bad file's own save may be noticed late, but that reload keeps a site.
    try await eventually("a reload that keeps nothing", story: { service.log }) {
      service.lines("reloaded", "a file was saved").contains { !$0.contains("kept=paziresh24") }
    }
    world.slots = ["s1": [0, 1, 2]]
    try await eventually("the alert by the new version", story: { service.log }) { world.deliveredPosts.count == 2 }
    #expect(world.deliveredPosts[0].text.contains("Free appointment:"))
    #expect(world.deliveredPosts[1].text.contains("A free hour:"))
    #expect(!world.deliveredPosts[1].text.contains(ClinicPage.clock(1)))
    // The maintainers hear that it is not taken up, and that its mending is, once each.
    try await eventually("both words", story: { service.log }) { world.maintainerPosts.count == 2 }
    #expect(
      world.hooks.map(\.title).map { $0.hasPrefix("sites/paziresh24.yaml is not taken up: the version ") } == [
        true, false,
      ])
    #expect(world.hooks[1].title == "sites/paziresh24.yaml: taken up, what is written there runs")
  }
}

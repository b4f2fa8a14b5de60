import Glibc
import LoopbackServer
import TestSupport
import Testing

/// The running service and sites that change their markup, refuse, or want to be left in peace.
struct ServiceSiteTests {
  @Test(arguments: ClinicPage.Renamed.allCases)
  func `renamed markup tells no user, and maintainers once at the start and once at the end, a restart between or not`(
    renamed: ClinicPage.Renamed
  ) async throws {
    let world = try ServiceWorld(services: ["s1": [0], "s2": [5]])
    let home = try ServiceHome(world, refresh: "1s")
    let first = try await home.start()
    defer { first.end() }
    world.renamed = renamed
    try await first.runs(3, verdict: "layout_broken")
    try await eventually("the maintainers' message", story: { first.log }) { world.hooks.count == 1 }
    first.signal(SIGTERM)
    #expect(try await first.exit() == 0)

    let second = try home.launch()
    defer { second.end() }
    try await second.runs(2, verdict: "layout_broken")
    #expect(world.hooks.count == 1 && world.posts.isEmpty)
    // What came and went meanwhile: one slot is new, none is gone.
    world.slots = ["s1": [0, 1], "s2": [5]]
    world.renamed = nil
    try await eventually("the message that it heals", story: { second.log }) { world.hooks.count == 2 }
    try await second.runs(2, verdict: "unchanged")

    #expect(world.hooks.allSatisfy { $0.isForMaintainers && $0.isSigned })
    #expect(world.hooks[0].title.contains("layout_broken") && world.hooks[0].lines.contains { $0.contains("where: ") })
    #expect(world.hooks[1].title == "paziresh24: reads again")
    try await eventually("the new slot's alert", story: { second.log }) { world.posts.count == 1 }
    #expect(world.posts[0].text.contains(ClinicPage.clock(1)) && !world.posts[0].text.contains(ClinicPage.clock(0)))
    #expect(world.hooks.count == 2)
  }

  @Test func `a service that answers 429, 500, then 200 costs the other two nothing, and is said`() async throws {
    let world = try ServiceWorld(services: ["s1": [0], "s2": [10], "s3": [20]])
    let home = try ServiceHome(world)
    let service = try await home.start()
    defer { service.end() }
    func told(_ slot: Int) async throws {
      try await eventually("slot \(slot) is told", story: { service.log }) {
        world.deliveredPosts.contains { $0.text.contains(ClinicPage.clock(slot)) }
      }
    }
    func status(_ verdict: String) async throws {
      try await eventually("status says \(verdict)", story: { service.log }) {
        try await home.status().text("$.watches[0].verdict") == verdict
      }
    }
    world.days(of: "s2", .text("slow down", status: 429))
    world.slots = ["s1": [0, 1], "s2": [10, 11], "s3": [20, 21]]
    try await service.logged("branch not readable", "branch=", "s2", "verdict=throttled")
    try await status("throttled")
    try await told(1)
    try await told(21)
    world.days(of: "s2", .text("oops", status: 500))
    world.slots = ["s1": [0, 1, 2], "s2": [10, 11], "s3": [20, 21, 22]]
    try await service.logged("branch not readable", "s2", "verdict=failed")
    try await status("failed")
    try await told(2)
    try await told(22)
    world.days(of: "s2", nil)
    try await told(11)
    try await service.runs(1, verdict: "unchanged")
    try await status("unchanged")

    #expect(service.lines("branch not readable").allSatisfy { $0.contains("s2") })
    #expect(world.hooks.isEmpty)
    let all = world.posts.map(\.text).joined(separator: "\n")
    for slot in [1, 2, 11, 21, 22] {
      #expect(all.split(separator: ClinicPage.clock(slot), omittingEmptySubsequences: false).count == 2, "slot \(slot)")
    }
    // Neither what was there from the start nor anything as gone.
    for slot in [0, 10, 20] { #expect(!all.contains(ClinicPage.clock(slot)), "slot \(slot)") }
  }

  @Test func `restarts make no burst`() async throws {
    let rate = 4
    let world = try ServiceWorld()
    let slugs = (1...20).map { "dr-\($0)" }
    let home = try ServiceHome(world, slugs: slugs, every: "8s", rate: "\(rate)/s")
    for number in 1...3 {
      let launched = world.now
      let service = try home.launch()
      defer { service.end() }
      try await service.runs(4)
      service.signal(number == 2 ? SIGKILL : SIGTERM)
      _ = try await service.exit()
      for isPage in [true, false] {
        let times = world.siteRequests.filter { $0.what.hasPrefix("dr-") == isPage && $0.at >= launched }.map(\.at)
        // A page that is kept over the restart is not asked for again.
        #expect(!times.isEmpty || isPage && number > 1)
        for (index, time) in times.sorted().enumerated() {
          // Counted from the start of the process: a busy machine makes requests arrive later, never earlier.
          let allowed = Int(Double(rate) * ((time - launched) / .seconds(1))) + rate
          #expect(index + 1 <= allowed, "\(times)")
        }
      }
    }
  }
}

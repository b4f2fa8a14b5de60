import Glibc
import Language
import LoopbackServer
import TestSupport
import Testing

/// Maintainers' messages of the running service: once when it starts, once when it ends, and only to maintainers.
struct DeskIncidentTests {
  private static let unauthorized = ServerResponse.json(
    #"{"ok":false,"error_code":401,"description":"Unauthorized"}"#, status: 401)

  /// Looks on for as long as the desk would need to say it again: two of its looks after an event.
  private func stays(_ count: Int, _ world: ServiceWorld, _ service: ServiceProcess) async throws {
    try await service.runs(4)
    #expect(world.maintainerPosts.count == count, "\(world.maintainerPosts.map(\.title))")
  }

  private func recorded(_ count: Int, _ home: ServiceHome) async throws {
    try await eventually("a record of what the maintainers were told") {
      try await home.outbox("--state", "delivered", "--channel", "hook").count == count
    }
  }

  @Test func `a misconfigured channel is told once over a kill and a restart, and its end once`() async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(world)
    let first = try await home.start()
    defer { first.end() }
    world.telegram(then: { _ in Self.unauthorized })
    world.slots = ["s1": [0, 1]]
    try await eventually("maintainers hear", story: { first.log }) { world.maintainerPosts.count == 1 }
    #expect(world.maintainerPosts[0].title == "channel telegram is set up wrongly: nothing is sent there")
    #expect(world.maintainerPosts[0].isSigned)
    // Killed before that is on record, it would come a second time, under the same id.
    try await recorded(1, home)
    first.signal(SIGKILL)
    _ = try await first.exit()

    let second = try await home.start()
    defer { second.end() }
    try await stays(1, world, second)
    let status = try await home.command("status", "--json")
    #expect(status.status == 1)
    #expect(try JSON(parsing: status.out).texts("$.incidents[*].key") == ["misconfigured|telegram"])
    #expect(try JSON(parsing: status.out).texts("$.channels[?@.name=='telegram'].state") == ["misconfigured"])

    // New settings, and the alert that waited proves that they are right.
    world.telegram()
    try home.write(
      configuration: ServiceHome.configuration(subscribers: [ServiceHome.chat("1001")])
        .replacing("\"${TEST_BOT_TOKEN}\"", with: "\"2000000002:another-test-token-of-no-bot\""))
    try await eventually("the alert", story: { second.log }) { world.deliveredPosts.count == 1 }
    try await eventually("its end", story: { second.log }) { world.maintainerPosts.count == 2 }
    #expect(world.maintainerPosts[1].title == "channel telegram: works again")
    try await recorded(2, home)
    second.signal(SIGKILL)
    _ = try await second.exit()
    let third = try await home.start()
    defer { third.end() }
    try await stays(2, world, third)
    // Nothing of all that went to the people.
    #expect(world.posts.allSatisfy { $0.chat == "1001" && $0.text.contains(ClinicPage.clock(1)) })
    #expect(try await home.command("status").status == 0)
  }

  @Test func `a broken layout is told once over restarts while it lasts, and its end once`() async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(world, refresh: "1s")
    let first = try await home.start()
    defer { first.end() }
    world.renamed = .script
    try await eventually("maintainers hear", story: { first.log }) { world.maintainerPosts.count == 1 }
    try await recorded(1, home)
    first.signal(SIGKILL)
    _ = try await first.exit()

    let second = try home.launch()
    defer { second.end() }
    try await second.runs(3, verdict: "layout_broken")
    #expect(world.maintainerPosts.count == 1)
    world.renamed = nil
    try await eventually("its end", story: { second.log }) { world.maintainerPosts.count == 2 }
    #expect(world.maintainerPosts[1].title == "paziresh24: reads again")
    try await recorded(2, home)
    second.signal(SIGKILL)
    _ = try await second.exit()
    let third = try await home.start()
    defer { third.end() }
    try await stays(2, world, third)
    #expect(world.posts.isEmpty)
  }
}

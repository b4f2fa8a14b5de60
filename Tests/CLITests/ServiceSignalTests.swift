import Glibc
import LoopbackServer
import TestSupport
import Testing

/// T3 of RELIABILITY.md, scaled down; in full it is `torture stop`.
struct ServiceSignalTests {
  @Test func `SIGTERM amid many slow sends records all that end within the drain, and keeps the rest`() async throws {
    let world = try ServiceWorld()
    let chats = (1001...1012).map { ServiceHome.chat("\($0)") }
    let home = try ServiceHome(world, subscribers: chats)
    let first = try await home.start()
    defer { first.end() }
    world.telegram(then: { _ in
      var slow = ServiceWorld.delivered
      slow.delay = .seconds(1)
      return slow
    })
    world.slots = ["s1": [0, 1]]
    // A channel has eight sends under way at once.
    try await eventually("eight sends under way", story: { first.log }) { world.posts.count >= 8 }
    first.signal(SIGHUP)
    first.signal(SIGTERM)
    #expect(try await first.exit() == 0)
    let states = try await home.outbox().map { $0.text("$.state") }
    #expect(states.count == 12)
    #expect(states.count { $0 == "delivered" } == world.posts.count)
    #expect(states.count { $0 == "pending" } == 12 - world.posts.count)

    world.telegram()
    let second = try await home.start()
    defer { second.end() }
    try await eventually("everybody", story: { second.log }) { Set(world.posts.map(\.chat)).count == 12 }
    try await second.runs(2)
    #expect(world.posts.count == 12)
  }

  @Test func `a second SIGTERM ends at once, and what was cut goes out at the next start`() async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(world)
    let first = try await home.start()
    defer { first.end() }
    world.telegram(then: { _ in ServerResponse(delay: .seconds(600)) })
    world.slots = ["s1": [0, 1]]
    try await eventually("a send under way", story: { first.log }) { world.posts.count == 1 }
    first.signal(SIGTERM)
    try await first.logged("stopping")
    first.signal(SIGTERM)
    // Not 0, as after the drain of 15 s.
    #expect(try await first.exit() == 130)
    #expect(first.lines("info stopped").isEmpty)
    world.telegram()
    let second = try await home.start()
    defer { second.end() }
    try await eventually("the alert", story: { second.log }) { world.deliveredPosts.count == 1 }
  }

  @Test func `a failpoint that can't be understood stops the start with exit code 64`() async throws {
    let home = try ServiceHome(try ServiceWorld())
    let result = try await runProgram(
      slothunterBinary ?? "", ["run"], folder: home.path,
      environment: ["SLOTHUNTER_FAILPOINT": "after-sent:1", "SWIFT_BACKTRACE": "enable=no"])
    #expect(result.status == 64)
    #expect(result.err.contains("after-send,"))
  }
}

import Glibc
import LoopbackServer
import TestSupport
import Testing

/// How the service ends, and who may run beside it.
struct ServiceStopTests {
  @Test func `SIGTERM ends a service whose channel hangs, and what is unsent waits for the next start`() async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(world)
    let first = try await home.start()
    defer { first.end() }
    world.telegram(then: { _ in ServerResponse(delay: .seconds(600)) })
    world.slots = ["s1": [0, 1]]
    try await eventually("a send under way", story: { first.log }) { world.posts.count == 1 }
    first.signal(SIGTERM)
    // The drain of 15 s, and time to end.
    #expect(try await first.exit() == 0)
    #expect(first.lines("info stopped").count == 1)
    let waiting = try await home.outbox()
    #expect(waiting.map { $0.text("$.state") } == ["pending"])

    world.telegram()
    let second = try await home.start()
    defer { second.end() }
    try await eventually("the alert", story: { second.log }) { world.deliveredPosts.count == 1 }
  }

  @Test func `a send under way at SIGTERM is waited for and recorded`() async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(world)
    let service = try await home.start()
    defer { service.end() }
    world.telegram(then: { _ in
      var slow = ServiceWorld.delivered
      slow.delay = .seconds(2)
      return slow
    })
    world.slots = ["s1": [0, 1]]
    try await eventually("a send under way", story: { service.log }) { world.posts.count == 1 }
    service.signal(SIGTERM)
    #expect(try await service.exit() == 0)
    #expect(try await home.outbox().map { $0.text("$.state") } == ["delivered"])
    #expect(world.posts.count == 1)
  }

  @Test func `a run that hangs at SIGTERM is cut, and nothing false comes of it`() async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(world, subscribers: [ServiceHome.chat("1001"), ServiceHome.hook])
    let first = try await home.start()
    defer { first.end() }
    let known = world.siteRequests.count
    world.days(of: "s1", ServerResponse(delay: .seconds(600)))
    try await eventually("a run under way", story: { first.log }) { world.siteRequests.count > known }
    first.signal(SIGTERM)
    #expect(try await first.exit() == 0)

    world.days(of: "s1", nil)
    let second = try await home.start()
    defer { second.end() }
    try await second.runs(2)
    #expect(world.posts.isEmpty && world.hooks.isEmpty)
    #expect(second.lines("branch not readable").isEmpty)
  }

  @Test func `a service with nothing under way ends at once`() async throws {
    let home = try ServiceHome(try ServiceWorld())
    let service = try await home.start()
    defer { service.end() }
    service.signal(SIGTERM)
    #expect(try await service.exit() == 0)
  }

  @Test func `a second service on the same store is refused with exit code 75`() async throws {
    let home = try ServiceHome(try ServiceWorld())
    let first = try await home.start()
    defer { first.end() }
    let second = try home.launch()
    defer { second.end() }
    #expect(try await second.exit() == 75)
    #expect(second.log.contains("another process works on it") && second.log.contains("= help:"))
    try await first.runs(1)
  }
}

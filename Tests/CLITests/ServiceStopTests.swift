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
    #expect(try await first.exit(within: .seconds(22)) == 0)
    #expect(first.lines("info stopped").count == 1)
    let waiting = try await home.outbox()
    #expect(waiting.map { $0.text("$.state") } == ["pending"])

    world.telegram()
    let second = try await home.start()
    defer { second.end() }
    try await eventually("the alert", story: { second.log }) { world.deliveredPosts.count == 1 }
  }

  @Test func `a service with nothing under way ends at once`() async throws {
    let home = try ServiceHome(try ServiceWorld())
    let service = try await home.start()
    defer { service.end() }
    service.signal(SIGTERM)
    #expect(try await service.exit(within: .seconds(10)) == 0)
  }

  @Test func `a second service on the same store is refused with exit code 75`() async throws {
    let home = try ServiceHome(try ServiceWorld())
    let first = try await home.start()
    defer { first.end() }
    let second = try home.launch()
    defer { second.end() }
    #expect(try await second.exit(within: .seconds(10)) == 75)
    #expect(second.log.contains("another process works on it") && second.log.contains("= help:"))
    try await first.runs(1)
  }
}

import Glibc
import LoopbackServer
import TestSupport
import Testing

/// The running service and channels that refuse, ask for time, or lie.
struct ServiceChannelTests {
  private static let oops = ServerResponse.html("<html>oops</html>", status: 500)
  private static let tooMany = ServerResponse.json(
    #"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 2","parameters":{"retry_after":2}}"#,
    status: 429)
  private static let proxy = ServerResponse.html("<html>The proxy says no.</html>", status: 403)
  private static let blocked = ServerResponse.json(
    #"{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}"#, status: 403)

  @Test func `an alert survives 500 and 429, comes once and no earlier than asked, and delays no other channel`()
    async throws
  {
    let world = try ServiceWorld()
    let home = try ServiceHome(world, subscribers: [ServiceHome.chat("1001"), ServiceHome.hook])
    let service = try await home.start()
    defer { service.end() }
    world.telegram([Self.oops, Self.tooMany])
    world.slots = ["s1": [0, 1]]
    try await eventually("the alert", story: { service.log }) { !world.deliveredPosts.isEmpty }
    try await service.runs(2)

    try #require(world.posts.map(\.status) == [500, 429, 200])
    #expect(world.posts[2].at - world.posts[1].at >= .seconds(2))
    #expect(world.posts[2].text.contains(ClinicPage.clock(1)) && !world.posts[2].text.contains(ClinicPage.clock(0)))
    try #require(world.hooks.map(\.type) == ["slot.alert"])
    #expect(world.hooks[0].isSigned)
    #expect(world.hooks[0].at < world.posts[1].at)
    let delivery = try #require(try await home.outbox("--channel", "telegram").first)
    #expect(delivery.text("$.state") == "delivered" && delivery.text("$.attempt") == "3")
    #expect(delivery.text("$.receipt") == "7")
  }

  /// How Telegram is down while the process is killed.
  enum Down: CaseIterable {
    case refusing, silent, broken

    var answer: ServerResponse {
      switch self {
      case .refusing: ServerResponse(ending: .abort)
      case .silent: ServerResponse(delay: .seconds(600))
      case .broken: ServiceChannelTests.oops
      }
    }
  }

  @Test(arguments: Down.allCases)
  func `what was detected before a kill arrives after the restart, once`(down: Down) async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(world)
    let first = try await home.start()
    defer { first.end() }
    world.telegram(then: { _ in down.answer })
    world.slots = ["s1": [0, 1]]
    try await eventually("an attempt", story: { first.log }) { !world.posts.isEmpty }
    first.signal(SIGKILL)
    #expect(try await first.exit() == 128 + SIGKILL)

    world.telegram()
    let second = try await home.start()
    defer { second.end() }
    try await eventually("the alert", story: { second.log }) { !world.deliveredPosts.isEmpty }
    try await second.runs(2)
    #expect(world.deliveredPosts.map(\.chat) == ["1001"])
    #expect(world.deliveredPosts[0].text.contains(ClinicPage.clock(1)))
    let states = try await home.outbox().map { $0.text("$.state") }
    #expect(states == ["delivered"])
  }

  @Test func `a proxy's 403 page unsubscribes nobody`() async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(world)
    let service = try await home.start()
    defer { service.end() }
    world.telegram([Self.proxy])
    world.slots = ["s1": [0, 1]]
    try await service.logged(" send channel=telegram", "status=403")
    world.slots = ["s1": [0, 1, 2]]
    try await eventually("the next alert", story: { service.log }) {
      world.deliveredPosts.contains { $0.text.contains(ClinicPage.clock(2)) }
    }
    #expect(service.lines("recipient_gone").isEmpty)
    #expect(service.lines("channel misconfigured").isEmpty)
    #expect(!(try await home.command("status").out.contains("gone since")))
  }

  @Test func `a user who blocked the bot is the only one who hears no more`() async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(
      world, subscribers: [ServiceHome.chat("1001"), ServiceHome.chat("1002"), ServiceHome.hook], refresh: "1s")
    let service = try await home.start()
    defer { service.end() }
    world.telegram(then: { $0.text.contains("1001") ? Self.blocked : ServiceWorld.delivered })
    world.slots = ["s1": [0, 1]]
    try await service.logged(" send channel=telegram", "outcome=recipient_gone")
    try await eventually("the other's alert", story: { service.log }) { world.deliveredPosts.count == 1 }
    world.slots = ["s1": [0, 1, 2]]
    try await eventually("the second alert", story: { service.log }) {
      world.deliveredPosts.count == 2 && world.hooks.count - world.maintainerPosts.count == 2
    }
    try await eventually("that one is gone", story: { service.log }) {
      world.maintainerPosts.map(\.title) == ["1 recipient is gone and hears no more"]
    }
    world.renamed = .script
    try await eventually("the maintainers' message", story: { service.log }) { world.maintainerPosts.count == 2 }

    #expect(world.posts.filter { $0.chat == "1001" }.count == 1)
    #expect(world.deliveredPosts.allSatisfy { $0.chat == "1002" })
    #expect(try await home.command("status").out.contains("gone since"))
  }

  @Test func `no secret is ever printed or stored`() async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(world, subscribers: [ServiceHome.chat("1001"), ServiceHome.hook])
    let service = try await home.start("--log=debug")
    defer { service.end() }
    // As proxies do: the answer repeats the address, and the token with it.
    world.telegram(then: { .html("<html>Bad gateway: \($0.path)</html>", status: 502) })
    world.slots = ["s1": [0, 1]]
    try await service.logged(" send channel=telegram", "status=502")
    world.telegram(then: { _ in ServerResponse(ending: .abort) })
    try await service.logged(" send channel=telegram", "attempt=2")
    world.telegram(then: { .json(#"{"ok":false,"error_code":400,"description":"no \#($0.path)"}"#, status: 400) })
    try await service.logged(" send channel=telegram", "status=400")

    var texts = [service.log, service.out]
    for words in [["outbox", "list"], ["outbox", "list", "--json"], ["status"], ["status", "--json"]] {
      texts.append(try await home.command(words).description)
    }
    for delivery in try await home.outbox() {
      texts.append(try await home.command(["why", delivery.text("$.id")]).description)
      texts.append(try await home.command(["why", delivery.text("$.id"), "--json"]).description)
    }
    #expect(texts.contains { $0.contains("502") } && texts.contains { $0.contains("ATTEMPTS") })
    service.signal(SIGTERM)
    #expect(try await service.exit() == 0)
    texts += [service.log, try home.storedText()]
    for secret in ["slothunter-test-token", "YSBzaWduaW5n", "a signing secret"] {
      #expect(!texts.contains { $0.contains(secret) }, "'\(secret)' was shown")
    }
  }
}

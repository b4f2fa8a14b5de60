import Language
import LoopbackServer
import TestSupport
import Testing

/// A channel whose cure is at the provider's, where no setting of ours changes.
struct DeliveryReviewServiceTests {
  private static let unauthorized = ServerResponse.json(
    #"{"ok":false,"error_code":401,"description":"Unauthorized"}"#, status: 401)

  @Test func `a channel that a test message has shown to work sends what waited, without a new setting`() async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(world)
    let service = try await home.start()
    defer { service.end() }
    world.telegram(then: { _ in Self.unauthorized })
    world.slots = ["s1": [0, 1]]
    try await service.logged("channel misconfigured", "channel=telegram")
    let refused = try await home.command(["notify", "telegram", "--test", "--to", "1001"] + world.origins)
    #expect(refused.status == 1 && !refused.err.contains("tried again"), "\(refused)")
    #expect(try await home.outbox("--channel", "telegram").map { $0.text("$.state") } == ["pending"])
    world.telegram()
    let accepted = try await home.command(["notify", "telegram", "--test", "--to", "1001"] + world.origins)
    #expect(accepted.status == 0 && accepted.err.contains("what waits there is tried again"), "\(accepted)")
    try await eventually("the alert", story: { service.log }) {
      world.deliveredPosts.contains { $0.text.contains(ClinicPage.clock(1)) }
    }
  }
}

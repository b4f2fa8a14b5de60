import Language
import PluginHost
import Storage
import Testing

struct LateExpiryTests {
  @Test func `what waits on a channel that nobody serves expires when it is late`() async throws {
    let desk = try DeliveryDesk()
    try await desk.commit(
      [
        desk.news("late", to: "1", items: ["i"], usefulFor: .seconds(900)),
        desk.news("behind", to: "1", items: ["j"], usefulFor: .seconds(900)),
        desk.news("seen", to: "2", items: ["k"], usefulFor: .seconds(900)),
        desk.news("timeless", to: "3"),
      ], open: ["i", "j", "k"])
    await desk.run(for: .seconds(901))
    try await desk.commit([], open: ["k"])
    try await desk.store.prune(now: desk.time.now())
    #expect(
      try await desk.states() == ["late": .expired, "behind": .expired, "seen": .pending, "timeless": .pending])
    #expect(try await desk.store.delivery("late")?.delivery.reason == "expired")
  }
}

import Language
import PluginHost
import Storage
import Testing

/// Who subscribes while something can't be read is told of it when it can.
struct ItemNewcomerTests {
  /// Two services, of which `b` then freezes; nobody subscribes at first.
  private func frozen(for runs: Int, first: Subscription.First = .summary) async throws -> (ItemDesk, Subscription) {
    var desk = try ItemDesk(alert: "useful_for: 10m", first: first)
    let newcomer = try #require(desk.watch.subscriptions.first)
    desk.watch.subscriptions = []
    try desk.show(["a": ["1"], "b": ["2", "3"]])
    try await desk.run()
    desk.show("b", status: 503)
    for _ in 0..<runs { try await desk.run() }
    return (desk, newcomer)
  }

  @Test func `a branch frozen longer than useful_for is told when it is read again, once`() async throws {
    var (desk, newcomer) = try await frozen(for: 20)
    desk.watch.subscriptions = [newcomer]
    try await desk.run()
    #expect(try await desk.hear() == ["=a1"])
    try desk.restart()
    for _ in 0..<3 { try await desk.run() }
    desk.show("b", ["2", "3", "4"])
    try await desk.run()
    #expect(try await desk.hear() == ["=b2", "=b3", "+b4"])
    for _ in 0..<3 { try await desk.run() }
    #expect(try await desk.hear() == [])
    #expect(try await desk.store.state(of: desk.watch.id).owed.isEmpty)
  }

  @Test func `what is frozen for a shorter time is told at once, and not again`() async throws {
    var (desk, newcomer) = try await frozen(for: 3)
    desk.watch.subscriptions = [newcomer]
    try await desk.run()
    #expect(try await desk.hear() == ["=a1", "=b2", "=b3"])
    desk.show("b", ["2", "3"])
    try await desk.run()
    #expect(try await desk.hear() == [])
  }

  @Test func `what went while it was frozen is told to nobody as open`() async throws {
    var (desk, newcomer) = try await frozen(for: 20)
    desk.watch.subscriptions = [newcomer]
    try await desk.run()
    _ = try await desk.hear()
    desk.show("b", ["3"])
    try await desk.run()
    #expect(try await desk.hear() == ["=b3", "-b2"])
    #expect(try await desk.store.state(of: desk.watch.id).owed.isEmpty)
  }

  @Test func `who wants nothing of what is open is owed nothing`() async throws {
    var (desk, newcomer) = try await frozen(for: 20, first: .none)
    desk.watch.subscriptions = [newcomer]
    #expect(try await desk.run().owed.isEmpty)
    desk.show("b", ["2", "3"])
    try await desk.run()
    #expect(try await desk.hear() == [])
  }

  @Test func `who left is owed nothing when they come back`() async throws {
    var (desk, newcomer) = try await frozen(for: 20)
    desk.watch.subscriptions = [newcomer]
    try await desk.run()
    _ = try await desk.hear()
    try await desk.store.cancelSubscription("people|1001", watch: desk.watch.id, now: desk.now)
    #expect(try await desk.store.state(of: desk.watch.id).owed.isEmpty)
    desk.show("b", ["2", "3"])
    try await desk.run()
    #expect(try await desk.hear() == ["=a1", "=b2", "=b3"])
  }

  @Test func `a newcomer during a doubted drop hears of what was wrongly missing`() async throws {
    var desk = try ItemDesk(first: .summary)
    let newcomer = desk.watch.subscriptions
    desk.watch.subscriptions = []
    let six = (1...6).map(String.init)
    try desk.show(["a": six])
    try await desk.run()
    desk.show("a", ["1", "7"])
    desk.watch.subscriptions = newcomer
    try await desk.run()
    #expect(try await desk.hear() == ["=a1", "=a7"])
    desk.show("a", six.dropLast() + ["7"])
    try await desk.run()
    #expect(try await desk.hear().sorted() == ["-a6", "=a2", "=a3", "=a4", "=a5"])
    try await desk.run()
    #expect(try await desk.hear() == [])
  }

  @Test func `a clock set back repeats no greeting`() async throws {
    var (desk, newcomer) = try await frozen(for: 20)
    desk.watch.subscriptions = [newcomer]
    try await desk.run()
    _ = try await desk.hear()
    desk.show("b", ["2", "3"])
    var told: [String] = []
    for wait in [-3600, 60, 60, 60] as [Int64] {
      try await desk.run(after: .seconds(wait))
      told += try await desk.hear()
    }
    #expect(told == ["=b2", "=b3"])
  }
}

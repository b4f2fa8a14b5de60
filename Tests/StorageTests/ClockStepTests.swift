import Language
import PluginHost
import Testing

@testable import Storage

/// The wall clock is set while deliveries wait.
struct ClockStepTests {
  static let steps: [Duration] = [.seconds(3600), .seconds(-3600), .seconds(86400), .seconds(-1_790_000_000)]

  @Test(arguments: steps) func `a retry keeps its rest`(_ step: Duration) async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1")]))
    let lease = try #require(try await store.lease(at: 0).first)
    try await store.record([ended(lease, .retry(after: nil), next: at(8), status: 503)], now: at(1))
    try await store.clockWasSet(by: step)
    let due = at(8) + step
    #expect(try await store.nextDue(channel: "telegram", now: at(1) + step) == due)
    let early = due - .seconds(1)
    #expect(try await store.lease(channel: "telegram", limit: 1, now: early, until: early + .seconds(60)).isEmpty)
    #expect(try await store.lease(channel: "telegram", limit: 1, now: due, until: due + .seconds(60)).count == 1)
  }

  @Test(arguments: steps) func `a lease keeps its rest, and its delivery is not handed out twice`(_ step: Duration)
    async throws
  {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1")]))
    #expect(try await store.lease(at: 0).count == 1)
    try await store.clockWasSet(by: step)
    let now = at(30) + step
    #expect(try await store.lease(channel: "telegram", limit: 1, now: now, until: now + .seconds(60)).isEmpty)
    let later = at(61) + step
    let again = try await store.lease(channel: "telegram", limit: 1, now: later, until: later + .seconds(60))
    #expect(again.map(\.unsure) == [true])
  }

  @Test func `what quiet hours hold back waits for its time of day`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1", notBefore: at(7200))]))
    try await store.clockWasSet(by: .seconds(3600))
    #expect(try await store.nextDue(channel: "telegram", now: at(3600)) == at(7200))
  }

  @Test(arguments: steps) func `an alert seen a minute ago stays as fresh as it is`(_ step: Duration) async throws {
    let store = try memoryStore()
    var delivery = alert("d1", keys: ["a"], changes: [0])
    delivery.usefulFor = .seconds(900)
    try await store.commit(run(items: [life("a")], deliveries: [delivery]) { $0.changes = [Change(.added, item("a"))] })
    try await store.clockWasSet(by: step)
    let now = at(600) + step
    #expect(try await store.lease(channel: "telegram", limit: 1, now: now, until: now + .seconds(60)).count == 1)
  }

  @Test(arguments: steps) func `an alert that is too old is not made young`(_ step: Duration) async throws {
    let store = try memoryStore()
    var delivery = alert("d1", keys: ["a"], changes: [0])
    delivery.usefulFor = .seconds(900)
    try await store.commit(run(items: [life("a")], deliveries: [delivery]) { $0.changes = [Change(.added, item("a"))] })
    try await store.clockWasSet(by: step)
    let now = at(901) + step
    #expect(try await store.lease(channel: "telegram", limit: 1, now: now, until: now + .seconds(60)).isEmpty)
    #expect(try await store.states() == ["d1": .expired])
  }
}

import Language
import PluginHost
import Testing

@testable import Storage

/// The wall clock is set, by much: what waits is neither late for it nor waits for years.
struct DeliveryReviewClockTests {
  private func lease(_ store: Store, at now: Instant) async throws -> [LeasedDelivery] {
    try await store.lease(channel: "telegram", limit: 9, now: now, until: now + .seconds(60))
  }

  @Test func `what at_most holds back is asked again when the clock was set back`() async throws {
    let store = try memoryStore()
    var deliveries = [alert("d1"), alert("d2")]
    for index in deliveries.indices { deliveries[index].limit = RateLimit(count: 1, per: .seconds(3600)) }
    try await store.commit(run(deliveries: deliveries))
    let first = try await store.lease(at: 1)
    try await store.record(first.map { ended($0, .delivered(receipt: nil)) }, now: at(1))
    #expect(try await store.lease(at: 2).isEmpty)
    let step = Duration.seconds(-86400 * 4000)
    try await store.clockWasSet(by: step)
    #expect(try await lease(store, at: at(3601) + step).map(\.id) == ["d2"])
  }

  @Test func `a snooze keeps its day when the clock is set`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1")]))
    try await store.snooze(channel: "telegram", recipient: "r1", until: at(1000), now: at(0))
    let step = Duration.seconds(-3600)
    try await store.clockWasSet(by: step)
    #expect(try await lease(store, at: at(1000) + step).isEmpty)
    #expect(try await lease(store, at: at(1000)).count == 1)
  }

  @Test func `a digest planned under a wrong date keeps its time of day, and is not years away`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1", notBefore: at(7200))]))
    let days = Duration.seconds(-86400 * 4000)
    try await store.clockWasSet(by: days - .seconds(300))
    #expect(try await store.nextDue(channel: "telegram", now: at(0) + days - .seconds(300)) == at(7200) + days)
  }

  @Test func `maintainers' messages keep the rest of their 28 hours`() async throws {
    let store = try memoryStore()
    try await store.enqueue(
      [alert("m1", kind: .maintainer, expires: at(28 * 3600))], watch: "", site: "", now: at(0))
    let step = Duration.seconds(2 * 86400)
    try await store.clockWasSet(by: step)
    let leases = try await lease(store, at: at(60) + step)
    #expect(leases.map(\.id) == ["m1"])
    #expect(leases.map(\.createdAt) == [at(0) + step])
  }

  @Test func `an appointment keeps its own end`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1", expires: at(7200))]))
    try await store.clockWasSet(by: .seconds(7200))
    #expect(try await lease(store, at: at(7260)).isEmpty)
    #expect(try await store.states() == ["d1": .expired])
  }

  @Test(arguments: ClockStepTests.steps) func `that something went is as fresh as it is`(_ step: Duration) async throws
  {
    for (age, count) in [(600, 1), (901, 0)] as [(Int64, Int)] {
      let store = try memoryStore()
      var delivery = alert("d1", keys: ["a"], change: .removed, changes: [0])
      delivery.usefulFor = .seconds(900)
      try await store.commit(
        run(items: [life("a", .gone)], deliveries: [delivery]) { $0.changes = [Change(.removed, item("a"))] })
      try await store.clockWasSet(by: step)
      #expect(try await lease(store, at: at(age) + step).count == count, "after \(age) s")
    }
  }
}

import Language
import PluginHost
import Testing

@testable import Storage

/// What holds a delivery back, where two such things meet.
struct DeliveryReviewHoldTests {
  private func commit(_ store: Store, _ deliveries: [NewDelivery], at seconds: Int64 = 0) async throws {
    try await store.commit(run(seconds: seconds, deliveries: deliveries))
  }

  @Test func `what a configured snooze put off while it was leased waits when it comes back untried`() async throws {
    let store = try memoryStore()
    try await commit(store, [alert("d1"), alert("d2", to: "r2")])
    let leases = try await store.lease(at: 1)
    try await store.deferSubscription("telegram|r1", watch: "w1", until: at(1000), now: at(2))
    try await store.release(leases)
    #expect(try #require(try await store.nextDue(channel: "telegram", now: at(3))) <= at(3), "d2 is due")
    #expect(try await store.lease(at: 3).map(\.id) == ["d2"])
    #expect(try await store.lease(at: 40).isEmpty)
    #expect(try await store.lease(at: 1000).map(\.id).contains("d1"))
  }

  @Test func `what a configured snooze put off while it waited in a worker's hands is not sent`() async throws {
    let store = try memoryStore()
    try await commit(store, [alert("d1")])
    let leases = try await store.lease(at: 1)
    try await store.deferSubscription("telegram|r1", watch: "w1", until: at(1000), now: at(2))
    #expect(try await store.recheck(leases, now: at(10)).isEmpty)
    #expect(try await store.nextDue(channel: "telegram", now: at(10)) == at(1000))
  }

  @Test func `a lease that is lost during a configured snooze does not end it`() async throws {
    let store = try memoryStore()
    try await commit(store, [alert("d1")])
    _ = try await store.lease(at: 1, holds: 10)
    try await store.deferSubscription("telegram|r1", watch: "w1", until: at(1000), now: at(2))
    #expect(try await store.lease(at: 12).isEmpty)
    #expect(try await store.lease(at: 1000).map(\.id) == ["d1"])
  }

  @Test func `whoever is told in two languages gets each in its own message when quiet hours end`() async throws {
    let store = try memoryStore()
    var english = alert("d2", keys: ["b"], notBefore: at(1000))
    english.message.language = "en"
    try await commit(store, [alert("d1", keys: ["a"], notBefore: at(1000)), english])
    try await commit(store, [alert("d3", keys: ["c"], notBefore: at(1000))], at: 5)
    let texts = Dictionary(
      try await store.deliveries().map { ($0.message.language, $0.message.lines.map(\.text)) }
    ) { $0 + $1 }
    #expect(texts == ["fa": ["line a", "line c"], "en": ["line b"]])
  }

  @Test func `a message over one limit does not swallow one without`() async throws {
    let store = try memoryStore()
    var limited = alert("d1", keys: ["a"], notBefore: at(1000))
    limited.limit = RateLimit(count: 1, per: .seconds(86400))
    try await commit(store, [limited, alert("d2", keys: ["b"], notBefore: at(1000))])
    #expect(try await store.deliveries().count == 2)
  }

  @Test func `who moved is snoozed by the old address too`() async throws {
    let store = try memoryStore()
    try await commit(store, [alert("d1")])
    let lease = try #require(try await store.lease(at: 1).first)
    try await store.record([ended(lease, .moved(to: "r9"))], now: at(2))
    try await store.snooze(channel: "telegram", recipient: "r1", until: at(1000), now: at(3))
    #expect(try await store.lease(at: 4).isEmpty)
    #expect(try await store.lease(at: 1000).map(\.recipient) == ["r9"])
  }

  @Test func `who moves while snoozed stays snoozed, also for what comes back from a failed attempt`() async throws {
    let store = try memoryStore()
    try await commit(store, [alert("d1")])
    let lease = try #require(try await store.lease(at: 1).first)
    try await store.snooze(channel: "telegram", recipient: "r1", until: at(1000), now: at(2))
    try await store.record([ended(lease, .moved(to: "r9"))], now: at(3))
    #expect(try await store.lease(at: 4).isEmpty)
    #expect(try await store.lease(at: 1000).map(\.recipient) == ["r9"])
  }

  @Test func `who moves to an address that was stopped does not end the stop`() async throws {
    let store = try memoryStore()
    try await store.stopSubscription(channel: "telegram", recipient: "r9", watch: "w1", now: at(0))
    try await commit(store, [alert("d1"), alert("d2")])
    let lease = try #require(try await store.lease(at: 1).first)
    try await store.snoozeSubscription(channel: "telegram", recipient: "r1", watch: "w1", until: at(50), now: at(1))
    try await store.record([ended(lease, .moved(to: "r9"))], now: at(2))
    #expect(try await store.lease(at: 51).isEmpty)
    #expect(try await store.states() == ["d1": .cancelled, "d2": .cancelled])
  }

  @Test func `a snooze of everything does not hold maintainers' messages, as the command says`() async throws {
    let store = try memoryStore()
    try await store.enqueue([alert("m1", kind: .maintainer)], watch: "", site: "", now: at(0))
    try await store.snooze(channel: "telegram", recipient: "r1", until: at(200_000), now: at(1))
    try await store.enqueue([alert("m2", kind: .maintainer)], watch: "", site: "", now: at(2))
    for id in ["m1", "m2"] {
      let leases = try await store.lease(at: 3)
      #expect(leases.map(\.id) == [id])
      try await store.record(leases.map { ended($0, .delivered(receipt: nil)) }, now: at(3))
    }
  }

  @Test func `a snooze does not call a channel earlier than it asked`() async throws {
    let store = try memoryStore()
    try await commit(store, [alert("d1")])
    let lease = try #require(try await store.lease(at: 1).first)
    try await store.record([ended(lease, .throttled(retryAfter: nil), next: at(5000), status: 429)], now: at(2))
    try await store.snoozeSubscription(channel: "telegram", recipient: "r1", watch: "w1", until: at(50), now: at(3))
    #expect(try await store.lease(at: 51).isEmpty)
    #expect(try await store.lease(at: 5000).count == 1)
  }

  /// That something went, found when it could have been told at once.
  private func removal(_ store: Store, quiet: QuietHours? = nil) async throws {
    var delivery = alert("d1", keys: ["a"], change: .removed, changes: [0])
    delivery.usefulFor = .seconds(900)
    delivery.quiet = quiet
    try await store.commit(
      run(items: [life("a", .gone)], deliveries: [delivery]) { $0.changes = [Change(.removed, item("a"))] })
  }

  @Test func `quiet hours that a retry fell into put off and never drop`() async throws {
    let store = try memoryStore()
    // at(0) is 14:13:20 UTC.
    let quiet = try #require(QuietHours(text: "51600-57600 UTC"))
    try await removal(store, quiet: quiet)
    let lease = try #require(try await store.lease(at: 60).first)
    try await store.record([ended(lease, .retry(after: nil), next: at(500), status: 503)], now: at(61))
    #expect(try await store.lease(at: 500).isEmpty)
    #expect(try await store.lease(at: 6400).map(\.id) == ["d1"])
  }

  @Test(arguments: [nil, "w1"]) func `a snooze by command loses nothing that is still true`(_ watch: String?)
    async throws
  {
    let store = try memoryStore()
    try await removal(store)
    if let watch {
      try await store.snoozeSubscription(
        channel: "telegram", recipient: "r1", watch: watch, until: at(3600), now: at(1))
    } else {
      try await store.snooze(channel: "telegram", recipient: "r1", until: at(3600), now: at(1))
    }
    #expect(try await store.lease(at: 3600).map(\.id) == ["d1"])
    #expect(try await store.lease(at: 3600 + 7200).isEmpty)
  }

  @Test func `what comes during a snooze by command loses nothing by it either, and is late after it`() async throws {
    let store = try memoryStore()
    try await store.snooze(channel: "telegram", recipient: "r1", until: at(3600), now: at(0))
    try await removal(store)
    #expect(try await store.lease(at: 3600 + 901).isEmpty)
    #expect(try await store.states() == ["d1": .expired])
  }
}

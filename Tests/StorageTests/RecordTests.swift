import Language
import PluginHost
import Testing

@testable import Storage

struct RecordTests {
  private func leased(_ store: Store, _ deliveries: NewDelivery...) async throws -> LeasedDelivery {
    try await store.commit(run(deliveries: deliveries))
    return try #require(try await store.lease().first)
  }

  @Test func `delivered is kept with its receipt`() async throws {
    let store = try memoryStore()
    let lease = try await leased(store, alert("d1"))
    try await store.record([ended(lease, .delivered(receipt: "m-1"))], now: at(1))
    let record = try #require(try await store.deliveries().first)
    #expect(record.state == .delivered)
    #expect(record.receipt == "m-1")
    #expect(record.endedAt == at(1))
  }

  @Test(arguments: [AttemptOutcome.throttled(retryAfter: .seconds(9)), .retry(after: nil)])
  func `a retry waits for its time, and without a time it is dead`(_ outcome: AttemptOutcome) async throws {
    let store = try memoryStore()
    let lease = try await leased(store, alert("d1"))
    try await store.record([ended(lease, outcome, next: at(10), reason: "rate_limited")], now: at(1))
    #expect(try await store.nextDue(channel: "telegram", now: at(1)) == at(10))
    let again = try #require(try await store.lease(at: 10).first)
    #expect(again.attempt == 2)
    #expect(!again.unsure)
    try await store.record([ended(again, outcome, next: nil, reason: "rate_limited")], now: at(11))
    let record = try #require(try await store.deliveries().first)
    #expect(record.state == .dead)
    #expect(record.reason == "rate_limited")
    #expect(record.detail == "the provider's words")
  }

  @Test func `a moved recipient is followed by what waits and what comes`() async throws {
    let store = try memoryStore()
    let lease = try await leased(store, alert("d1", to: "-100"), alert("d2", to: "-100"))
    try await store.record([ended(lease, .moved(to: "-200"))], now: at(1))
    try await store.commit(run(seconds: 2, deliveries: [alert("d3", to: "-100")]))
    for id in ["d1", "d2", "d3"] {
      let next = try #require(try await store.lease(at: 3).first)
      #expect(next.id == id)
      #expect(next.recipient == "-200")
      try await store.record([ended(next, .delivered(receipt: nil))], now: at(3))
    }
    #expect(try await store.deliveries().map(\.sequence) == [3, 2, 1])
    #expect(try await store.status().recipients.first?.movedTo == "-200")
  }

  @Test func `a recipient sent in a circle ends`() async throws {
    let store = try memoryStore()
    _ = try await leased(store, alert("d1", to: "a"))
    try await store.release(try await store.lease())
    var now: Int64 = 100
    for _ in 0..<20 {
      guard let lease = try await store.lease(at: now).first else { break }
      try await store.record([ended(lease, .moved(to: lease.recipient == "a" ? "b" : "a"))], now: at(now))
      now += 1
    }
    #expect(try await store.states()["d1"] == .dead)
  }

  @Test func `markup that was refused is sent once more as plain text, and then no more`() async throws {
    let store = try memoryStore()
    let lease = try await leased(store, alert("d1"))
    try await store.record([ended(lease, .resendPlain)], now: at(1))
    let plain = try #require(try await store.lease(at: 1).first)
    #expect(plain.plain)
    try await store.record([ended(plain, .resendPlain)], now: at(2))
    #expect(try await store.states()["d1"] == .dead)
  }

  @Test func `a recipient who is gone ends with all that waits and all that comes`() async throws {
    let store = try memoryStore()
    let lease = try await leased(store, alert("d1"), alert("d2"), alert("d3", notBefore: at(500)))
    try await store.enqueue([alert("o1", channel: "sms")], watch: "w1", site: "site", now: at(0))
    try await store.record([ended(lease, .recipientGone, reason: "blocked_by_user")], now: at(1))
    #expect(try await store.commit(run(seconds: 2, deliveries: [alert("d4")])).channels.isEmpty)
    #expect(try await store.states() == ["d1": .dead, "d2": .dead, "d3": .dead, "d4": .dead, "o1": .pending])
    #expect(try await store.deliveries(DeliveryFilter(states: [.dead])).allSatisfy { $0.reason == "recipient_gone" })
    #expect(try await store.status().recipients.first?.reason == "blocked_by_user")
    try await store.resumeSubscription(channel: "telegram", recipient: "r1", watch: nil, now: at(3))
    try await store.commit(run(seconds: 3, deliveries: [alert("d5")]))
    #expect(try await store.lease(at: 4).map(\.id) == ["d5"])
  }

  @Test func `a rejected message is dead and the next one goes out`() async throws {
    let store = try memoryStore()
    let lease = try await leased(store, alert("d1"), alert("d2"))
    try await store.record([ended(lease, .rejected, status: 400)], now: at(1))
    #expect(try await store.states()["d1"] == .dead)
    #expect(try await store.lease(at: 1).map(\.id) == ["d2"])
  }

  @Test func `a paused channel hands out nothing until its time, and the attempt does not count`() async throws {
    let store = try memoryStore()
    let lease = try await leased(store, alert("d1"), alert("o1", channel: "ops"))
    try await store.record([ended(lease, .paused, next: at(600), reason: "no_credit")], now: at(1))
    #expect(try await store.lease(at: 599).isEmpty)
    #expect(try await store.lease("ops", at: 1).count == 1)
    #expect(try await store.nextDue(channel: "telegram", now: at(2)) == at(600))
    #expect(try await store.status().channels.last?.health?.reason == "no_credit")
    let again = try #require(try await store.lease(at: 600).first)
    #expect(again.attempt == 1)
    #expect(try await store.status().channels.last?.health?.state == .active)
    try await store.record([ended(again, .delivered(receipt: nil))], now: at(601))
    #expect(try await store.delivery("d1")?.attempts.map(\.outcome) == ["paused", "delivered"])
  }

  @Test func `a misconfigured channel waits for another configuration`() async throws {
    let store = try memoryStore()
    try await store.resumeChannel("telegram", configHash: "one", now: at(0))
    let lease = try await leased(store, alert("d1"))
    try await store.record([ended(lease, .misconfigured, status: 401)], now: at(1))
    #expect(try await store.nextDue(channel: "telegram", now: at(9)) == nil)
    #expect(try await store.lease(at: 100_000).isEmpty)
    #expect(try await !store.resumeChannel("telegram", configHash: "one", now: at(2)))
    #expect(try await store.lease(at: 3).isEmpty)
    #expect(try await store.resumeChannel("telegram", configHash: "two", now: at(4)))
    #expect(try await store.lease(at: 5).map(\.id) == ["d1"])
  }

  @Test func `an operator's word resumes a channel`() async throws {
    let store = try memoryStore()
    let lease = try await leased(store, alert("d1"))
    try await store.record([ended(lease, .misconfigured)], now: at(1))
    #expect(try await store.resumeChannel("telegram", configHash: nil, now: at(2)))
    #expect(try await store.lease(at: 3).count == 1)
  }

  @Test func `an attempt of an unknown delivery is nothing`() async throws {
    let store = try memoryStore()
    let lease = try await leased(store, alert("d1"))
    var record = ended(lease, .rejected)
    record.delivery = "d9"
    try await store.record([record], now: at(1))
    #expect(try await store.states() == ["d1": .leased])
  }

  @Test func `a batch of records is kept as one`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: (0..<5).map { alert("d\($0)", to: "r\($0)") }))
    let leases = try await store.lease()
    try await store.execute(
      "CREATE TEMP TRIGGER broken BEFORE INSERT ON attempts WHEN new.delivery = 3 BEGIN SELECT raise(ABORT, 'no'); END")
    await #expect(throws: StoreError.self) {
      try await store.record(leases.map { ended($0, .delivered(receipt: nil)) }, now: at(1))
    }
    #expect(try await store.states().values.allSatisfy { $0 == .leased })
  }
}

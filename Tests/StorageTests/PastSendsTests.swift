import Language
import PluginHost
import Testing

@testable import Storage

struct PastSendsTests {
  private func attempt(
    _ lease: LeasedDelivery, _ outcome: AttemptOutcome, start: Int64, status: Int? = 200, next: Int64? = nil,
    reason: String = "test"
  ) -> AttemptRecord {
    AttemptRecord(
      delivery: lease.id, attempt: lease.attempt, startedAt: at(start), endedAt: at(start + 1), outcome: outcome,
      status: status, reason: reason, detail: nil, nextAt: next.map(at))
  }

  @Test func `sends of a time come oldest first; what was never sent, or elsewhere, is none`() async throws {
    let store = try memoryStore()
    try await store.commit(
      run(deliveries: (0..<5).map { alert("d\($0)", to: "r\($0)") } + [alert("s", to: "r9", channel: "sms")]))
    let leases = try await store.lease().sorted { $0.id < $1.id }
    let sms = try #require(try await store.lease("sms").first)
    try await store.record(
      [
        attempt(leases[0], .delivered(receipt: nil), start: 10),
        attempt(leases[1], .throttled(retryAfter: nil), start: 20, status: 429, next: 900),
        attempt(leases[2], .throttled(retryAfter: nil), start: 30, status: nil, next: 900),
        attempt(leases[3], .paused, start: 40, status: nil, next: 900, reason: "over_budget"),
        attempt(sms, .delivered(receipt: nil), start: 50),
      ], now: at(60))
    // The fifth is still leased: cut off with its worker.
    let sends = try await store.pastSends(channel: "telegram", since: at(5), now: at(100))
    #expect(
      sends == [
        PastSend(recipient: "r4", startedAt: at(0), isLost: true), PastSend(recipient: "r0", startedAt: at(10)),
        PastSend(recipient: "r1", startedAt: at(20), throttledUntil: at(900)),
      ])
    // Longer ago than is looked back, and still asked for.
    let waits = try await store.pastSends(channel: "telegram", since: at(60), now: at(100)).filter { !$0.isLost }
    #expect(waits == [PastSend(recipient: "r1", startedAt: at(20), throttledUntil: at(900))])
  }

  @Test func `more sends than fit a page are all found`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: (0..<2500).map { alert("d\($0)", to: "r\($0)") }))
    let leases = try await store.lease(limit: 2500)
    for (index, lease) in leases.enumerated() {
      try await store.record([attempt(lease, .delivered(receipt: nil), start: Int64(index))], now: at(3000))
    }
    #expect(try await store.pastSends(channel: "telegram", since: at(0), now: at(3000)).count == 2500)
    #expect(try await store.pastSends(channel: "telegram", since: at(2400), now: at(3000)).count == 100)
  }
}

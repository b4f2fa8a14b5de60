import Language
import PluginHost
import Testing

@testable import Storage

/// What `outbox retry` promises: the tries are counted anew, and what an operator asks for is sent.
struct DeliveryReviewRetryTests {
  @Test func `a dead letter gets all its tries again`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1")]))
    for round in 0..<8 as Range<Int64> {
      let lease = try #require(try await store.lease(at: round * 10).first)
      let next = round < 7 ? at(round * 10 + 10) : nil
      try await store.record([ended(lease, .retry(after: nil), next: next, status: 500)], now: at(round * 10))
    }
    #expect(try await store.states() == ["d1": .dead])
    #expect(try await store.retry(deliveries: ["d1"], now: at(100)).map(\.refusal) == [nil])
    #expect(try await store.lease(at: 100).map(\.failures) == [0])
  }

  @Test func `a dead letter whose sends may have been accepted is sent where an operator says so`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1")]))
    _ = try await store.lease(at: 0, holds: 10)
    _ = try await store.lease(at: 20, holds: 10)
    let lease = try #require(try await store.lease(at: 40).first)
    #expect(lease.doubts == 2)
    try await store.record([ended(lease, .rejected, status: nil, reason: "unsure")], now: at(41))
    _ = try await store.retry(deliveries: ["d1"], now: at(50))
    let again = try await store.lease(at: 50)
    #expect(again.map(\.doubts) == [0])
  }

  @Test func `a lost attempt since then counts`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1")]))
    let first = try #require(try await store.lease(at: 0).first)
    try await store.record([ended(first, .rejected)], now: at(1))
    _ = try await store.retry(deliveries: ["d1"], now: at(2))
    _ = try await store.lease(at: 2, holds: 10)
    #expect(try await store.lease(at: 20).map(\.doubts) == [1])
  }

  @Test func `what a digest holds goes at once where an operator says so`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1", notBefore: at(1000))]))
    _ = try await store.retry(deliveries: ["d1"], now: at(10))
    #expect(try await store.lease(at: 10).map(\.id) == ["d1"])
  }
}

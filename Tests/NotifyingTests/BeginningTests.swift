import Language
import PluginHost
import Synchronization
import TestSupport
import Testing

@testable import Notifying

/// What was noted as begun, by the ids that these tests alone use; the first time of an id with `refused` in it fails.
private let begun = Mutex<[String: Int]>([:])

extension FakeOutbox: BeginningOutbox {
  func leaseUnbegun(channel: String, limit: Int, now: Instant, until: Instant) async throws -> [LeasedDelivery] {
    try await lease(channel: channel, limit: limit, now: now, until: until)
  }

  func begin(_ deliveries: [LeasedDelivery]) async throws {
    let isFirst = begun.withLock { begun in
      for delivery in deliveries { begun[delivery.id, default: 0] += 1 }
      return deliveries.contains { begun[$0.id] == 1 }
    }
    if isFirst, deliveries.contains(where: { $0.id.contains("refused") }) { throw Broken() }
  }
}

/// A send that is not simply repeated is noted before anything of it leaves.
struct BeginningTests {
  @Test func `an SMS is noted as begun before the request, all of a batch at once`() async throws {
    let noted = Mutex<[Int]>([])
    let bench = try WorkerBench(try Notifiers.smsir()) { _, _ in
      noted.withLock { $0 = [begun.withLock { $0["sms-noted-1"] ?? 0 }, begun.withLock { $0["sms-noted-2"] ?? 0 }] }
      return answer(200, #"{"status":1,"data":{"messageIds":[7,8]}}"#)
    }
    await bench.add("sms-noted-1", to: "09120000000")
    await bench.add("sms-noted-2", to: "09120000001")
    #expect(await bench.runToEnd())
    #expect(noted.withLock { $0 } == [1, 1])
    #expect(bench.channel.calls.count == 1)
  }

  @Test func `where a beginning can't be noted nothing is sent until it can`() async throws {
    let bench = try WorkerBench(try Notifiers.smsir()) { _, _ in
      answer(200, #"{"status":1,"data":{"messageIds":[7]}}"#)
    }
    await bench.add("sms-refused", to: "09120000000")
    #expect(await bench.runToEnd())
    #expect(await bench.outbox.outcomes("sms-refused") == ["delivered"])
    #expect(begun.withLock { $0["sms-refused"] } == 2)
    #expect(bench.channel.calls.count == 1)
    #expect(await bench.outbox.releases == 1)
  }

  @Test func `a send that carries its idempotency key is not noted`() async throws {
    let bench = try WorkerBench(try Notifiers.webhook()) { _, _ in answer(200) }
    await bench.add("hook-unnoted", to: "")
    #expect(await bench.runToEnd())
    #expect(begun.withLock { $0["hook-unnoted"] } == nil)
  }
}

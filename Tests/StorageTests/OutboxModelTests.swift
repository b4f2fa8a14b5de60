import Language
import PluginHost
import TestSupport
import Testing

@testable import Storage

/// Random lives of an outbox under every call there is, with what must always hold looked at after each.
struct OutboxModelTests {
  @Test(arguments: 0..<12) func `whatever happens, every delivery ends or waits, and none is sent twice at once`(
    _ seed: Int
  ) async throws {
    let store = try memoryStore()
    var dice = SplitMix(seed: UInt64(seed))
    var held: [LeasedDelivery] = []
    var made = 0
    var now: Int64 = 0
    for _ in 0..<250 {
      now += Int64.random(in: 0...20, using: &dice)
      switch Int.random(in: 0..<10, using: &dice) {
      case 0...2:
        let count = Int.random(in: 1...4, using: &dice)
        try await store.commit(
          run(seconds: now, items: items(&dice), deliveries: (0..<count).map { delivery(made + $0, now, &dice) }))
        made += count
      case 3...5:
        let limit = Int.random(in: 1...5, using: &dice)
        held += try await store.lease(limit: limit, at: now, holds: Int64.random(in: 5...60, using: &dice))
      case 6...7:
        held.shuffle(using: &dice)
        let records = held.prefix(3).map { ended($0, outcome(&dice), next: next(now, &dice)) }
        held.removeFirst(records.count)
        try await store.record(records, now: at(now))
      case 8:
        try await store.release(Array(held.prefix(1)))
        held = Array(held.dropFirst())
      default: try await meddle(store, now, made, &dice)
      }
      try await expectOrder(store, made: made, now: now)
    }
    try await drain(store, from: now + 100_000)
    #expect(try await store.number("SELECT count(*) FROM deliveries WHERE place IS NOT NULL") == 0)
    #expect(try await store.number("SELECT count(*) FROM deliveries") == made)
  }

  private func expectOrder(_ store: Store, made: Int, now: Int64) async throws {
    #expect(try await store.number("SELECT count(*) FROM deliveries") == made)
    let twice =
      "SELECT count(*) FROM (SELECT 1 FROM deliveries WHERE state = 'leased' GROUP BY channel, recipient HAVING count(*) > 1)"
    #expect(try await store.number(twice) == 0)
    // Nobody whose turn it is stands behind an empty front.
    let stuck = """
      SELECT count(*) FROM deliveries d WHERE place = 1 AND NOT EXISTS
        (SELECT 1 FROM deliveries f WHERE f.channel = d.channel AND f.recipient = d.recipient AND f.place = 2)
      """
    #expect(try await store.number(stuck) == 0)
    // What waits is announced, so that a worker that sleeps as told misses nothing.
    let open = try await store.number(
      "SELECT count(*) FROM deliveries WHERE place IS NOT NULL AND channel = 'telegram'")
    let due = try await store.nextDue(channel: "telegram", now: at(now))
    let health = try await store.status().channels.first { $0.name == "telegram" }?.health?.state
    #expect((due != nil) == (open > 0 && health != .misconfigured))
    // What metrics say is what `status` says, which counts everything anew.
    let figures = try await store.outboxFigures(dead: nil).channels
    let status = try await store.status().channels.filter { $0.queued + $0.dead > 0 || $0.health != nil }
    #expect(
      figures
        == status.map { OutboxFigures.Channel(name: $0.name, queued: $0.queued, oldest: $0.oldest, dead: $0.dead) })
  }

  private func drain(_ store: Store, from start: Int64) async throws {
    var now = start
    for _ in 0..<2000 {
      try await store.resumeChannel("telegram", configHash: nil, now: at(now))
      let leases = try await store.lease(limit: 50, at: now)
      try await store.record(leases.map { ended($0, .delivered(receipt: nil)) }, now: at(now))
      guard let due = try await store.nextDue(channel: "telegram", now: at(now)) else { return }
      now = max(now, due.seconds - at(0).seconds)
    }
    Issue.record("the outbox does not become empty")
  }

  private func meddle(_ store: Store, _ now: Int64, _ made: Int, _ dice: inout SplitMix) async throws {
    let recipient = "r\(Int.random(in: 0..<4, using: &dice))"
    let id = "d\(Int.random(in: 0...made, using: &dice))"
    switch Int.random(in: 0..<6, using: &dice) {
    case 0: try await store.resumeChannel("telegram", configHash: nil, now: at(now))
    case 1:
      let until = Bool.random(using: &dice) ? at(now + 50) : nil
      try await store.snooze(channel: "telegram", recipient: recipient, until: until, now: at(now))
    case 2: try await store.resumeSubscription(channel: "telegram", recipient: recipient, watch: nil, now: at(now))
    case 3: _ = try await store.drop(delivery: id, now: at(now))
    case 4: _ = try await store.retry(delivery: id, now: at(now))
    default: try await store.prune(now: at(now))
    }
  }

  private func delivery(_ number: Int, _ now: Int64, _ dice: inout SplitMix) -> NewDelivery {
    let draw = Int.random(in: 0..<10, using: &dice)
    return alert(
      "d\(number)", to: "r\(Int.random(in: 0..<4, using: &dice))", keys: ["a", "b"].filter { _ in draw % 2 == 0 },
      notBefore: draw == 1 ? at(now + 30) : nil, expires: draw < 5 ? at(now + 40) : nil)
  }

  private func items(_ dice: inout SplitMix) -> [ItemRecord] {
    ["a", "b"].map { life($0, Int.random(in: 0..<4, using: &dice) == 0 ? .gone : .open) }
  }

  private func outcome(_ dice: inout SplitMix) -> AttemptOutcome {
    let all: [AttemptOutcome] = [
      .delivered(receipt: "x"), .delivered(receipt: nil), .throttled(retryAfter: nil), .retry(after: nil),
      .moved(to: "r\(Int.random(in: 0..<4, using: &dice))"), .resendPlain, .recipientGone, .rejected, .paused,
      .misconfigured,
    ]
    return all.randomElement(using: &dice) ?? .rejected
  }

  private func next(_ now: Int64, _ dice: inout SplitMix) -> Instant? {
    Int.random(in: 0..<5, using: &dice) == 0 ? nil : at(now + Int64.random(in: 0...50, using: &dice))
  }
}

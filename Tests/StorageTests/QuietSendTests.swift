import Language
import PluginHost
import Testing

@testable import Storage

/// Quiet hours and snoozes hold when a message is about to be sent, not only when it was made; they put off and never
/// drop.
struct QuietSendTests {
  /// 10:30 in Tehran, a day in October 2026.
  private static let morning = Instant(seconds: 1_791_183_600)
  private static let tehran = TimeZoneRules(identifier: "Asia/Tehran") ?? .utc
  private static let night = QuietHours(
    from: CivilTime(hour: 23, minute: 0), to: CivilTime(hour: 7, minute: 0), zone: tehran)

  private static func delivery(
    _ id: String, _ keys: [String], change: Change.Kind = .added, notBefore: Instant? = nil,
    quiet: QuietHours? = night, expires: Instant? = nil, usefulFor: Duration? = nil, limit: RateLimit? = nil
  ) -> NewDelivery {
    NewDelivery(
      id: id, channel: "telegram", recipient: "r1", subscription: "telegram|r1",
      message: message(keys, change: change), changes: keys.indices.map(\.self), notBefore: notBefore,
      expiresAt: expires, usefulFor: usefulFor, limit: limit, rule: "test", quiet: quiet)
  }

  private static func commit(
    _ store: Store, at now: Instant, _ deliveries: [NewDelivery], sees keys: [String] = [], gone: [String] = [],
    changes: [Change] = []
  ) async throws {
    var run = RunCommit(
      watch: "w1", site: "site", specVersion: "v1", startedAt: now, endedAt: now, verdict: .items, keyFields: ["start"])
    run.items =
      keys.map { ItemRecord(item: item($0), state: .open, since: now, firstSeen: now, lastSeen: now, lives: 1) }
      + gone.map { ItemRecord(item: item($0), state: .gone, since: now, firstSeen: now, lastSeen: now, lives: 1) }
    run.changes = changes
    run.deliveries = deliveries
    try await store.commit(run)
  }

  private static func lease(_ store: Store, _ now: Instant) async throws -> [LeasedDelivery] {
    try await store.lease(channel: "telegram", limit: 10, now: now, until: now + .seconds(60))
  }

  private static func wall(_ day: Int, _ hour: Int, _ minute: Int = 0) -> Instant {
    let date = tehran.civil(of: morning).date.adding(days: day)
    return tehran.instant(of: date, CivilTime(hour: hour, minute: minute))
  }

  @Test func `a retry that falls into quiet hours waits for their end`() async throws {
    let store = try memoryStore()
    try await Self.commit(store, at: Self.wall(0, 22, 50), [Self.delivery("d1", ["a"])], sees: ["a"])
    let first = try await Self.lease(store, Self.wall(0, 22, 55))
    #expect(first.count == 1)
    try await store.record(
      first.map { ended($0, .retry(after: nil), next: Self.wall(0, 23, 5), status: 503) }, now: Self.wall(0, 22, 56))
    #expect(try await Self.lease(store, Self.wall(0, 23, 5)).isEmpty)
    #expect(try await store.nextDue(channel: "telegram", now: Self.wall(0, 23, 5)) == Self.wall(1, 7))
    #expect(try await Self.lease(store, Self.wall(1, 6, 59)).isEmpty)
    #expect(try await Self.lease(store, Self.wall(1, 7)).map(\.id) == ["d1"])
  }

  @Test func `what at_most held back does not go out in quiet hours`() async throws {
    let store = try memoryStore()
    let limit = RateLimit(count: 1, per: .seconds(3600))
    try await Self.commit(store, at: Self.wall(0, 22, 10), [Self.delivery("d1", ["a"], limit: limit)], sees: ["a"])
    try await Self.commit(store, at: Self.wall(0, 22, 20), [Self.delivery("d2", ["b"], limit: limit)], sees: ["b"])
    let first = try await Self.lease(store, Self.wall(0, 22, 30))
    #expect(first.map(\.id) == ["d1"])
    try await store.record(first.map { ended($0, .delivered(receipt: nil)) }, now: Self.wall(0, 22, 30))
    #expect(try await Self.lease(store, Self.wall(0, 22, 31)).isEmpty)
    #expect(try await Self.lease(store, Self.wall(0, 23, 31)).isEmpty)
    #expect(try await Self.lease(store, Self.wall(1, 7)).map(\.id) == ["d2"])
  }

  @Test func `a channel that was out all evening sends nothing when it is back in the night`() async throws {
    let store = try memoryStore()
    try await Self.commit(
      store, at: Self.wall(0, 20), [Self.delivery("d1", ["a"]), Self.delivery("d2", ["b"], quiet: nil)],
      sees: ["a", "b"])
    var sent: [String] = []
    for _ in 0..<3 {
      let leased = try await Self.lease(store, Self.wall(1, 2))
      sent += leased.map(\.id)
      try await store.record(leased.map { ended($0, .delivered(receipt: nil)) }, now: Self.wall(1, 2))
    }
    #expect(sent == ["d2"])
    #expect(try await Self.lease(store, Self.wall(1, 7)).map(\.id) == ["d1"])
  }

  @Test func `what quiet hours outlast expires and is counted`() async throws {
    let store = try memoryStore()
    try await Self.commit(
      store, at: Self.wall(0, 22, 50), [Self.delivery("d1", ["a"], expires: Self.wall(1, 3))], sees: ["a"])
    let first = try await Self.lease(store, Self.wall(0, 22, 55))
    try await store.record(
      first.map { ended($0, .retry(after: nil), next: Self.wall(0, 23, 5), status: 503) }, now: Self.wall(0, 22, 56))
    #expect(try await Self.lease(store, Self.wall(0, 23, 5)).isEmpty)
    #expect(try await Self.lease(store, Self.wall(1, 7)).isEmpty)
    #expect(try await store.states() == ["d1": .expired])
    #expect(try await store.status().channels.map(\.expired) == [1])
  }

  @Test func `runs of one window are one message, and what is gone has fallen out of it`() async throws {
    let store = try memoryStore()
    let end = Self.wall(0, 12)
    for (number, key) in ["a", "b", "c"].enumerated() {
      try await Self.commit(
        store, at: Self.morning + .seconds(Int64(number) * 60),
        [Self.delivery("d\(number)", [key], notBefore: end)], sees: [key])
    }
    try await Self.commit(store, at: Self.morning + .seconds(300), [], gone: ["b"])
    #expect(try await Self.lease(store, end - .seconds(1)).isEmpty)
    let leased = try await Self.lease(store, end)
    #expect(leased.map(\.id) == ["d0"])
    #expect(leased.first?.message.lines.map(\.itemKey) == ["a", "c"])
  }

  @Test func `a window whose items are all gone is not sent`() async throws {
    let store = try memoryStore()
    try await Self.commit(
      store, at: Self.morning, [Self.delivery("d1", ["a"], notBefore: Self.wall(0, 12))], sees: ["a"])
    try await Self.commit(store, at: Self.morning + .seconds(60), [], gone: ["a"])
    #expect(try await Self.lease(store, Self.wall(0, 12)).isEmpty)
    #expect(try await store.states() == ["d1": .obsolete])
  }

  @Test func `texts that a window grew out of do not stay behind`() async throws {
    let store = try memoryStore()
    for number in 0..<50 {
      try await Self.commit(
        store, at: Self.morning + .seconds(Int64(number)),
        [Self.delivery("d\(number)", ["k\(number)"], notBefore: Self.wall(0, 12))], sees: ["k\(number)"])
    }
    #expect(try await store.number("SELECT count(*) FROM messages") == 1)
    #expect(try await Self.lease(store, Self.wall(0, 12)).map(\.message.lines.count) == [50])
  }

  @Test func `a window survives a crash`() async throws {
    let folder = try Folder()
    for number in 0..<3 {
      // Every run its own process: the store is opened anew.
      let store = try Store(path: folder.store)
      try await Self.commit(
        store, at: Self.morning + .seconds(Int64(number)),
        [Self.delivery("d\(number)", ["k\(number)"], notBefore: Self.wall(0, 12))], sees: ["k\(number)"])
    }
    let store = try Store(path: folder.store)
    #expect(try await Self.lease(store, Self.wall(0, 12)).map(\.message.lines.count) == [3])
  }

  @Test func `that something went is still told when the window ends`() async throws {
    let store = try memoryStore()
    try await Self.commit(store, at: Self.morning - .seconds(60), [], sees: ["a"])
    let removed = Self.delivery("d1", ["a"], change: .removed, notBefore: Self.wall(0, 12), usefulFor: .seconds(900))
    try await Self.commit(
      store, at: Self.morning, [removed], gone: ["a"], changes: [Change(.removed, item("a"))])
    #expect(try await Self.lease(store, Self.wall(0, 12)).map(\.id) == ["d1"])
  }

  @Test func `messages with other quiet hours are not put together`() async throws {
    let store = try memoryStore()
    let end = Self.wall(0, 12)
    try await Self.commit(store, at: Self.morning, [Self.delivery("d1", ["a"], notBefore: end)], sees: ["a"])
    try await Self.commit(
      store, at: Self.morning + .seconds(1), [Self.delivery("d2", ["b"], notBefore: end, quiet: nil)], sees: ["b"])
    #expect(try await store.states().count == 2)
  }

  @Test func `a snooze holds back what waits, and what comes back from a failed attempt`() async throws {
    let store = try memoryStore()
    try await Self.commit(
      store, at: Self.morning, [Self.delivery("d1", ["a"], quiet: nil), Self.delivery("d2", ["b"], quiet: nil)],
      sees: ["a", "b"])
    let first = try await Self.lease(store, Self.morning)
    #expect(first.map(\.id) == ["d1"])
    let held = try await store.deferSubscription("telegram|r1", watch: "w1", until: Self.wall(2, 9), now: Self.morning)
    #expect(held == 2)
    try await store.record(
      first.map { ended($0, .retry(after: nil), next: Self.morning + .seconds(5), status: 503) }, now: Self.morning)
    #expect(try await Self.lease(store, Self.wall(2, 8, 59)).isEmpty)
    #expect(try await store.nextDue(channel: "telegram", now: Self.wall(0, 11)) == Self.wall(2, 9))
    #expect(try await Self.lease(store, Self.wall(2, 9)).map(\.id) == ["d1"])
    // Another watch's messages are none of its business.
    #expect(
      try await store.deferSubscription("telegram|r1", watch: "w2", until: Self.wall(3, 9), now: Self.morning) == 0)
  }
}

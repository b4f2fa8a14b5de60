import Language
import PluginHost
import Testing

@testable import Storage

struct StoryTests {
  @Test func `a delivery is explained from the spec to the receipt`() async throws {
    let store = try memoryStore()
    try await store.saveSpecVersion(site: "site", version: "v1", text: "site: site\n", now: at(0))
    let trace = JSON.object(JSONObject([("status", .integer(200))]))
    try await store.commit(
      run(items: [life("a"), life("b")], deliveries: [alert("d1", keys: ["b", "a"], changes: [1, 0])]) {
        $0.changes = [Change(.added, item("a")), Change(.updated, item("b"), before: [.init("price", .integer(1))])]
        $0.outcomes = [BranchOutcome(name: .root, verdict: .items, itemCount: 2, detail: "rows", trace: trace)]
      })
    try await store.commit(run(seconds: 2, items: [life("a", .gone)]))
    let lease = try #require(try await store.lease(at: 3).first)
    try await store.record([ended(lease, .delivered(receipt: "m"))], now: at(4))

    let story = try #require(try await store.delivery("d1"))
    #expect(story.delivery.rule == "notify[0]")
    #expect(story.run?.specText == "site: site\n")
    #expect(story.run?.outcomes.first?.trace == trace)
    #expect(story.lines.map(\.change?.kind) == [.updated, .added])
    #expect(story.lines.first?.change?.before == [Item.Field("price", .integer(1))])
    #expect(story.lines.map(\.isShown) == [true, false])
    #expect(story.lines.map(\.stateNow) == [.open, .gone])
    #expect(story.attempts.map(\.outcome) == ["delivered"])
    #expect(try await store.delivery("d2") == nil)
  }

  @Test func `the outbox is listed by any mixture of conditions`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("a1"), alert("a2", to: "r2"), alert("s1", channel: "sms")]))
    try await store.commit(run(watch: "w2", seconds: 9, deliveries: [alert("m1", to: "ops", kind: .maintainer)]))
    func ids(_ filter: DeliveryFilter) async throws -> [String] { try await store.deliveries(filter).map(\.id) }
    #expect(try await ids(DeliveryFilter()) == ["m1", "s1", "a2", "a1"])
    #expect(try await ids(DeliveryFilter(newestFirst: false, limit: 2)) == ["a1", "a2"])
    #expect(try await ids(DeliveryFilter(channel: "telegram", recipient: "r1")) == ["a1"])
    #expect(try await ids(DeliveryFilter(kinds: [.maintainer])) == ["m1"])
    #expect(try await ids(DeliveryFilter(watch: "w2")) == ["m1"])
    #expect(try await ids(DeliveryFilter(createdSince: at(5))) == ["m1"])
    #expect(try await ids(DeliveryFilter(states: [.dead, .expired])).isEmpty)
    #expect(try await ids(DeliveryFilter(channel: "x' OR 1=1 --")).isEmpty)
  }

  @Test func `status counts what waits and says how old it is`() async throws {
    let store = try memoryStore()
    try await store.upsertWatch(
      WatchRecord(id: "w0", site: "site", params: [:], every: .seconds(60), origin: .config, addedAt: at(0)))
    try await store.commit(run(seconds: 5, items: [life("a")], deliveries: [alert("d1")]) { $0.nextRunAt = at(65) })
    try await store.commit(run(seconds: 7, deliveries: [alert("d2")]))
    let lease = try await store.lease(at: 8)
    try await store.record(lease.map { ended($0, .rejected) }, now: at(8))
    let status = try await store.status()
    #expect(status.watches.map(\.id) == ["w0", "w1"])
    let watch = try #require(status.watches.last)
    #expect(watch.verdict == .items && watch.lastRunAt == at(7) && watch.nextRunAt == at(65) && watch.openItems == 1)
    let channel = try #require(status.channels.first)
    #expect(channel.queued == 1 && channel.dead == 1 && channel.oldest == at(7))
  }

  @Test func `at_most counts what was told and what is on its way`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1"), alert("d2"), alert("m", kind: .maintainer)]))
    try await store.commit(run(watch: "w2", deliveries: [alert("d3")]))
    let lease = try await store.lease(at: 100)
    try await store.record(lease.map { ended($0, .delivered(receipt: nil)) }, now: at(100))
    #expect(try await store.deliveredCount(subscription: "telegram|r1", since: at(100)) == 3)
    #expect(try await store.deliveredCount(subscription: "telegram|r1", since: at(101)) == 2)
    #expect(try await store.deliveredCount(subscription: "telegram|r1", watch: "w2", since: at(0)) == 1)
    #expect(try await store.deliveredCount(channel: "telegram", since: at(0)) == 1)
  }

  @Test func `operators retry what is dead and drop what waits`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1"), alert("d2", to: "r2")]))
    for lease in try await store.lease() where lease.id == "d1" {
      try await store.record([ended(lease, .rejected)], now: at(1))
    }
    #expect(try await store.retry(delivery: "d1", now: at(2)))
    #expect(try await store.lease(at: 2).map(\.attempt) == [2])
    #expect(try await !store.retry(delivery: "d1", now: at(3)))
    #expect(try await !store.drop(delivery: "d2", now: at(3)))
    #expect(try await !store.retry(delivery: "none", now: at(3)))
  }

  @Test func `a snoozed recipient hears later and loses nothing`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1")]))
    try await store.snooze(channel: "telegram", recipient: "r1", until: at(600), now: at(1))
    try await store.commit(run(seconds: 2, deliveries: [alert("d2")]))
    #expect(try await store.lease(at: 599).isEmpty)
    #expect(try await store.nextDue(channel: "telegram", now: at(3)) == at(600))
    try await store.snooze(channel: "telegram", recipient: "r1", until: nil, now: at(10))
    #expect(try await store.lease(at: 10).map(\.id) == ["d1"])
  }

  @Test func `equal watches are one watch`() async throws {
    let store = try memoryStore()
    var watch = WatchRecord(
      id: "w1", site: "s", params: ["b": "2", "a": "دکتر"], every: .seconds(60), origin: .config,
      notify: .array([.integer(1)]), addedAt: at(0))
    try await store.upsertWatch(watch)
    watch.every = .seconds(90)
    try await store.upsertWatch(watch)
    #expect(try await store.watches() == [watch])
    watch.id = "w2"
    let twin = watch
    await #expect(throws: StoreError.self) { try await store.upsertWatch(twin) }
  }

  @Test func `what is over is removed in time, what is open never`() async throws {
    let store = try memoryStore()
    try await store.commit(
      run(items: [life("open"), life("gone", .gone), life("past", .passed)], deliveries: [alert("d1"), alert("d2")]) {
        $0.changes = [Change(.added, item("open"))]
        $0.pages = [PageRecord(request: "r", validators: Validators(), contentType: nil, body: [1], fetchedAt: at(0))]
      })
    let lease = try await store.lease()
    try await store.record(lease.map { ended($0, .rejected) }, now: at(1))
    try await store.commit(run(seconds: 2))
    try await store.prune(now: at(3600))
    #expect(try await store.state(of: "w1").items.count == 3)
    try await store.prune(now: at(40 * 86_400))
    #expect(try await store.states() == ["d2": .pending])
    #expect(try await store.state(of: "w1").items.map(\.item.key) == ["open"])
    #expect(try await store.state(of: "w1").pages.isEmpty)
    #expect(try await store.number("SELECT count(*) FROM runs") == 2)
    #expect(try await store.delivery("d2")?.run != nil)
  }
}

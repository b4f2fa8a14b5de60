import Language
import PluginHost
import Testing

@testable import Storage

/// What operators do to many deliveries, and what they are told of channels.
struct DeskOutboxTests {
  @Test func `each delivery that is to be sent again is answered for, and a rehearsal changes nothing`() async throws {
    let store = try memoryStore()
    let people = ["ok", "dead", "gone", "sending", "waits"]
    try await store.commit(run(deliveries: people.map { alert($0, to: "r-\($0)") }))
    for lease in try await store.lease(limit: 10, at: 1) {
      switch lease.id {
      case "ok": try await store.record([ended(lease, .delivered(receipt: nil))], now: at(1))
      case "dead": try await store.record([ended(lease, .rejected)], now: at(1))
      case "gone": try await store.record([ended(lease, .recipientGone)], now: at(1))
      case "waits": try await store.record([ended(lease, .retry(after: nil), next: at(500))], now: at(1))
      default: break
      }
    }
    let asked = people + ["none"]
    let wanted: [OutboxRefusal?] = [.delivered, nil, .recipientGone, .beingSent, nil, .unknown]
    let before = try await store.deliveries()
    #expect(try await store.retry(deliveries: asked, now: at(2), isRehearsal: true).map(\.refusal) == wanted)
    #expect(try await store.deliveries() == before)
    #expect(try await store.retry(deliveries: asked, now: at(2)).map(\.refusal) == wanted)
    #expect(Set(try await store.lease(at: 2).map(\.id)) == ["dead", "waits"])
  }

  @Test func `what is dropped is never sent and stays listed`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1"), alert("d2"), alert("d3", to: "r3")]))
    let lease = try await store.lease(limit: 1, at: 1)
    let sending = try #require(lease.first?.id)
    let waiting = ["d1", "d2", "d3"].filter { $0 != sending }
    #expect(try await store.drop(deliveries: waiting, now: at(1), isRehearsal: true).allSatisfy { $0.refusal == nil })
    let answers = try await store.drop(deliveries: waiting + [sending, "none"], now: at(2))
    #expect(answers.map(\.refusal) == [nil, nil, .beingSent, .unknown])
    #expect(try await store.drop(deliveries: waiting, now: at(2)).allSatisfy { $0.refusal == .ended })
    #expect(try await store.lease(at: 3).isEmpty)
    #expect(
      try await store.deliveries(DeliveryFilter(states: [.dropped])).map(\.reason) == ["by_operator", "by_operator"])
  }

  @Test func `an item that is gone falls out of what is sent again`() async throws {
    let store = try memoryStore()
    try await store.commit(
      run(items: [life("a")], deliveries: [alert("d1", keys: ["a"], changes: [0])]) {
        $0.changes = [Change(.added, item("a"))]
      })
    let lease = try #require(try await store.lease(at: 1).first)
    try await store.record([ended(lease, .rejected)], now: at(1))
    try await store.commit(run(seconds: 2, items: [life("a", .gone)]))
    #expect(try await store.retry(deliveries: ["d1"], now: at(3)).map(\.refusal) == [nil])
    #expect(try await store.lease(at: 3).isEmpty)
    #expect(try await store.states() == ["d1": .obsolete])
  }

  @Test func `a list can be narrowed by age from both sides`() async throws {
    let store = try memoryStore()
    for second in [0, 100, 200] as [Int64] {
      try await store.commit(run(watch: "w\(second)", seconds: second, deliveries: [alert("d\(second)")]))
    }
    let filter = DeliveryFilter(createdSince: at(50), createdUntil: at(150))
    #expect(try await store.deliveries(filter).map(\.id) == ["d100"])
  }

  @Test func `a channel's report says when it worked, what it said last, and for how long it does not answer`()
    async throws
  {
    let store = try memoryStore()
    try await store.commit(run(deliveries: (0..<8).map { alert("d\($0)", to: "r\($0)") }))
    let leases = try await store.lease(at: 0)
    try await store.record([ended(leases[0], .delivered(receipt: nil))], now: at(10))
    #expect(try await store.channelReport("telegram", now: at(20)).faultsInARow == 0)
    for lease in leases[1..<6] {
      try await store.record(
        [ended(lease, .retry(after: nil), next: at(900), status: nil, reason: "timeout")], now: at(30))
    }
    // Our own waiting for a recipient's rate says nothing about the channel.
    try await store.record(
      [ended(leases[6], .throttled(retryAfter: nil), next: at(900), status: nil, reason: "rate_limited")], now: at(30))
    let report = try await store.channelReport("telegram", now: at(40))
    #expect(report.lastSuccess == at(10) && report.deliveredLastHour == 1)
    #expect(report.faultsInARow == 5 && report.faultySince == at(0))
    #expect(report.lastFailure?.reason == "timeout" && report.lastFailure?.detail == "the provider's words")
    #expect(try await store.channelReport("telegram", now: at(10 + 3600)).deliveredLastHour == 0)
    try await store.record([ended(leases[7], .rejected, status: 400)], now: at(50))
    #expect(try await store.channelReport("telegram", now: at(50)).faultsInARow == 0)
    #expect(try await store.channelReport("unknown", now: at(50)) == ChannelReport())
  }

  @Test func `an incident of no run is told when it opens and when it ends, however often it is said`() async throws {
    let store = try memoryStore()
    func opened(_ id: String) async throws -> Set<String>? {
      try await store.openIncident("store|full", telling: [alert(id, to: "ops", kind: .maintainer)], now: at(1))
    }
    func closed(_ id: String) async throws -> Set<String>? {
      try await store.closeIncident("store|full", telling: [alert(id, to: "ops", kind: .maintainer)], now: at(2))
    }
    #expect(try await closed("early") == nil)
    #expect(try await opened("o1") == ["telegram"])
    #expect(try await opened("o2") == nil)
    #expect(try await store.status().incidents.map(\.key) == ["store|full"])
    #expect(try await closed("c1") == ["telegram"])
    #expect(try await closed("c2") == nil)
    #expect(try await opened("o3") == ["telegram"])
    #expect(try await store.states().keys.sorted() == ["c1", "o1", "o3"])
  }

  @Test func `a recipient who is gone is told of once, and again only after coming back`() async throws {
    let store = try memoryStore()
    func leave(_ id: String, _ now: Int64) async throws {
      try await store.commit(run(seconds: now, deliveries: [alert(id)]))
      let leases = try await store.lease(at: now).filter { $0.id == id }
      try await store.record(leases.map { ended($0, .recipientGone, reason: "recipient_gone") }, now: at(now))
    }
    try await leave("d1", 1)
    let gone = try await store.goneUntold(limit: 9)
    #expect(gone.map(\.address) == ["r1"])
    _ = try await store.tell(gone: gone, with: [alert("m1", to: "ops", kind: .maintainer)], now: at(2))
    #expect(try await store.goneUntold(limit: 9).isEmpty)
    try await store.resumeSubscription(channel: "telegram", recipient: "r1", watch: nil, now: at(3))
    try await leave("d2", 4)
    #expect(try await store.goneUntold(limit: 9).map(\.address) == ["r1"])
  }

  @Test func `what holds a delivery back is named`() async throws {
    let store = try memoryStore()
    var limited = alert("limited", to: "r1", keys: ["b"])
    limited.limit = RateLimit(count: 1, per: .seconds(86_400))
    try await store.commit(
      run(
        items: [life("b")],
        deliveries: [
          alert("quiet", to: "r2", notBefore: at(500)), limited, alert("second", to: "r3"), alert("third", to: "r3"),
        ]))
    func causes(_ id: String, _ now: Int64) async throws -> [HeldBack.Cause] {
      try await store.heldBack(delivery: id, now: at(now)).map(\.cause)
    }
    #expect(try await store.heldBack(delivery: "quiet", now: at(1)) == [HeldBack(cause: .notBefore, until: at(500))])
    #expect(try await store.heldBack(delivery: "third", now: at(1)) == [HeldBack(cause: .behindOthers, count: 1)])
    let leases = try await store.lease(at: 1)
    for lease in leases where lease.id == "limited" {
      try await store.record([ended(lease, .delivered(receipt: nil))], now: at(1))
    }
    for lease in leases where lease.id == "second" {
      try await store.record([ended(lease, .retry(after: nil), next: at(300))], now: at(1))
    }
    var next = alert("next", to: "r1", keys: ["b"])
    next.limit = RateLimit(count: 1, per: .seconds(86_400))
    try await store.commit(run(seconds: 2, items: [life("b")], deliveries: [next]))
    #expect(try await causes("next", 3) == [.atMost])
    #expect(try await causes("second", 3) == [.retryLater])
    #expect(try await causes("limited", 3).isEmpty)
    let third = try #require(try await store.lease(at: 4).first { $0.id == "third" })
    try await store.record([ended(third, .misconfigured)], now: at(4))
    #expect(try await causes("third", 5).contains(.channelMisconfigured))
  }

  @Test func `who removes a broken watch ends its incident, and the maintainers hear that once`() async throws {
    let store = try memoryStore()
    let members = [IncidentMember(incident: "layout_broken|site", branch: .root)]
    for id in ["w1", "w2", "w3"] {
      try await store.upsertWatch(
        WatchRecord(id: id, site: "site", params: ["slug": id], every: .seconds(60), origin: .command, addedAt: at(0)))
      if id != "w3" { try await store.commit(run(watch: id) { $0.joinedIncidents = members }) }
    }
    func remove(_ id: String) async throws -> Set<String> {
      try await store.removeWatch(id, now: at(1), telling: [alert("bye-\(id)", to: "ops", kind: .maintainer)])
    }
    #expect(try await remove("w1").isEmpty)
    #expect(try await remove("w3").isEmpty)
    #expect(try await remove("w2") == ["telegram"])
    #expect(try await store.states() == ["bye-w2": .pending])
    #expect(try await store.status().incidents.isEmpty)
  }
}

import Language
import PluginHost
import Testing

@testable import Storage

struct LeaseTests {
  @Test func `a lease carries the message, the number and the order`() async throws {
    let store = try memoryStore()
    let new = alert("d1", keys: ["a"], expires: at(900))
    try await store.commit(run(items: [life("a")], deliveries: [new]))
    let lease = try #require(try await store.lease().first)
    #expect(
      lease
        == LeasedDelivery(
          id: "d1", channel: "telegram", recipient: "r1", message: new.message, attempt: 1, plain: false, sequence: 1,
          createdAt: at(0), expiresAt: at(900), unsure: false))
    #expect(try await store.lease().isEmpty)
    #expect(try await store.lease("sms").isEmpty)
  }

  @Test func `a recipient never has two at once, and gets the oldest first`() async throws {
    let store = try memoryStore()
    for number in 1...3 {
      try await store.commit(
        run(seconds: Int64(number), deliveries: [alert("d\(number)"), alert("e\(number)", to: "r2")]))
    }
    var order: [String] = []
    for turn in 0..<3 {
      let leases = try await store.lease(at: 10)
      #expect(Set(leases.map(\.recipient)) == ["r1", "r2"])
      #expect(leases.allSatisfy { $0.sequence == turn + 1 })
      order += leases.map(\.id)
      try await store.record(leases.map { ended($0, .delivered(receipt: nil)) }, now: at(11))
    }
    #expect(Set(order) == ["d1", "d2", "d3", "e1", "e2", "e3"])
  }

  @Test func `fresh news goes before a backlog, recipient by recipient`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: (0..<50).map { alert("old\($0)", to: "r\($0)") }))
    try await store.commit(run(watch: "w2", seconds: 60, deliveries: [alert("new", to: "somebody else")]))
    #expect(try await store.lease(limit: 1, at: 61).map(\.id) == ["new"])
  }

  @Test func `one that waits for a retry does not hold up the next one of its recipient`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1"), alert("d2")]))
    let first = try #require(try await store.lease().first)
    try await store.record([ended(first, .retry(after: nil), next: at(100))], now: at(1))
    #expect(try await store.lease(at: 1, holds: 600).map(\.id) == ["d2"])
    #expect(try await store.lease(at: 100).isEmpty)
    let second = try #require(try await store.deliveries().first { $0.id == "d2" })
    #expect(second.state == .leased)
  }

  @Test func `an older one whose retry has come goes before a newer one`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1"), alert("d2"), alert("d3")]))
    let first = try #require(try await store.lease().first)
    try await store.record([ended(first, .throttled(retryAfter: .seconds(5)), next: at(6))], now: at(1))
    #expect(try await store.lease(at: 6).map(\.id) == ["d1"])
  }

  @Test func `what was held back comes when its time does`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1", notBefore: at(3600))]))
    #expect(try await store.lease(at: 3599).isEmpty)
    #expect(try await store.nextDue(channel: "telegram", now: at(0)) == at(3600))
    #expect(try await store.lease(at: 3600).map(\.id) == ["d1"])
  }

  @Test func `what is of no use any more expires instead`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1", expires: at(900)), alert("d2", expires: at(901))]))
    #expect(try await store.lease(at: 900).map(\.id) == ["d2"])
    #expect(try await store.states()["d1"] == .expired)
  }

  @Test func `a retry that would come too late expires at once`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1", expires: at(900))]))
    let lease = try #require(try await store.lease().first)
    try await store.record([ended(lease, .retry(after: nil), next: at(900), reason: "server_error")], now: at(1))
    let record = try #require(try await store.deliveries().first)
    #expect(record.state == .expired)
    #expect(record.reason == "server_error")
  }

  @Test func `lines whose items are gone fall out, removed ones stay, and unknown ones too`() async throws {
    let store = try memoryStore()
    let removed = Message.Line(change: .removed, text: "went", itemKey: "b")
    let header = Message.Line(text: "about nothing")
    var new = alert("d1", keys: ["a", "b", "leaving", "unknown"])
    new.message.lines += [removed, header]
    try await store.commit(run(items: [life("a"), life("b"), life("leaving", .leaving)], deliveries: [new]))
    try await store.commit(run(seconds: 5, items: [life("b", .gone, since: 5)]))
    let lease = try #require(try await store.lease(at: 6).first)
    #expect(lease.message.lines.map(\.text) == ["line a", "line leaving", "line unknown", "went", "about nothing"])
    #expect(try await store.deliveries().first?.withdrawn == [1])
  }

  @Test(arguments: [Message.Kind.alert, .summary])
  func `a delivery with nothing left to say is obsolete`(_ kind: Message.Kind) async throws {
    let store = try memoryStore()
    let new = alert("d1", keys: ["a", "b"], kind: kind, change: kind == .alert ? .added : nil)
    try await store.commit(run(items: [life("a"), life("b")], deliveries: [new, alert("d2")]))
    try await store.commit(run(seconds: 5, items: [life("a", .gone, since: 5), life("b", .passed, since: 5)]))
    #expect(try await store.lease(at: 6).map(\.id) == ["d2"])
    #expect(try await store.states()["d1"] == .obsolete)
  }

  @Test func `another watch's item of the same key takes nothing out, and maintainers' lines never go`() async throws {
    let store = try memoryStore()
    try await store.commit(
      run(
        items: [life("a")],
        deliveries: [alert("d1", keys: ["a"]), alert("m1", to: "ops", keys: ["b"], kind: .maintainer)]))
    try await store.commit(run(seconds: 5, items: [life("b", .gone)]))
    try await store.commit(run(watch: "w2", seconds: 5, items: [life("a", .gone)]))
    #expect(try await store.lease(at: 6).map(\.message.lines.count) == [1, 1])
  }

  @Test func `giving back counts as never taken`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1")]))
    let lease = try await store.lease()
    try await store.release(lease)
    #expect(try await store.lease() == lease)
  }

  @Test func `a lease that ran out is given back as unsure, and its late end is fenced off`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1")]))
    let late = try #require(try await store.lease(at: 0, holds: 60).first)
    #expect(try await store.lease(at: 59).isEmpty)
    #expect(try await store.nextDue(channel: "telegram", now: at(1)) == at(60))
    let again = try #require(try await store.lease(at: 60).first)
    #expect(again.unsure)
    #expect(again.attempt == 2)
    try await store.record([ended(late, .rejected)], now: at(61))
    #expect(try await store.states()["d1"] == .leased)
    try await store.record([ended(again, .delivered(receipt: "42"))], now: at(62))
    let story = try #require(try await store.delivery("d1"))
    #expect(story.delivery.state == .delivered)
    #expect(story.delivery.receipt == "42")
    #expect(story.attempts.map(\.outcome) == ["lost", "rejected", "delivered"])
    #expect(story.attempts.map(\.counted) == [true, false, true])
  }

  @Test func `an end that is late but still the newest counts, and only once`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1"), alert("d2")]))
    let late = try #require(try await store.lease(at: 0).first)
    // Takes it back, and hands out nothing.
    #expect(try await store.lease(limit: 0, at: 100).isEmpty)
    #expect(try await store.states()["d1"] == .pending)
    try await store.record([ended(late, .delivered(receipt: "7")), ended(late, .rejected)], now: at(101))
    let story = try #require(try await store.delivery("d1"))
    #expect(story.delivery.state == .delivered)
    #expect(story.attempts.map(\.outcome) == ["delivered", "rejected"])
    #expect(try await store.lease(at: 102).map(\.id) == ["d2"])
  }

  @Test func `one that expired while its lease was lost can still turn out delivered`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1", expires: at(30)), alert("d2", to: "r2", expires: at(30))]))
    let late = try await store.lease(at: 0, holds: 20)
    #expect(try await store.lease(at: 40).isEmpty)
    #expect(try await store.states() == ["d1": .expired, "d2": .expired])
    for lease in late {
      try await store.record([ended(lease, lease.id == "d1" ? .delivered(receipt: nil) : .rejected)], now: at(41))
    }
    #expect(try await store.states() == ["d1": .delivered, "d2": .expired])
  }

  @Test func `nothing waits, nothing is due`() async throws {
    let store = try memoryStore()
    #expect(try await store.nextDue(channel: "telegram", now: at(0)) == nil)
    try await store.commit(run(deliveries: [alert("d1"), alert("d2")]))
    #expect(try await store.nextDue(channel: "telegram", now: at(9)) == at(0))
    let lease = try await store.lease(at: 9)
    // The second of the same recipient is not due before the first has ended.
    #expect(try await store.nextDue(channel: "telegram", now: at(10)) == at(69))
    try await store.record(lease.map { ended($0, .delivered(receipt: nil)) }, now: at(11))
    #expect(try await store.nextDue(channel: "telegram", now: at(11)) == at(0))
  }
}

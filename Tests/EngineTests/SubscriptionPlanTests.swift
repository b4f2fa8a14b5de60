import Engine
import Language
import PluginHost
import Storage
import Testing

/// Who is told of a run's changes, in how many messages, and when they may go.
struct SubscriptionPlanTests {
  private static let spec =
    Desk.list(
      """
      anchor: $.rows
      rows: { each: "$.rows[*]", fields: { id: $.id, price: { json: $.price, as: integer } } }
      """, items: "key: [id], track: [price]") + "\n  useful_for: 2h\n"

  private static func desk(_ subscriptions: [Subscription]) async throws -> Desk {
    var desk = try Desk(spec)
    desk.watch.subscriptions = subscriptions
    desk.site.set("/list", #"{"rows": []}"#)
    _ = try await desk.run()
    return desk
  }

  private static func subscription(
    _ to: String = "1", when: String? = nil, edit: (inout Subscription) -> Void = { _ in }
  ) throws -> Subscription {
    var subscription = Subscription(
      channel: "people", to: to, language: "en",
      when: try when.map { try Expression($0, names: ["id": .text, "price": .integer]) }, first: .none)
    edit(&subscription)
    return subscription
  }

  private static func urgent(_ source: String) throws -> Expression {
    try Expression(source, names: ["id": .text, "price": .integer])
  }

  private static func show(_ desk: Desk, _ rows: [(String, Int)]) {
    let list = rows.map { #"{"id": "\#($0.0)", "price": \#($0.1)}"# }.joined(separator: ",")
    desk.site.set("/list", #"{"rows": [\#(list)]}"#)
  }

  private static func keys(_ deliveries: [NewDelivery]) -> [[String?]] {
    deliveries.map { $0.message.lines.map(\.itemKey) }
  }

  @Test func `a digest puts off until its window ends, and runs of one window become one message`() async throws {
    var desk = try await Self.desk([Self.subscription { $0.digest = .every(.seconds(3600)) }])
    desk.now = Instant(seconds: FakeClinic.midnight + 10 * 3600 + 600)
    Self.show(desk, [("a", 1)])
    let first = try await desk.run().toPeople
    Self.show(desk, [("a", 1), ("b", 2)])
    let second = try await desk.run().toPeople
    let end = Instant(seconds: FakeClinic.midnight + 11 * 3600)
    #expect((first + second).map(\.notBefore) == [end, end])
    #expect(first.first?.rule == "on: [added], digest: 1h")
    let leased = try await desk.store.lease(channel: "people", limit: 9, now: end, until: end + .seconds(60))
    #expect(leased.map { $0.message.lines.map(\.itemKey) } == [["a", "b"]])
  }

  @Test func `what is urgent waits neither for quiet hours nor for the digest`() async throws {
    let subscription = try Self.subscription {
      $0.digest = .at([CivilTime(hour: 8, minute: 0)])
      $0.quiet = .init(from: CivilTime(hour: 0, minute: 0), to: CivilTime(hour: 23, minute: 0))
      $0.urgent = try? Self.urgent("price < 10")
    }
    var desk = try await Self.desk([subscription])
    desk.now = Instant(seconds: FakeClinic.midnight + 3 * 3600)
    Self.show(desk, [("cheap", 5), ("dear", 50), ("cheaper", 1)])
    let told = try await desk.run().toPeople
    #expect(Self.keys(told) == [["cheap", "cheaper"], ["dear"]])
    #expect(told.map(\.rule) == ["on: [added], urgent", "on: [added], digest: 08:00"])
    #expect(told.map { $0.quiet == nil } == [true, false])
    #expect(told[0].notBefore == nil)
    // 08:00 lies in the quiet hours, which end at 23:00.
    #expect(told[1].notBefore == Instant(seconds: FakeClinic.midnight + 23 * 3600))
  }

  @Test func `of several subscriptions the first that wants a change decides how it is told, once`() async throws {
    var desk = try await Self.desk([
      Self.subscription(when: "price < 10"),
      Self.subscription(when: "price < 100") { $0.digest = .every(.seconds(3600)) },
      Self.subscription("2"),
    ])
    Self.show(desk, [("a", 5), ("b", 50), ("c", 500)])
    let told = try await desk.run().toPeople
    #expect(told.map(\.recipient) == ["1", "1", "2"])
    #expect(Self.keys(told) == [["a"], ["b"], ["a", "b", "c"]])
    #expect(told.map { $0.notBefore == nil } == [true, false, true])
    #expect(told[0].rule == "on: [added], when: price < 10")
  }

  @Test func `change kinds are each subscription's own`() async throws {
    var desk = try await Self.desk([
      Self.subscription("1") { $0.on = [.removed] }, Self.subscription("2") { $0.on = [.updated, .added] },
      Self.subscription("3"),
    ])
    Self.show(desk, [("a", 1), ("b", 1), ("c", 1)])
    #expect(try await desk.run().toPeople.map(\.recipient) == ["2", "3"])
    Self.show(desk, [("a", 2), ("b", 1)])
    let told = try await desk.run().toPeople
    #expect(told.map(\.recipient) == ["1", "2"])
    #expect(Self.keys(told) == [["c"], ["a"]])
    #expect(told.flatMap { $0.message.lines.map(\.change) } == [.removed, .updated])
  }

  @Test func `a snooze holds everything back, the urgent too`() async throws {
    let until = Instant(seconds: FakeClinic.midnight + 3 * 86_400)
    var desk = try await Self.desk([
      Self.subscription {
        $0.snooze = until
        $0.urgent = try? Self.urgent("true")
      }
    ])
    Self.show(desk, [("a", 1)])
    #expect(try await desk.run().toPeople.map(\.notBefore) == [until])
    desk.now = until
    Self.show(desk, [("a", 1), ("b", 1)])
    #expect(try await desk.run().toPeople.map(\.notBefore) == [nil])
  }

  @Test func `for what is stopped nothing is made`() async throws {
    var desk = try await Self.desk([Self.subscription("1") { $0.stop = true }, Self.subscription("2")])
    Self.show(desk, [("a", 1)])
    #expect(try await desk.run().toPeople.map(\.recipient) == ["2"])
    #expect(desk.watch.subscriptions.map(\.to) == ["2"])
  }

  @Test func `a summary for somebody new waits for quiet hours and for no digest`() async throws {
    var desk = try await Self.desk([])
    Self.show(desk, [("a", 1), ("b", 200)])
    _ = try await desk.run()
    desk.watch.subscriptions = [
      try Self.subscription("1", when: "price < 100") {
        $0.first = .summary
        $0.digest = .every(.seconds(3600))
      },
      try Self.subscription("2") {
        $0.first = .all
        $0.quiet = .init(from: CivilTime(hour: 0, minute: 0), to: CivilTime(hour: 23, minute: 0))
      },
    ]
    let told = try await desk.run().toPeople
    #expect(told.map(\.message.kind) == [.summary, .alert])
    #expect(Self.keys(told) == [["a"], ["a", "b"]])
    #expect(told.map { $0.notBefore == nil } == [true, false])
  }

  @Test func `whom the index finds is whom asking each one would find, through whole runs`() async throws {
    var subscriptions: [Subscription] = []
    for number in 0..<200 {
      let when = [
        "price < \(number)", "price >= \(number) and id == 'i\(number % 7)'", "id in ['i1', 'i\(number % 9)']",
      ]
      subscriptions.append(try Self.subscription("\(number)", when: when[number % 3]))
    }
    var desk = try await Self.desk(subscriptions)
    let rows = (0..<10).map { ("i\($0)", $0 * 20) }
    Self.show(desk, rows)
    let run = try await desk.run()
    let wanted = subscriptions.compactMap { subscription -> (String?, [String])? in
      let keys = run.changes.filter { change in
        subscription.when?.holds(in: change.item.scope, RenderContext(zone: desk.watch.spec.zone, now: desk.now))
          ?? true
      }.map(\.item.key)
      return keys.isEmpty ? nil : (subscription.to, keys)
    }
    #expect(run.toPeople.map(\.recipient) == wanted.map { $0.0 ?? "" })
    #expect(Self.keys(run.toPeople) == wanted.map { $0.1 })
  }
}

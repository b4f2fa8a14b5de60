import Engine
import Language
import PluginHost
import Storage
import Testing

/// What is news, for whom, and what is none.
struct ReviewNewsTests {
  static let ten = FakeClinic.midnight + 10 * 3600
  static let eleven = FakeClinic.midnight + 11 * 3600

  @Test func `a service listed later is news also where another service never could be read`() async throws {
    var bench = try Bench([("s1", .slots([Self.ten])), ("s2", .bodyStatus(3))]) { $0.steps[0].refresh = nil }
    _ = try await bench.run()
    _ = try await bench.run()
    bench.clinic.change { $0.services.append(("s3", .slots([Self.eleven]))) }
    let run = try await bench.run()
    #expect(run.changes.map(\.item.key) == ["s3\u{1F}\(Self.eleven)"])
    #expect(run.toPeople.count == 1)
    // The one that could not be read so far was listed all along: its first reading is no news.
    bench.clinic.set("s2", .slots([Self.ten]))
    #expect(try await bench.run().changes.isEmpty)
  }

  @Test func `who wants nothing of what is open is still told what came in the very run`() async throws {
    var bench = try Bench([("s1", .slots([Self.ten]))])
    let people = bench.watch.subscriptions
    bench.watch.subscriptions = []
    _ = try await bench.run()
    bench.watch.subscriptions = people
    bench.clinic.set("s1", .slots([Self.ten, Self.eleven]))
    let run = try await bench.run()
    #expect(run.toPeople.map(\.message.lines.count) == [1])
  }

  @Test func `an item that has not settled is in no summary, and is told once`() async throws {
    var bench = try Bench([("s1", .slots([Self.ten]))], first: .summary) { $0.items.settle = .seconds(90) }
    let people = bench.watch.subscriptions
    bench.watch.subscriptions = []
    _ = try await bench.run()
    bench.watch.subscriptions = people
    bench.clinic.set("s1", .slots([Self.ten, Self.eleven]))
    #expect(try await bench.run().toPeople.map(\.message.lines.count) == [1])
    #expect(try await bench.run().toPeople.isEmpty)
    #expect(try await bench.run().toPeople.map(\.message.lines.count) == [1])
  }

  @Test func `a row that passes a step today and was asked for yesterday is the same item`() async throws {
    var desk = try Desk(
      """
      site: desk
      title: Desk
      timezone: Asia/Tehran
      steps:
        - step: list
          get: https://desk.example/list
          anchor: $.rows
          rows: { each: "$.rows[*]", fields: { id: $.id, price: $.price } }
        - step: detail
          when: price == null
          get: https://desk.example/item/{id}
          anchor: $.price
          fields: { price: $.price }
      items: { key: [id] }
      """ + Desk.alert)
    desk.site.set("/list", #"{"rows": [{"id": 1, "price": 5}, {"id": 2, "price": null}]}"#)
    desk.site.set("/item/1", #"{"price": 5}"#)
    desk.site.set("/item/2", #"{"price": 7}"#)
    #expect(try await desk.run().items.count == 2)
    desk.site.set("/list", #"{"rows": [{"id": 1, "price": null}, {"id": 2, "price": 7}]}"#)
    let run = try await desk.run()
    #expect(run.changes.isEmpty)
    #expect(run.toPeople.isEmpty)
    let records = try await desk.store.state(of: desk.watch.id).items
    #expect(records.map(\.state) == [.open, .open])
    #expect(try await desk.run().changes.isEmpty)
  }

  @Test func `a service that is empty already is not a reason to read the services again`() async throws {
    var bench = try Bench([("s1", .slots([Self.ten])), ("s2", .bodyStatus(700))])
    for _ in 0..<4 { _ = try await bench.run() }
    #expect(bench.clinic.requests(ending: "/").count == 1)
    bench.clinic.set("s1", .bodyStatus(700))
    #expect(try await bench.run().changes.map(\.kind) == [.removed])
    #expect(bench.clinic.requests(ending: "/").count == 2)
    for _ in 0..<3 { _ = try await bench.run() }
    #expect(bench.clinic.requests(ending: "/").count == 2)
  }

  @Test func `more than 10,000 items of a run are suspicious however many branches share them`() async throws {
    var desk = try Desk(
      """
      site: desk
      title: Desk
      timezone: Asia/Tehran
      steps:
        - step: lists
          get: https://desk.example/lists
          anchor: $.lists
          rows: { each: "$.lists[*]", fields: { list: $ } }
        - step: items
          get: https://desk.example/list/{list}
          anchor: $.rows
          rows: { each: "$.rows[*]", fields: { id: $ } }
      items: { key: [list, id] }
      """ + Desk.alert)
    let rows = (0..<4_000).map(String.init).joined(separator: ",")
    desk.site.set("/lists", #"{"lists": [1, 2, 3]}"#)
    for list in 1...3 { desk.site.set("/list/\(list)", "{\"rows\": [\(rows)]}") }
    let run = try await desk.run()
    #expect(run.verdict == .suspicious)
    #expect(run.items.isEmpty)
  }

  @Test func `an outage that shows by turns as failed and throttled is told after an hour, once`() async throws {
    var desk = try Desk(ReviewRequestTests.single)
    desk.site.set("/list", #"{"rows": [1]}"#)
    _ = try await desk.run()
    var told = 0
    for minute in 0..<70 {
      desk.site.set("/list", "", status: minute.isMultiple(of: 2) ? 503 : 429)
      told += try await desk.run().joinedIncidents.count
    }
    #expect(told == 1)
  }

  @Test func `a link over an item's fields is each line's own`() async throws {
    var desk = try Desk(ReviewRequestTests.single + "\n  link: https://desk.example/item/{id}\n")
    desk.site.set("/list", #"{"rows": [1]}"#)
    _ = try await desk.run()
    desk.site.set("/list", #"{"rows": [1, 2, "../a b"]}"#)
    let message = try #require(try await desk.run().toPeople.first?.message)
    #expect(message.link == nil)
    #expect(
      message.lines.map(\.link) == ["https://desk.example/item/2", "https://desk.example/item/..%2Fa%20b"])
    desk.site.set("/list", #"{"rows": [1, 2, "../a b", 4]}"#)
    let single = try #require(try await desk.run().toPeople.first?.message)
    #expect(single.link == "https://desk.example/item/4")
  }

  @Test func `a newcomer hears of what a service had open that can't be read at the moment`() async throws {
    var bench = try Bench([("s1", .slots([Self.ten])), ("s2", .slots([Self.eleven]))], first: .summary)
    let people = bench.watch.subscriptions
    bench.watch.subscriptions = []
    _ = try await bench.run()
    bench.clinic.set("s2", .bodyStatus(3))
    bench.watch.subscriptions = people
    #expect(try await bench.run().toPeople.map(\.message.lines.count) == [2])
    bench.clinic.set("s2", .slots([Self.eleven]))
    #expect(try await bench.run().toPeople.isEmpty)
  }
}

import Language
import PluginHost
import Storage
import Testing

@testable import Engine

/// Readings that are good by the spec and say something else than the page.
struct ReadingReviewTests {
  private static let yaml = Desk.list(
    """
    anchor: $.page
    rows:
      each: "$.page.free[*]"
      fields: { id: $.id, price: $.price }
    """, items: "key: [id], track: [price], expect: { count: 0..100 }")

  private func page(free: [String], taken: [String] = [], price: String = "\"price\": 5") -> String {
    func rows(_ ids: [String]) -> String { ids.map { "{\"id\": \"slot-\($0)\", \(price)}" }.joined(separator: ",") }
    return "{\"page\": {\"free\": [\(rows(free))], \"taken\": [\(rows(taken))]}}"
  }

  private func heard(_ desk: Desk, _ channel: String) async throws -> [String] {
    try await desk.store.deliveries(DeliveryFilter(channel: channel, limit: 100)).map(\.message.title)
  }

  @Test func `rows that moved elsewhere are not believed to be gone, and the maintainers hear it once`() async throws {
    var desk = try Desk(Self.yaml)
    desk.site.set("/list", page(free: ["a1", "b2", "c3"]))
    _ = try await desk.run()
    desk.site.set("/list", page(free: [], taken: ["a1", "b2", "c3"]))
    for _ in 0..<3 {
      let run = try await desk.run()
      #expect(run.verdict == .suspicious && run.changes.isEmpty)
      #expect(run.outcomes[0].detail?.contains("3 of 3 items") == true, "\(run.outcomes)")
    }
    #expect(try await heard(desk, "ops").count == 1)
    desk.site.set("/list", page(free: ["a1", "b2", "c3"]))
    #expect(try await desk.run().changes.isEmpty)
    #expect(try await heard(desk, "people").isEmpty)
    #expect(try await heard(desk, "ops").count == 2)
  }

  @Test func `a rehearsal believes no more than the service does`() async throws {
    var desk = try Desk(Self.yaml)
    desk.site.set("/list", page(free: ["a1", "b2", "c3"]))
    _ = try await desk.run()
    desk.site.set("/list", page(free: [], taken: ["a1", "b2", "c3"]))
    let runner = WatchRunner(
      catalog: Builtins.catalog, sender: RequestSender(fetcher: desk.site, governor: nil, time: SystemTime()),
      time: SystemTime(), userAgent: "test")
    let now = desk.now + .seconds(60)
    let commit = try await Rehearsal(store: desk.store, catalog: Builtins.catalog).commit(
      await runner.run(desk.watch, now: now), of: desk.watch, outlets: desk.outlets, now: now)
    #expect(commit.verdict == .suspicious && commit.changes.isEmpty, "\(commit.changes)")
    let run = try await desk.run()
    #expect(run.verdict == commit.verdict && run.outcomes.map(\.detail) == commit.outcomes.map(\.detail))
  }

  @Test func `what had sold out after all, and opens one by one, is news`() async throws {
    var desk = try Desk(Self.yaml)
    desk.site.set("/list", page(free: ["a1", "b2", "c3"]))
    _ = try await desk.run()
    desk.site.set("/list", page(free: [], taken: ["a1", "b2", "c3"]))
    #expect(try await desk.run().verdict == .suspicious)
    desk.site.set("/list", page(free: ["b2"], taken: ["a1", "c3"]))
    let run = try await desk.run()
    #expect(run.changes.map(\.kind).contains(.added), "\(run.changes)")
    #expect(run.changes.first { $0.kind == .added }?.item.key == "slot-b2")
  }

  @Test func `an empty list whose items are on the page no more is believed`() async throws {
    var desk = try Desk(Self.yaml)
    desk.site.set("/list", page(free: ["a1", "b2", "c3"]))
    _ = try await desk.run()
    desk.site.set("/list", page(free: [], taken: ["d4"]))
    let run = try await desk.run()
    #expect(run.verdict == .empty && run.changes.count == 3)
  }

  @Test func `one item's name proves nothing`() async throws {
    var desk = try Desk(Self.yaml)
    desk.site.set("/list", page(free: ["a1"]))
    _ = try await desk.run()
    desk.site.set("/list", page(free: [], taken: ["a1"]))
    #expect(try await desk.run().verdict == .empty)
  }

  @Test func `a tracked field that is gone from every row changes nothing, and is compared when it is back`()
    async throws
  {
    var desk = try Desk(Self.yaml)
    desk.watch.subscriptions = [
      Subscription(channel: "people", to: "1001", language: "en", first: .none, on: [.added, .removed, .updated])
    ]
    desk.site.set("/list", page(free: ["a1", "b2"]))
    _ = try await desk.run()
    desk.site.set("/list", page(free: ["a1", "b2"], price: "\"cost\": 5"))
    #expect(try await desk.run().changes.isEmpty)
    desk.site.set("/list", page(free: ["a1", "b2"]))
    #expect(try await desk.run().changes.isEmpty)
    desk.site.set("/list", page(free: ["a1", "b2"], price: "\"price\": 6"))
    #expect(try await desk.run().changes.map(\.kind) == [.updated, .updated])
  }

  @Test func `the message about a break shows field, selector, what was there and what is there now`() async throws {
    var desk = try Desk(
      Self.yaml.replacing("id: $.id", with: "id: { json: $.id, required: true }"))
    desk.site.set("/list", page(free: ["a1", "b2"]))
    _ = try await desk.run()
    desk.site.set("/list", page(free: ["a1", "b2"]).replacing("\"id\"", with: "\"uid\""))
    for _ in 0..<3 { #expect(try await desk.run().verdict == .layoutBroken) }
    let leased = try await desk.store.lease(channel: "ops", limit: 10, now: desk.now, until: desk.now + .seconds(60))
    #expect(leased.count == 1)
    let lines = leased.first?.message.lines.map(\.text) ?? []
    for line in [
      "field: id", "selector: $.id", "last good: \"slot-a1\"", "slothunter record --from-break desk",
    ] { #expect(lines.contains { $0.contains(line) }, "\(line)\n\(lines.joined(separator: "\n"))") }
    #expect(lines.contains { $0.hasPrefix("now: ") && $0.contains("uid") }, "\(lines)")
    #expect(lines.contains { $0.contains("slothunter try desk --from samples/desk/broken-2026-10-06") }, "\(lines)")
  }

  private static let markup = Desk.list(
    """
    anchor: { xpath: "//ul" }
    rows: { each: { xpath: "//li" }, fields: { id: { xpath: "." } } }
    """, items: "key: [id], expect: { count: 0..100 }")

  private func list(_ ids: [String], isWhole: Bool) -> String {
    "<html><body><ul>" + ids.map { "<li>slot-\($0)</li>" }.joined() + (isWhole ? "</ul></body></html>" : "")
  }

  @Test func `a cut page that lacks what was there is not believed, until the spec is saved anew`() async throws {
    var desk = try Desk(Self.markup)
    desk.site.set("/list", list(["a1", "b2", "c3"], isWhole: true))
    _ = try await desk.run()
    // An end tag left out hurts nobody while all is there, and what is new is news.
    desk.site.set("/list", list(["a1", "b2", "c3", "d4"], isWhole: false))
    #expect(try await desk.run().changes.map(\.kind) == [.added])
    desk.site.set("/list", list(["a1", "b2"], isWhole: true))
    #expect(try await desk.run().changes.count == 2)
    desk.site.set("/list", list(["a1"], isWhole: false))
    for _ in 0..<10 {
      let run = try await desk.run()
      #expect(run.verdict == .unreadable && run.changes.isEmpty && run.pages.isEmpty, "\(run.outcomes)")
    }
    desk.watch.spec.version += "-edited"
    #expect(try await desk.run().verdict.isGood)
    desk.site.set("/list", list(["a1", "e5"], isWhole: false))
    #expect(try await desk.run().changes.map(\.item.key) == ["slot-e5"])
  }

  @Test func `the first body of a break is kept, and none of a reading that is still in doubt as good`() async throws {
    var desk = try Desk(Self.markup)
    desk.site.set("/list", list(["a1", "b2", "c3", "d4", "e5"], isWhole: true))
    _ = try await desk.run()
    func kept(_ isGood: Bool) async throws -> String? {
      let body = try await desk.store.keptRun(of: desk.watch.id, isGood: isGood)?.bodies.first
      return (body?.exchange?.response.body).map { String(decoding: $0, as: UTF8.self) }
    }
    #expect(try await kept(true)?.contains("slot-e5") == true)
    // Four of five are missing: asked for once more before it is believed.
    desk.site.set("/list", list(["a1"], isWhole: true))
    #expect(try await desk.run().awaitsConfirmation)
    #expect(try await kept(true)?.contains("slot-e5") == true)
    desk.site.set("/list", "<html><body><p>first</p></body></html>")
    #expect(try await desk.run().verdict == .layoutBroken)
    desk.site.set("/list", "<html><body><p>second</p></body></html>", status: 403)
    _ = try await desk.run()
    #expect(try await kept(false)?.contains("first") == true)
  }
}

/// Which answers are kept, and at what cost.
struct BodyKeeperTests {
  @Test func `a site has eight bodies of a break kept at once, and one more each two seconds`() {
    var allowance = SampleAllowance.broken
    let taken = (0..<100).count { _ in allowance.take("a", now: .seconds(10)) }
    #expect(taken == 8)
    let later = [("b", 10), ("a", 12), ("a", 13)].map { allowance.take($0.0, now: .seconds($0.1)) }
    #expect(later == [true, true, false])
    let much = (0..<100).count { _ in allowance.take("a", now: .seconds(600)) }
    #expect(much == 8)
  }

  @Test func `a run that finds what was settled keeps nothing`() async throws {
    var desk = try ItemDesk()
    try desk.show(["a": ["1", "2"]])
    try await desk.run()
    let first = try #require(try await desk.store.keptRun(of: desk.watch.id, isGood: true))
    for _ in 0..<3 { try await desk.run() }
    #expect(try await desk.store.keptRun(of: desk.watch.id, isGood: true)?.at == first.at)
    desk.show("a", ["1", "2", "3"])
    let changed = try await desk.run()
    #expect(changed.kept?.isGood == true)
    #expect(try await desk.store.keptRun(of: desk.watch.id, isGood: true)?.at == desk.now)
  }

  @Test func `of a break the first answers stay, and go with the watch`() async throws {
    var desk = try ItemDesk()
    try desk.show(["a": ["1", "2"]])
    try await desk.run()
    desk.site.set("/list/a", "{\"lines\": []}")
    try await desk.run()
    let broken = try #require(try await desk.store.keptRun(of: desk.watch.id, isGood: false))
    #expect(broken.at == desk.now && broken.bodies.map(\.step) == ["lists", "items"])
    let body = broken.bodies.last?.exchange.map { String(decoding: $0.response.body, as: UTF8.self) }
    #expect(body == "{\"lines\": []}")
    desk.site.set("/list/a", "{\"other\": []}")
    for _ in 0..<3 { try await desk.run() }
    #expect(try await desk.store.keptRun(of: desk.watch.id, isGood: false) == broken)
    try await desk.store.upsertWatch(
      WatchRecord(id: desk.watch.id, site: "desk", params: [:], every: .seconds(60), origin: .config, addedAt: desk.now)
    )
    try await desk.store.removeWatch(desk.watch.id, now: desk.now)
    try await desk.store.prune(now: desk.now + .seconds(40 * 86_400))
    #expect(try await desk.store.keptRun(of: desk.watch.id, isGood: false) == nil)
  }

  @Test func `what a site knows us by is dots in what was asked, too, and one with the page`() async throws {
    let yaml = """
      site: desk
      title: Desk
      timezone: Asia/Tehran
      steps:
        - step: entry
          get: https://desk.example/entry
          anchor: $.sid
          fields: { sid: { json: $.sid, required: true } }
        - step: list
          post: https://desk.example/list?sid={sid}
          form: { again: "{sid}" }
          anchor: $.rows
          rows: { each: "$.rows[*]", fields: { id: $.id } }
      items: { key: [id], expect: { count: 0..100 } }
      """
    var desk = try Desk(yaml + Desk.alert)
    let cookie = Request.Header("Set-Cookie", "sid=s3cret+VALUE/99; Path=/; HttpOnly")
    desk.site.set("/entry", "{\"sid\": \"s3cret+VALUE/99\"}", headers: [cookie])
    desk.site.set("/list?sid=\(percentEncoded("s3cret+VALUE/99"))", "{\"rows\": [{\"id\": 1}]}")
    #expect(try await desk.run().verdict == .items)
    let kept = try #require(try await desk.store.keptRun(of: desk.watch.id, isGood: true))
    #expect(kept.bodies.map(\.step) == ["entry", "list"])
    for body in kept.bodies {
      let texts = [
        body.request, body.url, body.exchange.map { String(decoding: $0.response.body, as: UTF8.self) } ?? "",
      ]
      #expect(texts.allSatisfy { !$0.contains("s3cret") && !$0.contains("VALUE") }, "\(texts)")
    }
    // What a page says with dots is what its next request is asked with.
    let mark = percentEncoded(Mask.mark)
    #expect(kept.bodies.last?.request == "list POST https://desk.example/list?sid=\(mark) again=\(mark)")
  }

  @Test func `secrets are dots before anything is kept`() throws {
    let concealment = Concealment()
    concealment.conceal([Secret("p@ss/word")])
    let body = Array("x p@ss/word y p%40ss%2Fword z".utf8) + [0xFF]
    let kept = concealment.concealing(body)
    #expect(!ByteText.contains(Array("p@ss".utf8), in: kept) && !ByteText.contains(Array("p%40".utf8), in: kept))
    #expect(kept.last == 0xFF)
  }
}

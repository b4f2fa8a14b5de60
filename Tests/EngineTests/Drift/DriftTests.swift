import Language
import PluginHost
import SiteSpecs
import Storage
import TestSupport
import Testing

@testable import Engine

/// What samples of good runs say, and when maintainers hear of it.
struct StepStatsTests {
  private func sample(_ rows: Int, price: Int, anchors: [String: Bool] = [:], print: String? = nil) -> StepSample {
    StepSample(step: "list", rows: rows, filled: ["price": price], anchors: anchors, print: print)
  }

  @Test func `a field that was always there and is in no row any more is told once, and once when it is back`() {
    var stats = StepStats()
    let days = [(10, 10), (10, 10), (10, 10), (10, 10), (3, 0), (3, 0), (10, 0), (10, 0), (10, 10), (10, 10)]
    let news = days.map { stats.add(sample($0.0, price: $0.1), of: "w") }
    #expect(news.map(\.count) == [0, 0, 0, 0, 0, 1, 0, 0, 1, 0])
    #expect(news[5] == [.fieldLost("price", rows: 6)] && news[8] == [.fieldBack("price")])
  }

  @Test func `a field that is often missing, or not known for long, is no drift`() {
    var often = StepStats()
    for _ in 0..<20 { _ = often.add(sample(10, price: 7), of: "w") }
    let later = (0..<10).flatMap { _ in often.add(sample(10, price: 0), of: "w") }
    #expect(later.isEmpty)
    var young = StepStats()
    _ = young.add(sample(10, price: 10), of: "w")
    let soon = (0..<10).flatMap { _ in young.add(sample(10, price: 0), of: "w") }
    #expect(soon.isEmpty)
  }

  @Test func `of several watches one may lack a field for its own reasons`() {
    var stats = StepStats()
    for turn in 0..<10 { _ = stats.add(sample(10, price: 10), of: "w\(turn % 3)") }
    let news = ["w1", "w2"].map { stats.add(sample(20, price: 0), of: $0) }
    #expect(news == [[], [.fieldLost("price", rows: 40)]])
  }

  @Test func `an anchor's alternative that matches no more is told`() {
    var stats = StepStats()
    for _ in 0..<12 { _ = stats.add(sample(1, price: 1, anchors: ["#a": true, "#b": false]), of: "w") }
    var news: [DriftNews] = []
    for _ in 0..<6 { news += stats.add(sample(1, price: 1, anchors: ["#a": false, "#b": true]), of: "w") }
    #expect(news == [.anchorLost("#a")])
  }

  @Test func `a layout that stays another one is told once; one that comes and goes is not`() {
    var stats = StepStats()
    var news: [DriftNews] = []
    for _ in 0..<12 { news += stats.add(sample(1, price: 1, print: "main > li"), of: "w") }
    news += stats.add(sample(1, price: 1, print: "main > div > li"), of: "w")
    news += stats.add(sample(1, price: 1, print: "main > li"), of: "w")
    #expect(news.isEmpty)
    for _ in 0..<20 { news += stats.add(sample(1, price: 1, print: "main > div > li"), of: "w") }
    #expect(news == [.layoutChanged(from: "main > li", to: "main > div > li")])
  }

  @Test(arguments: [1, 2, 10]) func `a layout that takes a field with it is one piece of news`(rows: Int) {
    var stats = StepStats()
    for _ in 0..<25 { _ = stats.add(sample(rows, price: rows, print: "main > li"), of: "w") }
    var news: [DriftNews] = []
    for _ in 0..<12 {
      news += stats.add(sample(rows, price: 0, print: "main > div > li"), of: "w")
      stats = StepStats(stats.json)
    }
    #expect(
      news.count == 1 && news.allSatisfy { if case .fieldLost("price", _) = $0 { true } else { false } }, "\(news)")
    // Known from here on; another one is news.
    news = (0..<12).flatMap { _ in stats.add(sample(rows, price: 0, print: "main > div > li"), of: "w") }
    #expect(news.isEmpty && stats.prints.contains("main > div > li"))
    news = (0..<12).flatMap { _ in stats.add(sample(rows, price: 0, print: "main > p"), of: "w") }
    #expect(news == [.layoutChanged(from: "main > div > li", to: "main > p")])
  }

  @Test func `a field that was late only holds no layout back`() {
    var stats = StepStats()
    for _ in 0..<25 { _ = stats.add(sample(1, price: 1, print: "main > li"), of: "w") }
    var news: [DriftNews] = []
    for price in [0, 0, 0, 0, 1, 1] { news += stats.add(sample(1, price: price, print: "main > p"), of: "w") }
    #expect(news == [.layoutChanged(from: "main > li", to: "main > p")])
  }

  @Test func `a watch that gives no samples any more has no say`() {
    var stats = StepStats()
    for turn in 0..<20 { _ = stats.add(sample(10, price: 10), of: "w\(turn % 2)") }
    for _ in 0..<StepStats.alone { _ = stats.add(sample(10, price: 10), of: "w0") }
    let news = (0..<3).flatMap { _ in stats.add(sample(10, price: 0), of: "w0") }
    #expect(news == [.fieldLost("price", rows: 10)])
    #expect(stats.add(sample(10, price: 10), of: "w1") == [.fieldBack("price")] && stats.watches == ["w0", "w1"])
  }

  @Test func `a site whose layout is always another one is never told`() {
    var stats = StepStats()
    let news = (0..<200).flatMap { stats.add(sample(1, price: 1, print: "layout \($0)"), of: "w") }
    #expect(news.isEmpty && stats.prints.count <= StepStats.layouts)
  }

  @Test func `stats are the same after a restart`() {
    var stats = StepStats()
    for turn in 0..<15 {
      _ = stats.add(sample(4, price: 4, anchors: ["#a": true], print: "main > li"), of: "w\(turn % 2)")
    }
    _ = stats.add(sample(4, price: 0, anchors: ["#a": false], print: "div"), of: "w0")
    #expect(StepStats(stats.json) == StepStats(StepStats(stats.json).json))
    #expect(StepStats(stats.json).fields == stats.fields && StepStats(stats.json).newPrint == "div")
    #expect(StepStats(.null) == StepStats())
  }
}

/// Drift through the engine, with a store.
struct DriftWatchTests {
  private static let yaml = Desk.list(
    """
    document: html
    anchor: //main
    rows:
      each: { css: "li.slot" }
      fields: { id: { xpath: "./@id" }, price: { css: ".price" } }
    """, items: "key: [id], expect: { count: 0..100 }")

  private struct World {
    let site = DeskSite()
    let time = ManualTime()
    let store: Store
    var executor: WatchExecutor
    var watch: Watch
    let outlets = Outlets(channels: ["people", "ops"], maintainers: [MaintainerTarget(channel: "ops")])

    init(_ yaml: String = DriftWatchTests.yaml) throws {
      store = try Store(path: "", mode: .inMemory)
      let (spec, problems) = SpecReader(catalog: Builtins.catalog).readSite(file: "sites/desk.yaml", text: yaml)
      guard let spec else { throw Bench.BadSpec(text: "\(problems)") }
      watch = Watch(
        spec: spec, params: [:], every: .seconds(60),
        subscriptions: [Subscription(channel: "people", to: "1001", language: "en", first: .none)])
      executor = World.executor(site, store, time, seed: 4)
    }

    /// - Parameter seed: Another one for each process: an id that comes again is the same delivery.
    static func executor(_ site: DeskSite, _ store: Store, _ time: ManualTime, seed: UInt64) -> WatchExecutor {
      let runner = WatchRunner(
        catalog: Builtins.catalog, sender: RequestSender(fetcher: site, governor: nil, time: time), time: time,
        userAgent: "test")
      return WatchExecutor(
        runner: runner, store: store, time: time, random: .seeded(3), log: .none,
        drift: DriftWatch(store: store, time: time, random: .seeded(seed), log: .none))
    }

    func show(_ count: Int, price: String = "price", list: String = "<ul class=\"slots\">") {
      let rows = (1...count).map { "<li class=\"slot\" id=\"s\($0)\"><b class=\"\(price)\">5</b></li>" }.joined()
      site.set(
        "/list", "<html><body><main>\(list)\(rows)</ul></main></body></html>",
        headers: [])
    }

    func run() async throws -> StoredRun {
      await time.advance(by: .seconds(600))
      return try await executor.execute(watch, outlets: outlets)
    }

    func told() async throws -> [LeasedDelivery] {
      let now = time.now()
      let leased = try await store.lease(channel: "ops", limit: 10, now: now, until: now + .seconds(60))
      for delivery in leased {
        try await store.record(
          [
            AttemptRecord(
              delivery: delivery.id, attempt: delivery.attempt, startedAt: now, endedAt: now,
              outcome: .delivered(receipt: nil), status: 200, reason: "delivered", detail: nil, nextAt: nil)
          ], now: now)
      }
      return leased
    }
  }

  @Test func `an optional field that becomes empty is told to the maintainers once, over a restart too`() async throws {
    var world = try World()
    world.show(10)
    for _ in 0..<4 { #expect(try await world.run().commit.verdict.isGood) }
    #expect(try await world.told().isEmpty)
    world.show(10, price: "cost")
    let run = try await world.run()
    #expect(run.commit.verdict.isGood && run.stored.channels.contains("ops"))
    let told = try await world.told()
    #expect(told.count == 1)
    let text = ([told.first?.message.title ?? ""] + (told.first?.message.lines.map(\.text) ?? [])).joined(
      separator: "\n")
    for word in ["'price' has become empty", "steps[0].rows.fields.price: .price", "slothunter record desk"] {
      #expect(text.contains(word), "\(text)")
    }
    world.executor = World.executor(world.site, world.store, world.time, seed: 5)
    for _ in 0..<4 { _ = try await world.run() }
    #expect(try await world.told().isEmpty)
    world.show(10)
    _ = try await world.run()
    #expect(try await world.told().map(\.message.title) == ["desk: the field 'price' is there again"])
    let people = try await world.store.lease(
      channel: "people", limit: 10, now: world.time.now(), until: world.time.now() + .seconds(1))
    #expect(people.isEmpty)
  }

  @Test func `what one sample shows to have changed is one message, and what is back is one, too`() async throws {
    let world = try World(
      DriftWatchTests.yaml.replacing(
        "price: { css: \".price\" }", with: "price: { css: .price }, extra: { css: .price }"))
    world.show(10)
    for _ in 0..<4 { _ = try await world.run() }
    world.show(10, price: "cost", list: "<section class=\"new\"><ul class=\"slots\">")
    for _ in 0..<6 { _ = try await world.run() }
    let told = try await world.told()
    #expect(told.map(\.message.title) == ["desk: the field 'extra' has become empty (drift), and 1 more"])
    let lines = told.first?.message.lines.map(\.text) ?? []
    #expect(lines.contains("the field 'price' has become empty (drift)"), "\(lines)")
    #expect(
      lines.count { $0.hasPrefix("selector: ") } == 2 && lines.count { $0.hasPrefix("see it: ") } == 1, "\(lines)")
    world.show(10)
    for _ in 0..<3 { _ = try await world.run() }
    #expect(try await world.told().map(\.message.title) == ["desk: the field 'extra' is there again, and 1 more"])
  }

  @Test func `a layout that changes around the rows is told before it breaks, though no item has changed`() async throws
  {
    let world = try World()
    world.show(10)
    for _ in 0..<13 { _ = try await world.run() }
    world.show(10, list: "<section class=\"new\"><ul class=\"slots\">")
    for _ in 0..<6 { #expect(try await world.run().commit.verdict.isGood) }
    let told = try await world.told()
    #expect(told.count == 1)
    let lines = told.first?.message.lines.map(\.text) ?? []
    #expect(lines.contains { $0.hasPrefix("before: ") && $0.hasSuffix("main > ul.slots > li.slot") }, "\(lines)")
    #expect(lines.contains { $0.hasPrefix("now: ") && $0.contains("section.new > ul.slots > li.slot") }, "\(lines)")
  }

  @Test func `an edited spec begins anew`() async throws {
    var world = try World()
    world.show(10)
    for _ in 0..<4 { _ = try await world.run() }
    world.watch.spec.version = "another"
    world.show(10, price: "cost")
    for _ in 0..<4 { _ = try await world.run() }
    #expect(try await world.told().isEmpty)
    #expect(try await world.store.drift().map(\.specVersion) == ["another"])
  }
}

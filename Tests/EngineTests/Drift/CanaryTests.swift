import Language
import PluginHost
import SiteSpecs
import Storage
import TestSupport
import Testing

@testable import Engine

/// Examples with facts that always hold.
struct CanaryTests {
  private static func yaml(_ canary: String) -> String {
    """
    site: desk
    title: Desk
    timezone: Asia/Tehran
    links: [ "https://desk.example/{list}" ]
    steps:
      - step: list
        get: https://desk.example/{list}
        anchor: $.rows
        outcomes: [ { gone: { status: 404 } } ]
        rows: { each: "$.rows[*]", fields: { id: $.id, price: { json: $.price, as: integer } } }
    items: { key: [id], expect: { count: 0..100 } }
    alert: { title: { en: "New" }, line: { en: "{id}" } }
    canary: \(canary)
    """
  }

  private static func read(_ canary: String) -> (SiteSpec?, String) {
    let (spec, problems) = SpecReader(catalog: Builtins.catalog).readSite(file: "sites/desk.yaml", text: yaml(canary))
    return (spec, problems.map { $0.rendered() }.joined(separator: "\n"))
  }

  @Test func `a canary is read with its parameters and facts`() throws {
    let (spec, problems) = CanaryTests.read(
      "[ { params: { list: a }, every: 1h, least: 2, facts: ['price > 0', \"id != ''\"] }, { params: { list: b }, least: 1 } ]"
    )
    let canaries = try #require(spec, "\(problems)").canaries
    #expect(canaries.map(\.params) == [["list": "a"], ["list": "b"]])
    #expect(canaries[0].every == .seconds(3600) && canaries[1].every == Canary.defaultEvery)
    #expect(canaries[0].facts.map(\.source) == ["price > 0", "id != ''"])
    #expect(problems.isEmpty, "\(problems)")
  }

  @Test(arguments: [
    ("{ params: { lst: a }, least: 1 }", "did you mean 'list'?"), ("{ least: 1 }", "'list'"),
    ("{ params: { list: a }, facts: ['prise > 0'] }", "did you mean 'price'?"),
    ("{ params: { list: a }, every: 1m, least: 1 }", "every"), ("{ params: { list: a }, fact: 'price > 0' }", "facts"),
  ])
  func `a canary that can't be meant so is refused`(canary: String, hint: String) {
    let (spec, problems) = CanaryTests.read(canary)
    #expect(spec == nil && problems.contains(hint), "\(problems)")
  }

  private struct World {
    let site = DeskSite()
    let time = ManualTime()
    let store: Store
    let keeper: CanaryKeeper
    let spec: SiteSpec

    init(_ canary: String) throws {
      store = try Store(path: "", mode: .inMemory, executor: time.actorExecutor())
      let (spec, problems) = CanaryTests.read(canary)
      guard let spec else { throw Bench.BadSpec(text: problems) }
      self.spec = spec
      let runner = WatchRunner(
        catalog: Builtins.catalog, sender: RequestSender(fetcher: site, governor: nil, time: time), time: time,
        userAgent: "test")
      keeper = CanaryKeeper(runner: runner, store: store, time: time, random: .seeded(1), log: .none)
    }

    func apply() async throws {
      let outlets = Outlets(channels: ["ops", "people"], maintainers: [MaintainerTarget(channel: "ops")])
      try await keeper.apply([spec], outlets)
    }

    func titles() async throws -> [String] {
      try await store.deliveries(DeliveryFilter(limit: 100)).map { "\($0.channel): \($0.message.title)" }.sorted()
    }
  }

  @Test func `a fact that does not hold is told to the maintainers once, and once when it holds again`() async throws {
    let world = try World("{ params: { list: a }, least: 2, facts: 'price > 0' }")
    try await world.apply()
    world.site.set("/a", "{\"rows\": [{\"id\": 1, \"price\": 5}, {\"id\": 2, \"price\": 7}]}")
    #expect(try await world.keeper.runNow("desk/a").isEmpty)
    world.site.set("/a", "{\"rows\": [{\"id\": 1, \"price\": 5}, {\"id\": 2, \"price\": 0}]}")
    #expect(try await world.keeper.runNow("desk/a") == ["ops"])
    #expect(try await world.keeper.runNow("desk/a").isEmpty)
    let record = try #require(try await world.store.canaries().first)
    #expect(record.problem == "'price > 0' is not true of item 2" && record.items == 2)
    world.site.set("/a", "{\"rows\": [{\"id\": 1, \"price\": 5}]}")
    #expect(try await world.keeper.runNow("desk/a").isEmpty)
    #expect(try await world.store.canaries().first?.problem == "1 items, expected at least 2")
    world.site.set("/a", "", status: 503)
    #expect(try await world.keeper.runNow("desk/a").isEmpty)
    world.site.set("/a", "{\"rows\": [{\"id\": 1, \"price\": 5}, {\"id\": 2, \"price\": 7}]}")
    #expect(try await world.keeper.runNow("desk/a") == ["ops"])
    #expect(try await world.titles() == ["ops: desk: a canary has broken", "ops: desk: the canary is well again"])
  }

  @Test func `a broken layout breaks it, a site that is down does not`() async throws {
    let world = try World("{ params: { list: a }, least: 1 }")
    try await world.apply()
    world.site.set("/a", "", status: 429)
    #expect(try await world.keeper.runNow("desk/a").isEmpty)
    world.site.set("/a", "{\"lines\": []}")
    #expect(try await world.keeper.runNow("desk/a") == ["ops"])
    #expect(try await world.store.canaries().first?.problem?.hasPrefix("layout_broken: anchor") == true)
    // Nothing of it is a watch.
    #expect(try await world.store.status().watches.isEmpty)
  }

  @Test func `it runs when it is due, not at each start`() async throws {
    let world = try World("{ params: { list: a }, every: 1h, least: 0, facts: 'price > 0' }")
    world.site.set("/a", "{\"rows\": []}")
    try await world.apply()
    let running = world.time.start { await world.keeper.run { _ in } }
    await world.time.advance(by: .seconds(61))
    #expect(world.site.requests.count == 1)
    await world.time.advance(by: .seconds(3600))
    #expect(world.site.requests.count == 2)
    // A restart in between: what ran a minute ago waits for its time.
    try await world.apply()
    await world.time.advance(by: .seconds(600))
    #expect(world.site.requests.count == 2)
    running.cancel()
  }

  @Test func `canaries go through the site's limits like any watch`() async throws {
    let names = ["a", "b", "c"]
    let canaries = names.map { "{ params: { list: \($0) }, least: 1 }" }.joined(separator: ", ")
    let (read, problems) = CanaryTests.read("[ \(canaries) ]")
    var spec = try #require(read, "\(problems)")
    // Three within a minute: two of them less than half a minute apart.
    spec.limits.gap = .seconds(30)
    spec.limits.pause = .seconds(30)
    let (site, time) = (DeskSite(), ManualTime())
    for name in names { site.set("/\(name)", "{\"rows\": [{\"id\": 1, \"price\": 5}]}") }
    let governor = OriginGovernor(time: time, random: .seeded(2), log: .none)
    let runner = WatchRunner(
      catalog: Builtins.catalog, sender: RequestSender(fetcher: site, governor: governor, time: time), time: time,
      userAgent: "test")
    let keeper = CanaryKeeper(
      runner: runner, store: try Store(path: "", mode: .inMemory, executor: time.actorExecutor()), time: time,
      random: .seeded(1), log: .none)
    try await keeper.apply([spec], Outlets(channels: [], maintainers: []))
    let running = time.start { await keeper.run { _ in } }
    var starts: [Int] = []
    for second in 0..<200 {
      await time.advance(by: .seconds(1))
      while starts.count < site.requests.count { starts.append(second) }
    }
    running.cancel()
    #expect(starts.count == 3)
    #expect(zip(starts, starts.dropFirst()).allSatisfy { $1 - $0 >= 29 }, "\(starts)")
  }
}

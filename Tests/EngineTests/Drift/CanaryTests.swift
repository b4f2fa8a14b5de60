import Language
import PluginHost
import SiteSpecs
import Storage
import Synchronization
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

    func apply(_ specs: [SiteSpec]) async throws {
      let outlets = Outlets(channels: ["ops", "people"], maintainers: [MaintainerTarget(channel: "ops")])
      try await keeper.apply(specs, outlets)
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
    #expect(try await world.keeper.runNow("desk/a").isEmpty)
    #expect(try await world.store.canaries().first?.doubt == "'price > 0' is not true of item 2")
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
    #expect(try await world.keeper.runNow("desk/a").isEmpty)
    // Neither a second break nor a healthy reading.
    world.site.set("/a", "", status: 503)
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

  private static let well = "{\"rows\": [{\"id\": 1, \"price\": 5}]}"
  private static let odd = "{\"lines\": []}"

  @Test func `one odd answer tells nobody, a break is confirmed within seconds and told once`() async throws {
    let world = try World("{ params: { list: a }, every: 1h, least: 1, facts: 'price > 0' }")
    world.site.set("/a", CanaryTests.odd)
    try await world.apply()
    let running = world.time.start { await world.keeper.run { _ in } }
    while world.site.requests.isEmpty { await world.time.advance(by: .seconds(1)) }
    world.site.set("/a", CanaryTests.well)
    await world.time.advance(by: .seconds(60))
    #expect(world.site.requests.count == 2)
    #expect(try await world.titles().isEmpty)
    #expect(try await world.store.canaries().first?.doubt == nil)
    // The next one is no accident.
    world.site.set("/a", CanaryTests.odd)
    await world.time.advance(by: .seconds(3600 + 20))
    #expect(world.site.requests.count == 4)
    #expect(try await world.titles() == ["ops: desk: a canary has broken"])
    await world.time.advance(by: .seconds(7200))
    #expect(world.site.requests.count == 6)
    #expect(try await world.titles().count == 1)
    running.cancel()
  }

  @Test func `a doubt outlives a restart`() async throws {
    let world = try World("{ params: { list: a }, every: 1h, least: 1, facts: 'price > 0' }")
    world.site.set("/a", CanaryTests.odd)
    try await world.apply()
    #expect(try await world.keeper.runNow("desk/a").isEmpty)
    let runner = WatchRunner(
      catalog: Builtins.catalog, sender: RequestSender(fetcher: world.site, governor: nil, time: world.time),
      time: world.time, userAgent: "test")
    let keeper = CanaryKeeper(runner: runner, store: world.store, time: world.time, random: .seeded(2), log: .none)
    try await keeper.apply([world.spec], Outlets(channels: ["ops"], maintainers: [MaintainerTarget(channel: "ops")]))
    let running = world.time.start { await keeper.run { _ in } }
    await world.time.advance(by: .seconds(13))
    running.cancel()
    #expect(try await world.titles() == ["ops: desk: a canary has broken"])
  }

  /// The same canary under a spec that has been edited.
  private static func edited(_ canary: String, _ old: String, _ new: String) throws -> SiteSpec {
    let text = yaml(canary).replacing(old, with: new)
    let (spec, problems) = SpecReader(catalog: Builtins.catalog).readSite(file: "sites/desk.yaml", text: text)
    return try #require(spec, "\(problems)")
  }

  @Test func `a mended spec is tried at once, and that it is well again is told`() async throws {
    let canary = "{ params: { list: a }, every: 1h, least: 1, facts: 'price > 0' }"
    let world = try World(canary)
    world.site.set("/a", "{\"lines\": [{\"id\": 1, \"price\": 5}]}")
    try await world.apply()
    for _ in 0..<2 { _ = try await world.keeper.runNow("desk/a") }
    #expect(try await world.titles() == ["ops: desk: a canary has broken"])
    let running = world.time.start { await world.keeper.run { _ in } }
    // An edit that mends nothing: tried, told to nobody.
    try await world.apply([try CanaryTests.edited(canary, "title: Desk", "title: Counter")])
    await world.time.advance(by: .seconds(1))
    #expect(world.site.requests.count == 3)
    #expect(try await world.titles().count == 1)
    try await world.apply([try CanaryTests.edited(canary, "$.rows", "$.lines")])
    await world.time.advance(by: .seconds(1))
    running.cancel()
    #expect(world.site.requests.count == 4)
    #expect(try await world.titles() == ["ops: desk: a canary has broken", "ops: desk: the canary is well again"])
  }

  /// Answers after five seconds of the test's clock.
  private final class SlowSite: Fetcher {
    static let kind = "slow"
    static let summary = "A site that takes its time."
    let site = DeskSite()
    let time: ManualTime
    let isAsked = Mutex(false)
    init(_ time: ManualTime) { self.time = time }
    func exchange(_ request: Request) async throws(FetchFailure) -> Response {
      isAsked.withLock { $0 = true }
      // Long enough for the test to take another spec up meanwhile; no real time passes.
      try? await time.sleep(for: .seconds(5))
      return try await site.exchange(request)
    }
  }

  @Test(arguments: [true, false]) func `what an older spec was reading when another was taken up is not stored`(
    isTakenOut: Bool
  ) async throws {
    let canary = "{ params: { list: a }, every: 1h, least: 1, facts: 'price > 0' }"
    let time = ManualTime()
    let slow = SlowSite(time)
    slow.site.set("/a", "{\"lines\": [{\"id\": 1, \"price\": 5}]}")
    let store = try Store(path: "", mode: .inMemory, executor: time.actorExecutor())
    let runner = WatchRunner(
      catalog: Builtins.catalog, sender: RequestSender(fetcher: slow, governor: nil, time: time), time: time,
      userAgent: "test")
    let keeper = CanaryKeeper(runner: runner, store: store, time: time, random: .seeded(1), log: .none)
    let outlets = Outlets(channels: ["ops"], maintainers: [MaintainerTarget(channel: "ops")])
    let (old, problems) = CanaryTests.read(canary)
    try await keeper.apply([try #require(old, "\(problems)")], outlets)
    let running = time.start { await keeper.run { _ in } }
    while !slow.isAsked.withLock({ $0 }) { await time.advance(by: .seconds(1)) }
    let mended = try CanaryTests.edited(canary, "$.rows", "$.lines")
    try await keeper.apply(isTakenOut ? [] : [mended], outlets)
    await time.advance(by: .seconds(6))
    #expect(try await store.canaries().isEmpty)
    await time.advance(by: .seconds(70))
    running.cancel()
    #expect(try await store.canaries().map(\.problem) == (isTakenOut ? [] : [nil]))
    #expect(try await store.canaries().allSatisfy { $0.doubt == nil && $0.specVersion == mended.version })
    #expect(try await store.deliveries(DeliveryFilter(limit: 10)).isEmpty)
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

import Language
import PluginHost
import Testing

@testable import Storage

/// What is known for maintainers of sites that come and go.
struct MaintainedTests {
  private let store: Store
  private let now = Instant(seconds: 1_791_264_900)

  init() throws { store = try Store(path: "", mode: .inMemory) }

  private func fill() async throws {
    for (site, step) in [("desk", "list"), ("desk", "days"), ("shop", "page")] {
      let record = DriftRecord(site: site, step: step, specVersion: "v", stats: .object(JSONObject()), updatedAt: now)
      try await store.save(record, telling: [])
    }
    for (canary, site) in [("desk/a", "desk"), ("desk/b", "desk"), ("shop/1", "shop")] {
      let record = CanaryRecord(
        canary: canary, site: site, specVersion: "v", lastRunAt: now, verdict: .items, items: 1, problem: "told",
        since: now)
      try await store.save(record, telling: [])
    }
  }

  private func known() async throws -> [String] {
    try await store.drift().map { "\($0.site) \($0.step)" } + store.canaries().map(\.canary)
  }

  private let desk = MaintainedSite(site: "desk", steps: ["list"], canaries: ["desk/a"])
  private let shop = MaintainedSite(site: "shop", steps: ["page"], canaries: ["shop/1"])

  @Test func `what a spec names no more is forgotten at once`() async throws {
    try await fill()
    try await store.keepMaintained([desk, shop], now: now)
    #expect(try await known() == ["desk list", "shop page", "desk/a", "shop/1"])
    #expect(try await store.number("SELECT count(*) FROM canaries") == 2)
  }

  @Test func `a site whose file is not there for a while keeps what was told of it, and shows none of it meanwhile`()
    async throws
  {
    try await fill()
    try await store.keepMaintained([desk], now: now)
    #expect(try await known() == ["desk list", "desk/a"])
    #expect(try await store.status().canaries.map(\.canary) == ["desk/a"])
    try await store.prune(now: now + .seconds(20 * 86_400))
    try await store.keepMaintained([desk, shop], now: now + .seconds(20 * 86_400))
    #expect(try await known() == ["desk list", "shop page", "desk/a", "shop/1"])
    #expect(try await store.canaries().last?.problem == "told")
  }

  @Test func `a site that was taken out is forgotten in the end`() async throws {
    try await fill()
    try await store.keepMaintained([desk], now: now)
    // Later reloads do not begin it anew.
    try await store.keepMaintained([desk], now: now + .seconds(25 * 86_400))
    try await store.prune(now: now + .seconds(31 * 86_400))
    #expect(try await store.number("SELECT count(*) FROM drift WHERE site = 'shop'") == 0)
    #expect(try await store.number("SELECT count(*) FROM canaries WHERE site = 'shop'") == 0)
    #expect(try await known() == ["desk list", "desk/a"])
  }
}

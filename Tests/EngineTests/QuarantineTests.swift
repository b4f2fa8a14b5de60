import Language
import PluginHost
import SiteSpecs
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Engine

/// A spec whose reading never ends: its own watches end as broken, its pages are no longer fetched, and the others go on.
@Suite(.timeLimit(.minutes(5)))
struct QuarantineTests {
  /// A selector that stands still on pages that hold `endless`, as libxml2 may.
  private struct Standing: Extractor {
    static let kind = "standing"
    static let summary = "stands still"
    static let documents: Set<DocumentKind> = [.text]
    let gate: ExtractionPoolTests.Gate

    func compile(_ expression: String) throws(SyntaxError) -> any CompiledSelector {
      Selector(source: expression, gate: gate)
    }

    private struct Selector: CompiledSelector {
      let source: String
      let kind = Standing.kind
      let gate: ExtractionPoolTests.Gate

      func select(from node: DocumentNode) throws(ExtractError) -> [DocumentNode] {
        if node.text.contains("endless") { gate.pass() }
        return [.text(node.text)]
      }
    }
  }

  private static func yaml(_ site: String, note: String = "") -> String {
    """
    site: \(site)\(note)
    title: \(site)
    timezone: UTC
    steps:
      - step: page
        get: https://\(site).example/page
        rows: { each: { standing: "x" }, fields: { id: { standing: "x" } } }
    items: { key: [id] }
    alert: { title: { en: New }, line: { en: "{id}" } }
    """
  }

  private struct World {
    let time = ManualTime()
    let gate = ExtractionPoolTests.Gate()
    let site = DeskSite()
    let store: Store
    let pool: ExtractionPool
    let executor: WatchExecutor
    let catalog: PluginCatalog

    init() throws {
      var catalog = Builtins.catalog
      catalog.extractors.append(Standing(gate: gate))
      self.catalog = catalog
      store = try Store(path: "", mode: .inMemory)
      pool = ExtractionPool(settings: ExtractionPool.Settings(threads: 1), time: time)
      let runner = WatchRunner(
        catalog: catalog, sender: RequestSender(fetcher: site, governor: nil, time: time), time: time,
        userAgent: "test", extraction: pool)
      executor = WatchExecutor(runner: runner, store: store, time: time, random: .seeded(1), log: .none)
    }

    func watch(_ site: String, note: String = "") throws -> Watch {
      let (spec, diagnostics) = SpecReader(catalog: catalog).readSite(
        file: "sites/\(site).yaml", text: QuarantineTests.yaml(site, note: note))
      guard let spec else { throw Bench.BadSpec(text: "\(diagnostics)") }
      return Watch(spec: spec, params: [:], every: .seconds(60), subscriptions: [])
    }

    func run(_ watch: Watch) async throws -> RunCommit {
      let outlets = Outlets(channels: ["ops"], maintainers: [MaintainerTarget(channel: "ops")])
      return try await executor.execute(watch, outlets: outlets).commit
    }
  }

  @Test func `a reading that never ends breaks its own watch, is told once, and delays no other`() async throws {
    let world = try World()
    let (bad, good) = (try world.watch("bad"), try world.watch("good"))
    world.site.set("/page", "endless")
    let run = Task { try await world.run(bad) }
    await world.gate.waited()
    world.site.set("/page", "fine")
    let other = Task { try await world.run(good) }
    while world.pool.counts.stuck == 0 { _ = await world.time.advance(steps: 10) { world.pool.counts.stuck == 1 } }
    #expect(try await other.value.verdict == .items)
    let commit = try await run.value
    #expect(commit.verdict == .layoutBroken)
    let detail = try #require(commit.outcomes.first?.detail)
    #expect(detail.contains("over 5 s") && detail.contains("sites/bad.yaml is not read again until it is edited"))
    #expect(commit.openingDeliveries.count == 1)
    let message = commit.openingDeliveries.values.first?.first?.message
    #expect(message?.lines.contains { $0.text.contains("extraction budget") } == true)

    // The page is good again, and nobody asks for it while the spec is what it was.
    let asked = world.site.requests.count
    let second = try await world.run(bad)
    #expect(second.verdict == .layoutBroken && second.openingDeliveries.isEmpty)
    #expect(second.outcomes.first?.detail?.hasPrefix("quarantined") == true)
    #expect(world.site.requests.count == asked)

    let edited = try world.watch("bad", note: "  # edited")
    #expect(try await world.run(edited).verdict == .items)
    world.gate.open()
  }
}

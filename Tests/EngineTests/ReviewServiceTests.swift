@testable import Engine
import Language
import PluginHost
import SiteSpecs
import Storage
import Synchronization
import TestSupport
import Testing

/// What a reload makes of what runs.
struct ReviewServiceTests {
  private final class Lines: Sendable {
    let all = Mutex<[String]>([])
    func count(_ text: String) -> Int { all.withLock { $0.filter { $0.contains(text) }.count } }
  }

  private static func notifier(_ id: String) throws -> NotifierSpec {
    let path = packageRoot + "/notifiers/\(id).yaml"
    let (spec, diagnostics) = SpecReader(catalog: Builtins.catalog).readNotifier(file: path, text: try text(of: path))
    guard let spec else { throw Bench.BadSpec(text: "\(diagnostics)") }
    return spec
  }

  private static func configuration(_ watches: [WatchRule], api: String = "https://tapi.bale.ai") throws
    -> Configuration
  {
    Configuration(
      sites: [try Bench.shippedSpec("paziresh24")], notifiers: [try notifier("bale")], store: "",
      channels: [
        Channel(
          name: "people", notifier: "bale", enabled: true,
          settings: ["token": .secret(Secret("0000:invented")), "api": .plain(.text(api))])
      ], maintainers: [], watches: watches, allowedHosts: [], userAgent: "test")
  }

  private static func rule(_ to: [String]) -> WatchRule {
    WatchRule(
      site: "paziresh24", params: ["slug": FakeClinic.slug], every: .seconds(60),
      notify: to.map { Subscription(channel: "people", to: $0, language: "fa") })
  }

  private static func service(_ lines: Lines, _ store: Store) -> Service {
    Service(
      catalog: Builtins.catalog, fetcher: DeskSite(), store: store, userAgent: "test", time: SystemTime(),
      random: .system,
      log: Log(.debug) { line in lines.all.withLock { $0.append(line) } })
  }

  @Test func `two reloads at once start one worker a channel`() async throws {
    let lines = Lines()
    let service = Self.service(lines, try Store(path: "", mode: .inMemory))
    let configuration = try Self.configuration([])
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 { group.addTask { try await service.apply(configuration) } }
      try await group.waitForAll()
    }
    await service.stop()
    #expect(lines.count("channel started") == 1)
    #expect(lines.count("channel stopped") == 1)
  }

  @Test func `a reload after the stop starts nothing`() async throws {
    let lines = Lines()
    let service = Self.service(lines, try Store(path: "", mode: .inMemory))
    await service.stop()
    try await service.apply(try Self.configuration([]))
    #expect(lines.count("channel started") == 0)
  }

  @Test func `the last watch of a site can be removed too`() async throws {
    let store = try Store(path: "", mode: .inMemory)
    let service = Self.service(Lines(), store)
    try await service.apply(try Self.configuration([Self.rule(["1001"])]))
    #expect(try await store.watches().count == 1)
    try await service.apply(try Self.configuration([]))
    #expect(try await store.watches().isEmpty)
    await service.stop()
  }

  @Test func `a watch added by command whose id an edited spec has changed stops no start`() async throws {
    let store = try Store(path: "", mode: .inMemory)
    let service = Self.service(Lines(), store)
    try await service.apply(try Self.configuration([Self.rule(["1001"])]))
    var record = try #require(try await store.watches().first)
    try await store.removeWatch(record.id, now: Instant(seconds: FakeClinic.midnight))
    record.id += "/as-it-was"
    record.origin = .command
    try await store.upsertWatch(record)
    try await service.apply(try Self.configuration([]))
    #expect(try await store.watches() == [record])
    await service.stop()
  }

  @Test func `what waits for a subscription that was taken out is not sent`() async throws {
    let store = try Store(path: "", mode: .inMemory)
    let service = Self.service(Lines(), store)
    var configuration = try Self.configuration([Self.rule(["1001", "1002"])])
    configuration.channels[0].enabled = false
    try await service.apply(configuration)
    let watch = try #require(try await store.watches().first?.id)
    let now = Instant(seconds: FakeClinic.midnight)
    var run = RunCommit(
      watch: watch, site: "paziresh24", specVersion: "1", startedAt: now, endedAt: now, verdict: .items,
      keyFields: ["service_id", "start"])
    run.greeted = ["people|1001", "people|1002"]
    for to in ["1001", "1002"] {
      run.deliveries.append(
        NewDelivery(
          id: "d_\(to)", channel: "people", recipient: to, subscription: "people|\(to)",
          message: Message(
            kind: .alert, site: "paziresh24", watch: watch, language: "fa", title: "نوبت خالی", lines: [], at: now),
          rule: "on: [added]"))
    }
    try await store.commit(run)
    configuration.watches = [Self.rule(["1002"])]
    try await service.apply(configuration)
    let states = try await store.deliveries().map { "\($0.recipient) \($0.state.rawValue)" }.sorted()
    #expect(states == ["1001 cancelled", "1002 pending"])
    #expect(try await store.state(of: watch).greeted == ["people|1002"])
    await service.stop()
  }

  @Test func `no watch runs more often than its site allows now`() throws {
    let site = try Bench.shippedSpec("paziresh24")
    var configuration = try Self.configuration([])
    configuration.sites[0].limits.minInterval = .seconds(300)
    let record = WatchRecord(
      id: "paziresh24/x", site: site.id, params: ["slug": "x"], every: .seconds(60), origin: .command,
      addedAt: Instant(seconds: 0))
    #expect(WatchList(configuration: configuration, stored: [record]).watches.map(\.every) == [.seconds(300)])
  }
}

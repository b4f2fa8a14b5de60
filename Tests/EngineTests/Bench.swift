import Engine
import Fetchers
import Language
import PluginHost
import SiteSpecs
import Storage
import TestSupport

/// The shipped spec, the real fetcher, a real store: everything but the site.
struct Bench {
  let clinic: FakeClinic
  let store: Store
  let executor: WatchExecutor
  let fetcher: CurlFetcher
  var watch: Watch
  var outlets = Outlets(channels: ["people", "ops"], maintainers: [MaintainerTarget(channel: "ops")])
  /// Moved on by a minute with each run.
  var now = Instant(seconds: FakeClinic.midnight)

  /// - Parameter change: What is to be different in the spec; its rate limit is off in any case.
  init(
    _ services: [(String, FakeClinic.Service)], first: Subscription.First = .none, store path: String? = nil,
    change: (inout SiteSpec) -> Void = { _ in }
  ) throws {
    clinic = try FakeClinic(services)
    store = try Store(path: path ?? "", mode: path == nil ? .inMemory : .readWrite)
    let time = SystemTime()
    fetcher = CurlFetcher(configuration: try .init(origins: try OriginMap(parsing: clinic.origins)))
    let governor = OriginGovernor(time: time)
    let runner = WatchRunner(
      catalog: Builtins.catalog, sender: RequestSender(fetcher: fetcher, governor: governor, time: time), time: time,
      userAgent: "test")
    executor = WatchExecutor(runner: runner, store: store, time: time, random: .system, log: .none)
    var spec = try Bench.shippedSpec("paziresh24")
    spec.limits.gap = nil
    change(&spec)
    watch = Watch(
      spec: spec, params: ["slug": FakeClinic.slug], every: .seconds(60),
      subscriptions: [Subscription(channel: "people", to: "1001", language: "fa", first: first)])
  }

  /// One run, a minute after the one before.
  mutating func run() async throws -> RunCommit {
    now = now + .seconds(60)
    return try await executor.execute(watch, outlets: outlets, now: now).commit
  }

  static func shippedSpec(_ id: String) throws -> SiteSpec {
    let path = packageRoot + "/sites/\(id).yaml"
    let (spec, diagnostics) = SpecReader(catalog: Builtins.catalog).readSite(file: path, text: try text(of: path))
    if let spec { return spec }
    throw BadSpec(text: diagnostics.map { "\($0)" }.joined(separator: "\n"))
  }

  struct BadSpec: Error { var text: String }
}

extension RunCommit {
  func verdict(_ branch: String) -> Verdict? { outcomes.first { $0.name.text == branch }?.verdict }
  var toPeople: [NewDelivery] { deliveries.filter { $0.channel == "people" } }
  var toMaintainers: [NewDelivery] {
    (Array(openingDeliveries.values) + Array(closingDeliveries.values)).flatMap { $0 }
  }
}

import Engine
import Fetchers
import Language
import PluginHost
import Storage
import TestSupport

/// A shipped spec against a site that a loopback server stands in for, with the real fetcher and a real store.
struct CapturesBench {
  let store: Store
  let watch: Watch
  /// Kept, as a server ends with its last reference.
  private let server: StandInSite
  private let runner: WatchRunner

  init(_ site: String, _ params: [String: String], _ server: StandInSite, for origins: [String]) throws {
    self.server = server
    store = try Store(path: "", mode: .inMemory)
    let time = SystemTime()
    let fetcher = CurlFetcher(
      configuration: try .init(origins: try OriginMap(parsing: server.origins(origins))))
    runner = WatchRunner(
      catalog: Builtins.catalog,
      sender: RequestSender(fetcher: fetcher, governor: nil, time: time), time: time,
      userAgent: "test")
    var spec = try Bench.shippedSpec(site)
    spec.limits.gap = nil
    watch = Watch(
      spec: spec, params: params, every: .seconds(60),
      subscriptions: [Subscription(channel: "people", to: "1001", language: "fa", first: .summary)])
  }

  static func paziresh24(_ server: StandInSite) throws -> CapturesBench {
    try CapturesBench("paziresh24", ["slug": "دکتر-نمونه"], server, for: Captures.paziresh24)
  }

  static func doctoreto(_ server: StandInSite) throws -> CapturesBench {
    try CapturesBench("doctuo", ["slug": "dr-nemooneh", "hash": "Nm0nEh"], server, for: Captures.doctoreto)
  }

  /// One run without a store.
  func read(at now: String) async throws -> RunResult {
    await runner.run(watch, now: try instant(now))
  }

  /// One run, stored; what people are told of it.
  func tell(at now: String) async throws -> [Message] {
    let executor = WatchExecutor(runner: runner, store: store, time: SystemTime(), random: .system, log: .none)
    let outlets = Outlets(channels: ["people"], maintainers: [])
    return try await executor.execute(watch, outlets: outlets, now: try instant(now)).commit.toPeople.map(\.message)
  }

  private func instant(_ text: String) throws -> Instant {
    guard
      case .instant(let instant) = try TypeSpec(.instant).convert(
        .text(text), RenderContext(zone: .utc, now: Instant(seconds: 0)))
    else { throw Bench.BadSpec(text: text) }
    return instant
  }
}

extension RunResult {
  var items: [Item] { branches.flatMap(\.items) }
  func requests(of step: String) -> [RequestTrace] { trace.filter { $0.step == step } }
  func texts(_ field: String) -> Set<String> { Set(items.compactMap { $0[field]?.plainText }) }

  /// The starts of every item, in seconds.
  var starts: [Int64] {
    items.compactMap { if case .instant(let start)? = $0["start"] { start.milliseconds / 1000 } else { nil } }
  }
}

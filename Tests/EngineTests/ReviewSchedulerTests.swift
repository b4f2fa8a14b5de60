import Engine
import Language
import PluginHost
import SiteSpecs
import Storage
import Testing

/// Who gets a place to run in.
struct ReviewSchedulerTests {
  /// Never answers for one host, at once for any other.
  private struct HalfDeadNet: Fetcher {
    static let kind = "half-dead"
    static let summary = "Answers for one host."
    func exchange(_ request: Request) async throws(FetchFailure) -> Response {
      if request.url.hasPrefix("https://slow.example/") {
        // Ended by the test, with the scheduler's task.
        try? await Task.sleep(for: .seconds(3600))
        throw FetchFailure(.cancelled, "ended by the test")
      }
      return Response(status: 200, body: Array(#"{"rows": [1]}"#.utf8), url: request.url)
    }
  }

  private static func spec(_ id: String) throws -> SiteSpec {
    let yaml =
      """
      site: \(id)
      title: \(id)
      timezone: Asia/Tehran
      links: [ "https://\(id).example/{name}" ]
      steps:
        - step: list
          get: https://\(id).example/{name}
          anchor: $.rows
          rows: { each: "$.rows[*]", fields: { id: $ } }
      items: { key: [id] }
      """ + Desk.alert
    let (spec, diagnostics) = SpecReader(catalog: Builtins.catalog).readSite(file: "sites/\(id).yaml", text: yaml)
    guard let spec else { throw Bench.BadSpec(text: "\(diagnostics)") }
    return spec
  }

  @Test(.timeLimit(.minutes(10)))
  func `a site that does not answer takes no place from another`() async throws {
    let time = SystemTime()
    let runner = WatchRunner(
      catalog: Builtins.catalog, sender: RequestSender(fetcher: HalfDeadNet(), governor: nil, time: time), time: time,
      userAgent: "test")
    let executor = WatchExecutor(
      runner: runner, store: try Store(path: "", mode: .inMemory), time: time, random: .system, log: .none)
    // No chance: everything is due at once, in this order.
    let scheduler = WatchScheduler(executor: executor, time: time, random: RandomSource { 0 }, log: .none)
    let (slow, quick) = (try Self.spec("slow"), try Self.spec("quick"))
    let watches = (0..<100).map { number in
      Watch(spec: slow, params: ["name": "\(number)"], every: .seconds(60), subscriptions: [])
    }
    let last = Watch(spec: quick, params: ["name": "a"], every: .seconds(60), subscriptions: [])
    await scheduler.replace(watches + [last], outlets: Outlets(channels: [], maintainers: []), lastRuns: [:])
    let (runs, found) = AsyncStream.makeStream(of: String.self)
    let task = Task { await scheduler.run { found.yield($0.commit.watch) } }
    var iterator = runs.makeAsyncIterator()
    #expect(await iterator.next() == last.id)
    await scheduler.stop()
    task.cancel()
    await task.value
  }
}

import Language
import PluginHost
import SiteSpecs
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Engine

/// I6: who was taken out gets nothing from then on, not from a run that was under way either.
struct ItemReloadTests {
  /// A site whose first answer waits until a test lets it go.
  private final class HeldSite: Fetcher {
    static let kind = "held"
    static let summary = "Answers when it is let."
    let asked: AsyncStream<Void>
    private let ask: AsyncStream<Void>.Continuation
    private let gate = WakeSignal()

    init() { (asked, ask) = AsyncStream.makeStream() }

    func release() { gate.wake() }

    func exchange(_ request: Request) async throws(FetchFailure) -> Response {
      let body =
        request.url.hasSuffix("/lists") ? #"{"lists": ["a"]}"# : #"{"rows": [{"id": "1", "price": 1}]}"#
      if request.url.hasSuffix("/lists") {
        ask.yield()
        // Ended by the wake-up; the time is no part of what is tested.
        await gate.wait(atMost: .seconds(3600), SystemTime())
      }
      return Response(
        status: 200, headers: [.init("Content-Type", "application/json")], body: Array(body.utf8), url: request.url)
    }
  }

  private static func configuration(_ people: [String]) throws -> Configuration {
    let path = packageRoot + "/notifiers/bale.yaml"
    let (notifier, diagnostics) = SpecReader(catalog: Builtins.catalog).readNotifier(
      file: path, text: try text(of: path))
    guard let notifier else { throw Bench.BadSpec(text: "\(diagnostics)") }
    return Configuration(
      sites: [try ItemDesk.spec()], notifiers: [notifier], store: "",
      channels: [
        Channel(
          name: "people", notifier: "bale", enabled: true,
          settings: ["token": .secret(Secret("0000:invented")), "api": .plain(.text("https://tapi.bale.ai"))])
      ], maintainers: [],
      watches: [
        WatchRule(
          site: "desk", params: [:], every: .seconds(60),
          notify: people.map { Subscription(channel: "people", to: $0, language: "en", first: .summary) })
      ], allowedHosts: [], userAgent: "test")
  }

  @Test(.timeLimit(.minutes(10)))
  func `a run under way at a reload tells nobody who was taken out, and whoever was added`() async throws {
    let site = HeldSite()
    let store = try Store(path: "", mode: .inMemory)
    let (lines, line) = AsyncStream.makeStream(of: String.self)
    // No chance: the first run is due at once.
    let service = Service(
      catalog: Builtins.catalog, fetcher: site, store: store, userAgent: "test", time: SystemTime(),
      random: RandomSource.seeded(1).withoutSpread, log: Log(.info) { line.yield($0) })
    try await service.apply(try Self.configuration(["1001", "1002"]))
    let running = Task { await service.run() }
    var asked = site.asked.makeAsyncIterator()
    _ = await asked.next()
    try await service.apply(try Self.configuration(["1002", "1003"]))
    site.release()
    for await line in lines where line.contains("run watch=desk") || line.contains(" run ") { break }
    let told = try await store.deliveries().map(\.recipient).sorted()
    #expect(told == ["1002", "1003"])
    #expect(try await store.state(of: "desk").greeted == ["people|1002", "people|1003"])
    running.cancel()
    await service.stop()
    await running.value
  }

  @Test func `a reload waits for what was being stored before it, and for nothing after`() {
    var storings = Storings()
    storings.begin("a")
    let reload = storings.beginReload()
    storings.begin("b")
    #expect(storings.mustWait(reload))
    storings.end("b")
    #expect(storings.mustWait(reload))
    storings.end("a")
    storings.begin("a")
    #expect(!storings.mustWait(reload))
  }

  @Test func `a run that began with another spec keeps its own conditions, for those who still want to hear`() throws {
    func watch(_ id: String, _ people: [String], when: String?) throws -> Watch {
      let spec = try ItemDesk.spec(id: id)
      return Watch(
        spec: spec, params: [:], every: .seconds(60),
        subscriptions: try people.map {
          Subscription(
            channel: "people", to: $0, language: "en",
            when: try when.map { try Expression($0, names: spec.itemNames) })
        })
    }
    let outlets = Outlets(channels: ["people"], maintainers: [])
    let run = try watch("$.id", ["1", "2"], when: "price > 1")
    func audience(_ current: Watch?) -> [String] {
      Audience(of: run, current: current, outlets: outlets, interval: .seconds(60)).watch.subscriptions.map {
        "\($0.to ?? "") \($0.when?.source ?? "-")"
      }
    }
    #expect(audience(try watch("$.id", ["2", "3"], when: nil)) == ["2 -", "3 -"])
    #expect(audience(try watch("$.code", ["2", "3"], when: nil)) == ["2 price > 1"])
    #expect(audience(nil) == [])
  }
}

/// True once.
private final class First: Sendable {
  private let isTaken = Atomic(false)
  func take() -> Bool { !isTaken.exchange(true, ordering: .relaxed) }
}

extension RandomSource {
  /// The first draw is zero: what is spread by chance comes at once. The others differ, as ids must.
  fileprivate var withoutSpread: RandomSource {
    let first = First()
    return RandomSource { first.take() ? 0 : self.bits() }
  }
}

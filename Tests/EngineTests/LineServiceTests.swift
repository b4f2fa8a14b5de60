import Language
import PluginHost
import SiteSpecs
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Engine

/// The whole service while its line is down, and while watches are added beside it.
struct LineServiceTests {
  /// Six sites and a channel; the sites can be cut off.
  private final class Net: Fetcher {
    static let kind = "net"
    static let summary = "Answers of a test."
    let isDown = Mutex(false)
    /// Sites that refuse connections while the line is there.
    let dead = Mutex<Set<String>>([])
    let asked = Mutex<[String]>([])
    let rows = Mutex([1, 2])

    func exchange(_ request: Request) async throws(FetchFailure) -> Response {
      if request.url.contains("bale") {
        return Response(
          status: 200, headers: [Request.Header("Content-Type", "application/json")],
          body: Array(#"{"ok": true, "result": {"message_id": 1}}"#.utf8), url: request.url)
      }
      asked.withLock { $0.append(request.url) }
      let isDead = dead.withLock { dead in dead.contains { request.url.contains("//\($0).") } }
      if isDead || isDown.withLock({ $0 }) { throw FetchFailure(.connect, "no route") }
      let rows = rows.withLock { $0.map(String.init).joined(separator: ",") }
      return Response(status: 200, body: Array("{\"rows\": [\(rows)]}".utf8), url: request.url)
    }
  }

  private struct Bench {
    let net = Net()
    let time = ManualTime()
    let store: Store
    let service: Service
    let configuration: Configuration

    init(every: Duration, sites count: Int = 6) throws {
      store = try Store(path: "", mode: .inMemory)
      var tuning = ServiceTuning()
      tuning.storeLooks = .seconds(3600)
      tuning.troubleLooks = .seconds(3600)
      tuning.worker.poll = .seconds(600)
      service = Service(
        catalog: Builtins.catalog, fetcher: net, store: store, userAgent: "test", time: time, random: .seeded(5),
        log: .none, tuning: tuning)
      let reader = SpecReader(catalog: Builtins.catalog)
      let sites = (0..<count).compactMap { number in
        reader.readSite(
          file: "sites/s\(number).yaml",
          text: """
            site: s\(number)
            title: s\(number)
            timezone: Asia/Tehran
            links: [ "https://s\(number).example/{name}" ]
            limits: { rate: 10/s }
            steps:
              - step: list
                get: https://s\(number).example/{name}
                anchor: $.rows
                rows: { each: "$.rows[*]", fields: { id: $ } }
            items: { key: [id] }
            """ + Desk.alert
        ).spec
      }
      let path = packageRoot + "/notifiers/bale.yaml"
      let notifier = try reader.readNotifier(file: path, text: text(of: path)).spec
      configuration = Configuration(
        sites: sites, notifiers: [notifier].compactMap { $0 }, store: "",
        channels: [
          Channel(
            name: "people", notifier: "bale", enabled: true,
            settings: ["token": .secret(Secret("0000:invented")), "api": .plain(.text("https://tapi.bale.ai"))])
        ], maintainers: [MaintainerTarget(channel: "people", to: "9")],
        watches: sites.map {
          WatchRule(
            site: $0.id, params: ["name": "a"], every: every,
            notify: [Subscription(channel: "people", to: "1", language: "en", first: .none)])
        }, allowedHosts: [], userAgent: "test")
    }

    /// Moves on, and lets what was woken do its work: the store has a thread of its own.
    func live(_ duration: Duration, until done: () async throws -> Bool = { false }) async throws {
      let end = time.uptime() + duration
      while time.uptime() < end {
        await time.advance(by: min(.seconds(5), end - time.uptime()))
        try await Task.sleep(for: .milliseconds(1))
        if try await done() { return }
      }
    }

    func titles() async throws -> [String] {
      try await store.deliveries(DeliveryFilter(newestFirst: false, limit: 1000)).map(\.message.title)
    }
  }

  @Test(.timeLimit(.minutes(10)))
  func `a line that is down for hours is one word to the maintainers, none to people, and mends itself`() async throws {
    let bench = try Bench(every: .seconds(300))
    try await bench.service.apply(bench.configuration)
    let running = Task { await bench.service.run() }
    try await bench.live(.seconds(400))
    #expect(bench.net.asked.withLock { $0.count } >= 6)
    bench.net.isDown.withLock { $0 = true }
    try await bench.live(.seconds(2 * 3600))
    let told = try await bench.titles()
    #expect(told == ["nothing can be reached from here: the line or the name service is down"], "\(told)")
    #expect(try await bench.store.openIncidents().keys.sorted() == ["offline"])
    bench.net.isDown.withLock { $0 = false }
    let before = bench.net.asked.withLock { $0.count }
    // Within an interval every site is read again.
    try await bench.live(.seconds(330))
    let again = Set(bench.net.asked.withLock { $0.dropFirst(before) })
    #expect(again.count == 6)
    try await bench.live(.seconds(60)) { try await bench.store.openIncidents().isEmpty }
    #expect(try await bench.titles().dropFirst() == ["the line is back: sites are read again"])
    await bench.service.stop()
    running.cancel()
    await running.value
  }

  @Test(.timeLimit(.minutes(10)))
  func `a watch that a command adds runs without a reload, edited too, and no more once removed`() async throws {
    let bench = try Bench(every: .seconds(3600), sites: 1)
    try await bench.service.apply(bench.configuration)
    let running = Task { await bench.service.run() }
    try await bench.live(.seconds(100))
    func asked(_ name: String) -> Int { bench.net.asked.withLock { $0.count { $0.hasSuffix("/" + name) } } }
    var record = WatchRecord(
      id: "s0/b", site: "s0", params: ["name": "b"], every: .seconds(1800), origin: .command, addedAt: bench.time.now())
    try await bench.store.upsertWatch(record)
    await bench.service.takeUpCommands()
    try await bench.live(.seconds(120)) { asked("b") == 1 }
    #expect(asked("b") == 1)
    record.every = .seconds(60)
    try await bench.store.upsertWatch(record)
    await bench.service.takeUpCommands()
    try await bench.live(.seconds(600)) { asked("b") >= 4 }
    #expect(asked("b") >= 4)
    try await bench.store.removeWatch("s0/b", now: bench.time.now())
    await bench.service.takeUpCommands()
    try await bench.live(.seconds(10))
    let last = asked("b")
    try await bench.live(.seconds(600))
    #expect(asked("b") == last && asked("a") == 1)
    await bench.service.stop()
    running.cancel()
    await running.value
  }

  @Test(.timeLimit(.minutes(10)))
  func `three sites that are down together do not keep the others from being read`() async throws {
    let bench = try Bench(every: .seconds(60))
    try await bench.service.apply(bench.configuration)
    let running = Task { await bench.service.run() }
    try await bench.live(.seconds(120))
    bench.net.dead.withLock { $0 = ["s0", "s1", "s2"] }
    let before = bench.net.asked.withLock { $0.count }
    try await bench.live(.seconds(1200))
    let asked = bench.net.asked.withLock { Array($0.dropFirst(before)) }
    for site in ["s3", "s4", "s5"] {
      #expect(asked.count { $0.contains("//\(site).") } >= 18, "\(site)")
    }
    // Their own troubles are told as theirs; the line was never down.
    #expect(try await !bench.titles().contains { $0.contains("nothing can be reached") })
    await bench.service.stop()
    running.cancel()
    await running.value
  }

  @Test(.timeLimit(.minutes(10)))
  func `a watch of the file that a command adds too and removes again is the file's as before`() async throws {
    let bench = try Bench(every: .seconds(60), sites: 1)
    try await bench.service.apply(bench.configuration)
    let running = Task { await bench.service.run() }
    try await bench.live(.seconds(130))
    let record = WatchRecord(
      id: "s0/a", site: "s0", params: ["name": "a"], every: .seconds(60), origin: .command,
      notify: SubscriptionRecord.encode([Subscription(channel: "people", to: "2", language: "en", first: .none)]),
      addedAt: bench.time.now())
    func recipients(of slot: Int) async throws -> Set<String> {
      bench.net.rows.withLock { $0.append(slot) }
      try await bench.live(.seconds(300))
      return Set(
        try await bench.store.deliveries(DeliveryFilter(newestFirst: false, limit: 1000))
          .filter { $0.message.lines.contains { $0.itemKey == String(slot) } }
          .map(\.recipient))
    }
    try await bench.store.upsertWatch(record)
    await bench.service.takeUpCommands()
    #expect(try await recipients(of: 3) == ["1", "2"])
    try await bench.store.removeWatch("s0/a", now: bench.time.now())
    await bench.service.takeUpCommands()
    #expect(try await recipients(of: 4) == ["1"])
    await bench.service.stop()
    running.cancel()
    await running.value
  }

  @Test(.timeLimit(.minutes(10)))
  func `a watch is taken up although the newest change before it was pruned, and while a reload goes on`() async throws
  {
    let bench = try Bench(every: .seconds(3600), sites: 1)
    try await bench.service.apply(bench.configuration)
    let running = Task { await bench.service.run() }
    try await bench.live(.seconds(100))
    func asked(_ name: String) -> Int { bench.net.asked.withLock { $0.count { $0.hasSuffix("/" + name) } } }
    func record(_ name: String) -> WatchRecord {
      WatchRecord(
        id: "s0/\(name)", site: "s0", params: ["name": name], every: .seconds(1800), origin: .command,
        addedAt: bench.time.now())
    }
    try await bench.store.upsertWatch(record("b"))
    try await bench.store.removeWatch("s0/b", now: bench.time.now())
    await bench.service.takeUpCommands()
    try await bench.store.prune(now: bench.time.now() + .seconds(40 * 86_400))
    try await bench.store.upsertWatch(record("c"))
    await bench.service.takeUpCommands()
    try await bench.live(.seconds(120)) { asked("c") == 1 }
    #expect(asked("c") == 1)
    // Both at once, in any order.
    for name in ["d", "e", "f", "g"] {
      async let reload: Void = bench.service.apply(bench.configuration)
      try await bench.store.upsertWatch(record(name))
      async let change: Void = bench.service.takeUpCommands()
      try await reload
      await change
      try await bench.live(.seconds(120)) { asked(name) == 1 }
      #expect(asked(name) == 1, "\(name)")
      async let again: Void = bench.service.apply(bench.configuration)
      try await bench.store.removeWatch("s0/\(name)", now: bench.time.now())
      async let removal: Void = bench.service.takeUpCommands()
      try await again
      await removal
    }
    await bench.service.takeUpCommands()
    try await bench.live(.seconds(2400))
    for name in ["d", "e", "f", "g"] { #expect(asked(name) == 1, "\(name)") }
    await bench.service.stop()
    running.cancel()
    await running.value
  }
}

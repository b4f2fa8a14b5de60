import Fetchers
import Language
import LoopbackServer
import Notifying
import PluginHost
import Scheduling
import SiteSpecs
import Storage
import TestSupport
import Testing

@testable import Engine

/// What comes after a fault: the network heals, and everything arrives, with the key it had from the start.
@Suite(.timeLimit(.minutes(10)))
struct FaultRecoveryTests {
  private static let healing = FaultRow.all.filter { row in
    if case .proxied = row.network { !row.reasons.isEmpty } else { false }
  }

  /// The real worker over a real store. Its first pause is about 2 s, which is waited for.
  @Test(arguments: healing, [FaultClient.webhook, .telegram, .sms])
  func `a delivery arrives once the network is back, under its old key`(
    _ row: FaultRow, _ client: FaultClient
  ) async throws {
    let scene = try await FaultScene(row)
    let proxy = try #require(scene.proxy)
    let store = try Store(path: "", mode: .inMemory)
    let adapter = try scene.adapter(client)
    try await store.add(["d_1"], channel: adapter.channel, to: adapter.spec.takesRecipient ? client.address : "")
    let worker = ChannelWorker(
      adapter: adapter, outbox: store, time: SystemTime(), random: .system
    ) { event in
      // The first failure heals the network.
      if case .attempted = event { proxy.fault = .none }
    }
    let task = Task { await worker.run() }
    let attempts = try await store.attempts(of: "d_1") { $0.last == "delivered" }
    await worker.stop(draining: .zero)
    await task.value
    #expect(attempts == ["retry", "delivered"])
    let requests = scene.server.requests
    #expect(requests.count == (row.heard == .always ? 2 : 1))
    if client == .webhook {
      #expect(requests.allSatisfy { $0.header("webhook-id") == "d_1" })
      #expect(requests.allSatisfy { $0.body == requests[0].body })
    }
  }

  @Test(arguments: [FaultClient.webhook, .telegram])
  func `with 30 % of connections dropped everything arrives, each once`(_ client: FaultClient) async throws {
    let row = FaultRow(
      name: "30 %", means: "", network: .proxied(.drop(percent: 30)), reasons: [.connect, .reset], heard: .always)
    let scene = try await FaultScene(row)
    let path = client == .webhook ? "/slots" : "/bot111:SAMPLE-token-of-nobody/sendMessage"
    // A connection for each, so that each has its chance to be dropped.
    scene.server.on("POST", path) { _ in
      var response = ServerResponse.json(#"{"ok":true,"result":{"message_id":7}}"#)
      response.ending = .close
      return response
    }
    let store = try Store(path: "", mode: .inMemory)
    let ids = (0..<10).map { "d_\($0)" }
    for (number, id) in ids.enumerated() {
      try await store.add([id], channel: client.rawValue, to: client == .telegram ? "\(1000 + number)" : "")
    }
    let worker = ChannelWorker(
      adapter: try scene.adapter(client), outbox: store, time: SystemTime(), random: .system)
    let task = Task { await worker.run() }
    for id in ids { #expect(try await store.attempts(of: id) { $0.last == "delivered" }.last == "delivered") }
    await worker.stop(draining: .zero)
    await task.value
    #expect(try #require(scene.proxy).dropped > 0)
    #expect(scene.server.requests.count == ids.count)
  }

  private static let site = """
    site: desk
    title: Desk
    timezone: Asia/Tehran
    request: { timeout: TIME }
    steps:
      - step: list
        get: https://site.example/list
        anchor: $.rows
        rows: { each: "$.rows[*]", fields: { id: $.id } }
    items: { key: [id] }
    """

  /// The site's first answer holds item 1, every later one items 1 and 2.
  @Test(arguments: healing)
  func `a fault says nothing about a site: what opened meanwhile is told after it, and nothing as gone`(
    _ row: FaultRow
  ) async throws {
    let scene = try await FaultScene(row)
    let proxy = try #require(scene.proxy)
    let fault = proxy.fault
    let yaml = Self.site.replacing("TIME", with: "\(row.timeout.components.seconds)s") + Desk.alert
    let store = try Store(path: "", mode: .inMemory)
    let time = SystemTime()
    let sender = RequestSender(fetcher: scene.fetcher, governor: nil, time: time)
    let runner = WatchRunner(catalog: Builtins.catalog, sender: sender, time: time, userAgent: "test")
    let executor = WatchExecutor(runner: runner, store: store, time: time, random: .system, log: .none)
    let (read, diagnostics) = SpecReader(catalog: Builtins.catalog).readSite(file: "sites/desk.yaml", text: yaml)
    let spec = try #require(read, "\(diagnostics)")
    let watch = Watch(
      spec: spec, params: [:], every: .seconds(60),
      subscriptions: [Subscription(channel: "people", to: "1001", language: "en", first: .none)])
    func run(_ fault: FaultProxy.Fault) async throws -> RunCommit {
      proxy.fault = fault
      // A kept connection would go round the fault.
      return try await executor.execute(watch, outlets: Outlets(channels: ["people"], maintainers: [])).commit
    }
    scene.server.on("GET", "/list") { _ in
      var first = ServerResponse.json(#"{"rows":[{"id":1}]}"#)
      first.ending = .close
      return first
    }
    #expect(try await run(.none).verdict == .items)
    scene.server.on(
      "GET", "/list", .json(#"{"rows":[{"id":1},{"id":2}],"padding":"\#(String(repeating: "x", count: 40_000))"}"#))
    let broken = try await run(fault)
    #expect(broken.verdict == .failed)
    #expect(broken.changes.isEmpty && broken.deliveries.isEmpty)
    let healed = try await run(.none)
    #expect(healed.verdict == .items)
    #expect(healed.changes.map(\.kind) == [.added])
    #expect(healed.deliveries.map(\.recipient) == ["1001"])
  }

  @Test func `every fault counts against its origin, so that it is asked less`() {
    for reason in Set(FaultRow.all.flatMap(\.reasons)) { #expect(OriginBudget.Result.of(reason) == .failed) }
  }
}

extension Store {
  /// Puts deliveries of use for ten minutes into the outbox.
  fileprivate func add(_ ids: [String], channel: String, to recipient: String) async throws {
    let now = SystemTime().now()
    let deliveries = ids.map { id in
      NewDelivery(
        id: id, channel: channel, recipient: recipient, subscription: "\(channel)|\(recipient)",
        message: .test(language: "fa", at: now), expiresAt: now + .seconds(600), rule: "test")
    }
    _ = try enqueue(deliveries, watch: "desk/1", site: "desk", now: now)
  }

  /// The outcomes of a delivery's attempts, once `done` holds for them; nothing ends this but the test's time limit.
  fileprivate func attempts(of id: String, until done: ([String]) -> Bool) async throws -> [String] {
    while true {
      let outcomes = try delivery(id)?.attempts.map { $0.outcome } ?? []
      if done(outcomes) { return outcomes }
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}

import Engine
import Language
import PluginHost
import Storage
import TestSupport
import Testing

struct ReloadDrainTests {
  /// A server that takes a request and says nothing for an hour.
  private struct Silence: Fetcher {
    static let kind = "silence"
    static let summary = "a test's own"

    let time: ManualTime
    let asked = Counter()

    func exchange(_ request: Request) async throws(FetchFailure) -> Response {
      _ = asked.next()
      do { try await time.sleep(for: .seconds(3600)) } catch { throw FetchFailure(.cancelled, "cut off") }
      throw FetchFailure(.timeout, "no answer")
    }
  }

  private static let names = ["one", "two", "three"]

  private static func configuration(_ names: [String]) throws -> Configuration {
    let spec = try Shipped.spec("bale")
    let channels = names.map { name in
      var channel = Shipped.channel(spec, [:])
      channel.name = name
      return channel
    }
    return Configuration(
      sites: [], notifiers: [spec], store: "", channels: channels, maintainers: [], watches: [], allowedHosts: [],
      userAgent: "test")
  }

  @Test func `channels that a reload ends drain all at once`() async throws {
    let time = ManualTime()
    let store = try Store(path: "", mode: .inMemory)
    let service = Service(
      catalog: Builtins.catalog, fetcher: Silence(time: time), store: store, userAgent: "test", time: time,
      random: .seeded(1), log: .none)
    let message = Message.testing(at: time.now())
    let deliveries = Self.names.map {
      NewDelivery(id: $0, channel: $0, recipient: "1", subscription: "\($0)|1", message: message, rule: "test")
    }
    try await store.enqueue(deliveries, watch: "", site: "", now: time.now())
    try await service.apply(try Self.configuration(Self.names))
    // Each send has its deadline of 17 s, and no wait is shorter but that of a drain.
    try await eventually { try await store.deliveries(DeliveryFilter(states: [.leased])).count == 3 }
    try await eventually { time.sleeping(within: .seconds(17)) == 3 && time.sleeping(within: .seconds(15)) == 0 }
    let reload = Task { try await service.apply(try Self.configuration([])) }
    try await eventually { time.sleeping(within: Service.drain) == 3 }
    await time.advance(by: Service.drain)
    try await reload.value
    #expect(try await store.deliveries(DeliveryFilter(states: [.delivered, .dead])).isEmpty)
    await service.stop()
  }

  /// Up to a minute of real time: tasks of the service run where the clock does not see them.
  private func eventually(_ holds: () async throws -> Bool) async throws {
    for _ in 0..<6000 {
      if try await holds() { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("it did not come to hold within a minute")
  }
}

extension Message {
  fileprivate static func testing(at now: Instant) -> Message {
    Message(
      kind: .maintainer, site: "", watch: "", language: "en", title: "a test", lines: [Line(text: "a line")], at: now)
  }
}

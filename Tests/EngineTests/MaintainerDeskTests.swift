import Language
import PluginHost
import Storage
import TestSupport
import Testing

@testable import Engine

/// What maintainers hear beside the sites: once when it starts, once when it ends, whoever restarts meanwhile.
struct MaintainerDeskTests {
  /// A store with one channel for people, one for maintainers, and a desk that can be restarted.
  private struct Office {
    let store: Store
    let time = ManualTime()
    var desk: MaintainerDesk

    init() async throws {
      store = try Store(path: "", mode: .inMemory, executor: time.actorExecutor())
      desk = MaintainerDesk(store: store, time: time, random: .system, log: .none)
      await desk.apply(Office.configuration(["telegram", "ops"]))
    }

    static func configuration(_ channels: [String]) -> Configuration {
      Configuration(
        sites: [], notifiers: [], store: "",
        channels: channels.map { Channel(name: $0, notifier: "n", enabled: true, settings: [:]) },
        maintainers: [
          MaintainerTarget(channel: "ops"), MaintainerTarget(channel: "telegram", to: "m1", language: "fa"),
        ],
        watches: [], allowedHosts: [], userAgent: "test")
    }

    mutating func restart(_ channels: [String] = ["telegram", "ops"]) async {
      desk = MaintainerDesk(store: store, time: time, random: .system, log: .none)
      await desk.apply(Office.configuration(channels))
    }

    /// One delivery to `recipient` that ends so; on Telegram, to a person.
    func send(
      _ id: String, to recipient: String = "1001", _ outcome: AttemptOutcome, status: Int? = 200, reason: String? = nil
    ) async throws {
      let now = time.now()
      let message = Message(
        kind: .alert, site: "s", watch: "w", language: "en", title: "New", lines: [], at: now)
      try await store.enqueue(
        [
          NewDelivery(
            id: id, channel: "telegram", recipient: recipient, subscription: "telegram|\(recipient)", message: message,
            rule: "test")
        ], watch: "w", site: "s", now: now)
      let leases = try await store.lease(channel: "telegram", limit: 20, now: now, until: now + .seconds(60))
      let mine = leases.filter { $0.id == id }
      try await store.release(leases.filter { $0.id != id })
      try await store.record(
        mine.map {
          AttemptRecord(
            delivery: $0.id, attempt: $0.attempt, startedAt: now, endedAt: now, outcome: outcome, status: status,
            reason: reason ?? (outcome.word == "retry" ? "timeout" : "test"), detail: "its words",
            nextAt: now + .seconds(1))
        }, now: now)
    }

    /// Titles for maintainers, oldest first, with their channel.
    func told() async throws -> [String] {
      try await store.deliveries(DeliveryFilter(kinds: [.maintainer], newestFirst: false)).map {
        "\($0.channel): \($0.message.title)"
      }
    }
  }

  @Test func `a misconfigured channel is told once, elsewhere, and once when a delivery has proved it works`()
    async throws
  {
    var office = try await Office()
    try await office.send("d1", .misconfigured, status: 401)
    for _ in 0..<3 {
      try await office.desk.look()
      await office.restart()
    }
    #expect(try await office.told() == ["ops: channel telegram is set up wrongly: nothing is sent there"])
    let lines = try await office.store.deliveries(DeliveryFilter(kinds: [.maintainer]))[0].message.lines.map(\.text)
    #expect(lines.contains("it says: its words") && lines.contains("slothunter outbox list --channel telegram"))

    // New settings are a new try, no proof.
    try await office.store.resumeChannel("telegram", configHash: "new", now: office.time.now())
    await office.time.advance(by: .seconds(5))
    try await office.desk.look()
    #expect(try await office.told().count == 1)
    #expect(try await office.store.status().incidents.map(\.key) == ["misconfigured|telegram"])
    try await office.send("d2", to: "1002", .delivered(receipt: nil))
    for _ in 0..<3 {
      await office.restart()
      try await office.desk.look()
    }
    #expect(try await office.told().dropFirst() == ["ops: channel telegram: works again"])
    #expect(try await office.store.status().incidents.isEmpty)
  }

  @Test func `a channel that still has no credit after its pause is no second incident`() async throws {
    let office = try await Office()
    try await office.send("d1", .paused)
    try await office.desk.look()
    await office.time.advance(by: .seconds(900))
    try await office.desk.look()
    try await office.send("d2", to: "1002", .paused)
    try await office.desk.look()
    #expect(try await office.told() == ["ops: channel telegram can't send now"])
  }

  @Test func `a channel that answers nothing is told after ten minutes, a blip never`() async throws {
    let office = try await Office()
    for n in 0..<6 { try await office.send("d\(n)", to: "r\(n)", .retry(after: nil), status: nil) }
    try await office.desk.look()
    #expect(try await office.told().isEmpty)
    await office.time.advance(by: .seconds(601))
    try await office.desk.look()
    try await office.desk.look()
    #expect(try await office.told().count == 1)
    #expect(try await office.told()[0].hasPrefix("ops: channel telegram does not answer since"))
    try await office.send("d9", to: "r9", .delivered(receipt: nil))
    try await office.desk.look()
    #expect(try await office.told().last == "ops: channel telegram: works again")
  }

  @Test func `an incident of a channel that is switched off ends, and says so`() async throws {
    var office = try await Office()
    try await office.send("d1", .misconfigured, status: 401)
    try await office.desk.look()
    await office.restart(["ops"])
    try await office.desk.look()
    #expect(try await office.told().last == "ops: channel telegram is switched off")
    #expect(try await office.store.status().incidents.isEmpty)
  }

  @Test func `people who are gone are told of once, masked, in one message`() async throws {
    var office = try await Office()
    for recipient in ["09120001111", "09120002222"] {
      try await office.send("d\(recipient)", to: recipient, .recipientGone, status: 403)
    }
    for _ in 0..<3 {
      try await office.desk.look()
      await office.restart()
    }
    let told = try await office.store.deliveries(DeliveryFilter(kinds: [.maintainer], channel: "ops"))
    #expect(told.map(\.message.title) == ["2 recipients are gone and hear no more"])
    let text = told[0].message.lines.map(\.text).joined(separator: "\n")
    #expect(text.contains("telegram •••1111") && text.contains("telegram •••2222"))
    #expect(!text.contains("0912000"))
    // Both maintainers, each in their language; and nobody else.
    #expect(try await office.store.deliveries(DeliveryFilter(kinds: [.maintainer])).count == 2)
  }

  @Test func `what is raised is told until it is cleared, and an end without a start says nothing`() async throws {
    var office = try await Office()
    let trouble = Trouble(
      key: "store|full", title: .init(english: "the disk is full", persian: "دیسک پر است"),
      lines: [.init("17 MB left")],
      ending: .init(english: "there is space again", persian: "فضا هست"))
    _ = try await office.desk.clear("store|full")
    _ = try await office.desk.raise(trouble)
    await office.restart()
    _ = try await office.desk.raise(trouble)
    try await office.desk.look()
    _ = try await office.desk.clear("store|full")
    _ = try await office.desk.clear("store|full")
    let told = try await office.told()
    #expect(told.count == 4)
    #expect(told.first == "ops: the disk is full" && told.contains("telegram: دیسک پر است"))
    #expect(told.filter { $0.hasPrefix("ops") }.count == 2)
  }

  @Test func `a budget that is used up is told once, until the channel sends again`() async throws {
    let office = try await Office()
    for id in ["d0", "d00"] {
      try await office.send(id, to: id, .paused, status: nil, reason: "over_budget")
      try await office.desk.look()
    }
    #expect(try await office.told() == ["ops: channel telegram: its budget of the day is used up"])
    #expect(try await office.store.status().incidents.map(\.key) == ["budget|telegram"])
    await office.time.advance(by: .seconds(3600))
    try await office.send("d1", .delivered(receipt: nil))
    try await office.desk.look()
    try await office.desk.look()
    #expect(try await office.told().count == 2)
  }

  @Test func `events make the desk look when the attempt has been recorded`() async throws {
    let office = try await Office()
    let desk = office.desk
    let running = office.time.start { await desk.run { _ in } }
    await office.time.settle()
    try await office.send("d1", .misconfigured, status: 401)
    desk.heard(.halted(channel: "telegram", reason: .auth, detail: nil))
    let isTold = try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        await office.time.advance(steps: 100) { ((try? await office.told()) ?? []).count == 1 }
      }
      return try await group.next() ?? false
    }
    #expect(isTold)
    running.cancel()
    await office.time.advance(by: .seconds(120))
  }
}

struct MaskTests {
  @Test(arguments: [
    ("09120000000", "•••0000"), ("123456789", "•••789"), ("1001", "•••1"), ("12", "•••"), ("", ""),
    ("@some_channel_name", "•••name"),
  ])
  func `an address is never shown whole`(_ address: String, _ shown: String) { #expect(Mask.address(address) == shown) }

  @Test func `a subscription's key is shown with its address masked`() {
    #expect(Mask.subscription("sms|09120000000") == "sms|•••0000")
    #expect(Mask.subscription("maintainer|ops|09120000000") == "maintainer|ops|•••0000")
    #expect(Mask.subscription("hook|") == "hook|")
  }
}

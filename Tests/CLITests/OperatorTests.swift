import Language
import PluginHost
import Storage
import TestSupport
import Testing

@testable import CLI

/// What an operator types wrong, and what others' words must not do to their screen.
struct OperatorTests {
  private static let configuration = """
    sites: [\(packageRoot)/sites]
    notifiers: [\(packageRoot)/notifiers]
    store: s.db
    channels:
      console: { notifier: console, enabled: true }
      telegram: { notifier: telegram, enabled: true, token: "${TOKEN}" }
    maintainers: [ { channel: console } ]
    watches:
      - site: paziresh24
        params: { slug: dr-sample }
        notify:
          - { channel: telegram, to: "100200300", at_most: 10/day, digest: [08:00, 18:00], urgent: "start.hour < 9" }
          - { channel: telegram, to: "100200401", digest: 30m, snooze: 2100-01-01 }
          - { channel: telegram, to: "100200502", stop: true }

    """

  /// A folder with a configuration and a store.
  private func desk(_ deliveries: [NewDelivery] = []) async throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(Self.configuration, to: "slothunter.yaml")
    let store = try Store(path: folder.path + "/s.db")
    let now = Instant(seconds: 1_791_232_200)
    try await store.upsertWatch(
      WatchRecord(
        id: "paziresh24/dr-sample", site: "paziresh24", params: ["slug": "dr-sample"], every: .seconds(60),
        origin: .config, addedAt: now))
    var run = RunCommit(
      watch: "paziresh24/dr-sample", site: "paziresh24", specVersion: "1", startedAt: now, endedAt: now,
      verdict: .items, keyFields: ["start"])
    run.deliveries = deliveries
    try await store.commit(run)
    return folder
  }

  @Test func `the list of subscriptions says every rule as it is written, and what the file holds back`() async throws {
    let folder = try await desk()
    let list = try await slothunter("subscriptions", "list", "--json", folder: folder.path)
    let lines = try list.out.split(separator: "\n").map { try JSON(parsing: String($0)) }
    func texts(_ name: String) -> [String] {
      lines.map { line in
        guard case .object(let object) = line, case .string(let text)? = object[name] else { return "" }
        return text
      }
    }
    #expect(texts("state") == ["active", "snoozed", "stopped"], "\(list)")
    #expect(
      texts("rules") == ["digest: [08:00, 18:00], urgent: start.hour < 9, at_most: 10/day", "digest: 30m", ""])
    #expect(texts("to") == ["•••300", "•••401", "•••502"])
    #expect(texts("snoozed_until")[1].hasPrefix("2099-12-31T20:30"), "midnight in Tehran")
  }

  @Test(arguments: [
    (["subscriptions", "list", "--channel", "telegrm"], "did you mean 'telegram'?", Int32(1)),
    (["subscriptions", "list", "--watch", "paziresh24/dr-sampel"], "did you mean 'paziresh24/dr-sample'?", 1),
    (["help", "outbx"], "did you mean 'outbox'?", 64),
    (["status", "paziresh24"], "status takes no argument", 64),
    (["kinds", "css"], "kinds takes no argument", 64),
    (["watch", "add", "paziresh24/dr-sample", "--every", "5x"], "write it as 60s, 5m or 1h", 64),
    (["subscriptions", "snooze", "telegram/…300", "--until", "2020-01-01T00:00:00Z"], "is over", 64),
  ])
  func `what is mistyped is answered by what may have been meant`(_ words: [String], _ help: String, _ status: Int32)
    async throws
  {
    let folder = try await desk()
    let result = try await slothunter(words, folder: folder.path)
    #expect(result.status == status && result.err.contains(help), "\(result)")
    #expect(!result.err.contains("none\n"))
  }

  @Test func `a recipient is named by what is shown of them, where only one ends so`() async throws {
    func delivery(_ id: String, _ to: String) -> NewDelivery {
      NewDelivery(
        id: id, channel: "telegram", recipient: to, subscription: "telegram|\(to)",
        message: Message(
          kind: .alert, site: "paziresh24", watch: "paziresh24/dr-sample", language: "en", title: id, lines: [],
          at: Instant(seconds: 1_791_232_200)), rule: "notify[0]")
    }
    let folder = try await desk([delivery("d_a", "100200300"), delivery("d_b", "100200401")])
    let one = try await slothunter("outbox", "list", "--to", "•••300", folder: folder.path)
    #expect(one.status == 0 && one.out.contains("d_a") && !one.out.contains("d_b"), "\(one)")
    let dropped = try await slothunter("outbox", "drop", "--to", "…401", "--yes", folder: folder.path)
    #expect(dropped.status == 0 && dropped.out == "d_b  dropped\n", "\(dropped)")
    let none = try await slothunter("outbox", "list", "--to", "…999", folder: folder.path)
    #expect(none.status == 1 && none.err.contains("0 recipients end so"), "\(none)")
  }

  @Test func `a dead letter that was seen to is dropped, and all is well again`() async throws {
    let now = Instant(seconds: 1_791_232_200)
    let folder = try await desk([
      NewDelivery(
        id: "d_dead", channel: "telegram", recipient: "100200300", subscription: "telegram|100200300",
        message: Message(
          kind: .alert, site: "paziresh24", watch: "paziresh24/dr-sample", language: "en", title: "t", lines: [],
          at: now
        ), rule: "notify[0]")
    ])
    try await Self.bury("d_dead", in: folder, at: now)
    #expect(try await slothunter("status", folder: folder.path).status == 1)
    let rehearsal = try await slothunter("outbox", "drop", "--state", "dead", folder: folder.path)
    #expect(rehearsal.status == 1 && rehearsal.out == "d_dead  would be dropped\n", "\(rehearsal)")
    let dropped = try await slothunter("outbox", "drop", "d_dead", folder: folder.path)
    #expect(dropped.status == 0, "\(dropped)")
    #expect(try await slothunter("status", folder: folder.path).status == 0)
    let why = try await slothunter("why", "d_dead", folder: folder.path)
    #expect(why.out.contains("d_dead  dropped") && why.out.contains("reason client_error: no such room"), "\(why)")
    #expect(try await slothunter("outbox", "drop", "d_dead", folder: folder.path).status == 1)
  }

  /// The provider refuses it for good.
  private static func bury(_ id: String, in folder: TemporaryFolder, at now: Instant) async throws {
    let store = try Store(path: folder.path + "/s.db")
    let lease = try #require(
      try await store.lease(channel: "telegram", limit: 1, now: now, until: now + .seconds(60)).first)
    #expect(lease.id == id)
    try await store.record(
      [
        AttemptRecord(
          delivery: id, attempt: lease.attempt, startedAt: now, endedAt: now, outcome: .rejected, status: 400,
          reason: "client_error", detail: "no such room", nextAt: nil)
      ], now: now)
  }

  @Test func `without a configuration the list of subscriptions says that it knows nobody`() async throws {
    let folder = try await desk()
    let bare = try TemporaryFolder()
    let result = try await slothunter("subscriptions", "list", "--store", folder.path + "/s.db", folder: bare.path)
    #expect(result.status == 0 && result.err.contains("name it with --config"), "\(result)")
  }

  @Test func `nothing that a site wrote moves the cursor, names the window or turns the text`() async throws {
    let evil = "seven \u{1B}[2J\u{1B}]0;owned\u{7} \u{202E}\nno such row\u{9B}1m"
    let now = Instant(seconds: 1_791_232_200)
    let message = Message(
      kind: .alert, site: "paziresh24", watch: "paziresh24/dr-sample", language: "fa", title: "سه\u{200C}شنبه " + evil,
      lines: [Message.Line(change: .added, text: evil, itemKey: evil)], at: now)
    let folder = try await desk([
      NewDelivery(
        id: "d_evil", channel: "telegram", recipient: "100200300", subscription: "telegram|100200300", message: message,
        rule: "notify[0]")
    ])
    let list = try await slothunter("outbox", "list", folder: folder.path)
    let why = try await slothunter("why", "d_evil", folder: folder.path)
    for result in [list, why] {
      #expect(result.status == 0 && result.out.contains("seven"))
      for scalar in ["\u{1B}", "\u{7}", "\u{202E}", "\u{9B}"] as [Unicode.Scalar] {
        #expect(!result.out.unicodeScalars.contains(scalar), "U+\(String(scalar.value, radix: 16))")
      }
    }
    #expect(list.out.split(separator: "\n").count == 2, "one row a line: \(list.out)")
    #expect(list.out.contains("سه\u{200C}شنبه"), "what Persian needs stays")
  }

  @Test func `colours of our own stay`() {
    #expect(Terminal.harmless("\u{1B}[1mbold\u{1B}[0m") == "\u{1B}[1mbold\u{1B}[0m")
    #expect(Terminal.harmless("\u{1B}[2Jx\u{1B}") == "\u{FFFD}[2Jx\u{FFFD}")
    #expect(Terminal.harmless("\u{1B}[1;31mred\tand\nlines") == "\u{1B}[1;31mred\tand\nlines")
  }
}

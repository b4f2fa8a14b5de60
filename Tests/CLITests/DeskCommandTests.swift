import Glibc
import Language
import LoopbackServer
import TestSupport
import Testing

/// What operators do beside a running service, and what they are shown.
struct DeskCommandTests {
  private static let refused = ServerResponse.json(
    #"{"ok":false,"error_code":400,"description":"Bad Request: message is too long"}"#, status: 400)

  @Test func `a dead letter is listed with the provider's words, explained, and sent again by command`() async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(world, subscribers: [ServiceHome.chat("100200300")])
    let service = try await home.start()
    defer { service.end() }
    world.telegram(then: { _ in Self.refused })
    world.slots = ["s1": [0, 1]]
    try await eventually("it is dead", story: { service.log }) {
      try await home.outbox("--state", "dead").count == 1
    }
    let list = try await home.command("outbox", "list", "--state", "dead", "--channel", "telegram")
    #expect(list.out.contains("was answered: Bad Request: message is too long"))
    #expect(list.out.contains("•••300") && !list.out.contains("100200300"))
    let id = try #require(try await home.outbox("--state", "dead").first).text("$.id")

    let why = try JSON(parsing: try await home.command("why", id, "--json").out)
    #expect(why.texts("$.attempts[*].outcome") == ["rejected"] && why.texts("$.attempts[*].status") == ["400"])
    #expect(why.texts("$.changes[*].kind") == ["added"] && why.text("$.changes[0].state_now") == "open")
    #expect(why.text("$.changes[0].lives") == "1" && !why.text("$.changes[0].first_seen").isEmpty)
    #expect(why.text("$.delivery.subscription") == "telegram|•••300" && why.text("$.rule") == "on: [added]")
    #expect(why.text("$.run.verdict") == "items" && why.texts("$.held_back[*]").isEmpty)
    let status = try JSON(parsing: try await home.command("status", "--json").out)
    #expect(status.text("$.well") == "false")
    #expect(status.texts("$.channels[?@.name=='telegram'].dead") == ["1"])
    #expect(status.text("$.channels[?@.name=='telegram'].last_failure.detail") == "Bad Request: message is too long")

    // Filters only show; with --yes the service beside sends at once.
    world.telegram()
    let shown = try await home.command("outbox", "retry", "--channel", "telegram", "--state", "dead")
    #expect(shown.status == 1 && shown.err.contains("add --yes") && shown.out.contains("would be sent again"))
    #expect(try await home.outbox("--state", "dead").count == 1)
    let done = try await home.command("outbox", "retry", "--channel", "telegram", "--state", "dead", "--yes", "--json")
    #expect(done.status == 0)
    #expect(try JSON(parsing: done.out).text("$.done") == "true")
    try await eventually("the alert", story: { service.log }) { world.deliveredPosts.count == 1 }
    #expect(world.deliveredPosts[0].text.contains(ClinicPage.clock(1)))
    let again = try await home.command("outbox", "retry", id)
    #expect(again.status == 1 && again.err.contains("it would come twice"))
    #expect(try await home.command("status").status == 0)
  }

  @Test func `a snooze, a stop and a resume hold at once in the running service and over its restart`() async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(
      world, subscribers: [ServiceHome.chat("100200300"), ServiceHome.chat("100200401"), ServiceHome.hook])
    let first = try await home.start()
    defer { first.end() }
    let stop = try await home.command("subscriptions", "stop", "telegram/100200300")
    #expect(stop.status == 0 && stop.err.contains("stopped telegram/•••300"), "\(stop)")
    let snooze = try await home.command(
      "subscriptions", "snooze", "telegram/…401", "--until", "1h", "--watch", "paziresh24/dr-sample", "--json")
    #expect(snooze.status == 0, "\(snooze)")
    #expect(try JSON(parsing: snooze.out).text("$.done") == "true")
    world.slots = ["s1": [0, 1]]
    try await eventually("the hook's alert", story: { first.log }) { world.hooks.count == 1 }
    #expect(world.posts.isEmpty)
    let list = try await home.command("subscriptions", "list", "--json").lines.map { try JSON(parsing: $0) }
    #expect(list.map { $0.text("$.state") } == ["stopped", "snoozed", "active"])
    let held = try await home.outbox("--state", "pending")
    #expect(held.count == 1)
    let why = try await home.command("why", held.first?.text("$.id") ?? "")
    #expect(why.out.contains("HELD BACK") && why.out.contains("the recipient's snooze until"), "\(why)")
    #expect(try await home.outbox("--state", "cancelled").map { $0.text("$.reason") } == ["stopped"])

    first.signal(SIGTERM)
    #expect(try await first.exit() == 0)
    let second = try await home.start()
    defer { second.end() }
    world.slots = ["s1": [0, 1, 2]]
    try await eventually("the hook's second alert", story: { second.log }) { world.hooks.count == 2 }
    #expect(world.posts.isEmpty)
    for recipient in ["100200300", "100200401"] {
      #expect(try await home.command("subscriptions", "resume", "telegram/" + recipient).status == 0)
    }
    #expect(try await home.command("subscriptions", "resume", "telegram/100200300").status == 1)
    try await eventually("what was snoozed", story: { second.log }) { world.deliveredPosts.count == 2 }
    #expect(world.deliveredPosts.allSatisfy { $0.chat == "100200401" })
    world.slots = ["s1": [0, 1, 2, 3]]
    try await eventually("both hear again", story: { second.log }) {
      Set(world.deliveredPosts.filter { $0.text.contains(ClinicPage.clock(3)) }.map(\.chat)).count == 2
    }
  }

  @Test func `what waits on a dead channel is dropped by command and never sent`() async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(world)
    let service = try await home.start()
    defer { service.end() }
    world.telegram(then: { _ in ServerResponse.html("<html>down</html>", status: 503) })
    world.slots = ["s1": [0, 1]]
    try await service.logged(" send channel=telegram", "status=503")
    try await eventually("it waits for its retry", story: { service.log }) {
      try await home.command("outbox", "drop", "--channel", "telegram", "--dry-run").status == 0
    }
    try await eventually("it is dropped", story: { service.log }) {
      try await home.command("outbox", "drop", "--channel", "telegram", "--yes").status == 0
    }
    world.telegram()
    world.slots = ["s1": [0, 1, 2]]
    try await eventually("the next alert", story: { service.log }) { world.deliveredPosts.count == 1 }
    #expect(!world.deliveredPosts[0].text.contains(ClinicPage.clock(1)))
    #expect(try await home.outbox("--state", "dropped").map { $0.text("$.reason") } == ["by_operator"])
  }

  @Test func `a mistake is answered with what to type instead, and changes nothing`() async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(world, subscribers: [ServiceHome.chat("100200300", first: "all")])
    let once = try await home.command(["run", "--once"] + world.origins)
    #expect(once.status == 0, "\(once)")
    let id = try #require(try await home.outbox().first).text("$.id")
    let cases: [(words: [String], status: Int32, hint: String)] = [
      (["why", String(id.prefix(9))], 1, "did you mean '\(id)'?"),
      (["why", id + "z"], 1, "did you mean '\(id)'?"),
      (["outbox", "retry", String(id.prefix(9))], 1, "did you mean '\(id)'?"),
      (["outbox", "drop", id], 1, "it has ended already"), (["outbox", "retry", id], 1, "it would come twice"),
      (["outbox", "rety"], 64, "did you mean 'retry'?"), (["outbox"], 64, "actions: list, retry, drop"),
      (["outbox", "retry"], 64, "name IDs, or filters"),
      (["outbox", "drop", id, "--channel", "x"], 64, "can't be mixed"),
      (["outbox", "list", "--state", "ded"], 64, "did you mean 'dead'?"),
      (["outbox", "list", "--channel", "telegran"], 1, "did you mean 'telegram'?"),
      (["outbox", "list", "--watch", "paziresh24/dr-sampel"], 1, "did you mean 'paziresh24/dr-sample'?"),
      (["outbox", "list", "--older-than", "soon"], 64, "write it as 30m"),
      (["outbox", "list", "--yes"], 64, "goes with"),
      (["subscriptions", "snoze"], 64, "did you mean 'snooze'?"), (["subscriptions", "stop"], 64, "CHANNEL/RECIPIENT"),
      (["subscriptions", "snooze", "telegram/100200300"], 64, "needs --until"),
      (["subscriptions", "snooze", "telegram/100200300", "--until", "yesterday"], 64, "write it as 30m"),
      (["subscriptions", "snooze", "telegram/100200300", "--until", "2020-01-01T00:00:00Z"], 64, "is over"),
      (["subscriptions", "stop", "telegran/100200300"], 1, "did you mean 'telegram'?"),
      (["subscriptions", "stop", "telegram/999200300"], 1, "1 end like it: telegram/•••300"),
      (["subscriptions", "stop", "telegram/…999"], 1, "0 recipients"),
      (["subscriptions", "stop", "telegram/100200300", "--watch", "x"], 1, "watches: paziresh24/dr-sample"),
    ]
    let before = try await home.command("status", "--json", "--store", "data/store.db").out
    for entry in cases {
      let result = try await home.command(entry.words)
      #expect(result.status == entry.status, "\(entry.words): \(result)")
      #expect(result.err.contains(entry.hint), "\(entry.words): \(result)")
      #expect(!result.description.contains("\"100200300") && !result.out.contains("100200300"))
    }
    func rest(_ text: String) throws -> [String] { try JSON(parsing: text).texts("$.channels[*]") }
    #expect(try rest(try await home.command("status", "--json").out) == rest(before))
    #expect(try await home.command("subscriptions", "list").out.contains("active"))
  }

  @Test func `commands on a store that is not there or broken say so with the right exit code`() async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(world)
    let commands = [
      ["status"], ["outbox", "list"], ["outbox", "retry", "d_x"], ["outbox", "drop", "d_x"], ["why", "d_x"],
      ["subscriptions", "list"], ["subscriptions", "stop", "telegram/1001"],
    ]
    for words in commands { #expect(try await home.command(words).status == 66, "\(words)") }
    try home.write("no database at all, but long enough to be looked at", to: "data/store.db")
    for words in commands { #expect(try await home.command(words).status == 65, "\(words)") }
  }
}

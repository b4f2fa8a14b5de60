import Engine
import Language
import PluginHost
import SiteSpecs
import TestSupport
import Testing

@testable import Storage

/// Runs that find what was settled are stored by a short way: what they leave behind is what the long way would.
struct QuietRunTests {
  /// Two desks before one site: one that may take the short way, and one that never does.
  private struct Twins {
    var short: ItemDesk
    var long: ItemDesk
    var draw: PageDraw
    var shown: [String: [String: Int]] = [:]
    var quiet = 0

    static let lists = ["a", "b"]

    init(seed: UInt64, items: String) throws {
      short = try ItemDesk(items: items, alert: "useful_for: 1d", first: .summary)
      long = try ItemDesk(items: items, alert: "useful_for: 1d", first: .summary)
      draw = PageDraw(seed: seed)
    }

    /// Slots come, go and cost more; mostly nothing happens at all.
    mutating func change() {
      for list in Twins.lists where Int.random(in: 0..<5, using: &draw) == 0 {
        let id = String(Int.random(in: 1...6, using: &draw))
        switch Int.random(in: 0..<8, using: &draw) {
        case 0: shown[list] = nil
        case 1: shown[list] = [:]
        case 2: shown[list]?[id] = nil
        case 3: shown[list]?[id] = 2
        default: shown[list, default: [:]][id] = 1
        }
      }
    }

    mutating func show() {
      let listed = Twins.lists.filter { shown[$0] != nil }
      let names = listed.map { "\"\($0)\"" }.joined(separator: ",")
      let isBroken = Int.random(in: 0..<12, using: &draw) == 0
      let pages =
        [("/lists", "{\"lists\": [\(names)], \"none\": \(listed.isEmpty)}", 200)]
        + listed.map { list in
          let rows = (shown[list] ?? [:]).sorted { $0.key < $1.key }.map { id, price in
            "{\"id\": \"\(id)\", \"price\": \(price), \"start\": \"2026-10-05T0\(id):00:00Z\"}"
          }
          return ("/list/\(list)", "{\"rows\": [\(rows.joined(separator: ","))]}", isBroken ? 503 : 200)
        }
      for (path, body, status) in pages {
        short.site.set(path, body, status: status)
        long.site.set(path, body, status: status)
      }
    }

    mutating func step() async throws {
      change()
      show()
      // Hours make what `drop` names pass by.
      let wait = [60, 60, 60, 60, 3600, -3600].randomElement(using: &draw) ?? 60
      try await long.store.forgetWhatIsSettled()
      let run = try await short.run(after: .seconds(wait))
      try await long.run(after: .seconds(wait))
      if run.branches.isEmpty, run.verdict == .unchanged { quiet += 1 }
      guard Bool.random(using: &draw) else { return }
      let (heard, expected) = (try await short.hear(), try await long.hear())
      #expect(heard == expected)
    }
  }

  @Test(
    arguments: ["", "settle: 150s", "reopen_after: 10m", "drop: start < now", "track: [price]"],
    1...3 as ClosedRange<UInt64>)
  func `what quiet runs leave behind is what any run would`(_ items: String, _ seed: UInt64) async throws {
    var twins = try Twins(seed: seed, items: items)
    for step in 0..<60 {
      try await twins.step()
      let (short, long) = (try await twins.short.store.known(), try await twins.long.store.known())
      #expect(short == long, "step \(step) of seed \(seed)")
    }
    #expect(twins.quiet > 10, "only \(twins.quiet) runs were quiet")
  }

  @Test func `a quiet run writes no item, and is counted in the row of the one before`() async throws {
    var desk = try ItemDesk()
    try desk.show(["a": ["1", "2", "3"]])
    for _ in 0..<3 { try await desk.run() }
    let written = try await desk.store.table("SELECT max(last_seen_at) FROM items", columns: 1)
    for _ in 0..<5 { try await desk.run() }
    #expect(try await desk.store.table("SELECT max(last_seen_at) FROM items", columns: 1) == written)
    #expect(try await desk.store.state(of: desk.watch.id).items.allSatisfy { $0.lastSeen == desk.now })
    #expect(
      try await desk.store.table("SELECT verdict, repeats FROM runs ORDER BY id", columns: 2) == [
        ["items", "1"], ["unchanged", "7"],
      ])
  }

  @Test func `somebody new is greeted by a run that finds nothing new`() async throws {
    var desk = try ItemDesk(first: .summary)
    try desk.show(["a": ["1"]])
    for _ in 0..<3 { try await desk.run() }
    #expect(try await desk.hear() == ["=a1"])
    desk.watch.subscriptions.append(Subscription(channel: "people", to: "1002", language: "en", first: .summary))
    try await desk.run()
    #expect(try await desk.hear("1002") == ["=a1"])
  }

  @Test func `an edited spec is read by the long way`() async throws {
    var desk = try ItemDesk()
    try desk.show(["a": ["1"]])
    for _ in 0..<3 { try await desk.run() }
    desk.watch.spec = try ItemDesk.spec(id: "$.code")
    let run = try await desk.run()
    #expect(!run.branches.isEmpty)
  }

  @Test func `whoever resumes is greeted anew although nothing has changed`() async throws {
    var desk = try ItemDesk(first: .summary)
    try desk.show(["a": ["1"]])
    for _ in 0..<3 { try await desk.run() }
    _ = try await desk.hear()
    try await desk.store.cancelSubscription("people|1001", watch: desk.watch.id, now: desk.now)
    try await desk.run()
    #expect(try await desk.hear() == ["=a1"])
  }
}

extension Store {
  fileprivate func forgetWhatIsSettled() throws { try db.unsettle(watch: nil) }

  /// All that later runs and people build on, but for what only traces say.
  fileprivate func known() throws -> [[[String?]]] {
    try [
      table(
        "SELECT key, branch, fields, state, since_at, first_seen_at, seen_at, lives FROM items_seen ORDER BY key",
        columns: 8),
      table(
        """
        SELECT branch, last_good_at, rows_hash, verdict, verdict_since_at, gone_in_a_row, is_news, key_rules,
          ignored_drops, noise FROM branches ORDER BY branch
        """, columns: 10),
      table(
        "SELECT watch, site, last_run, last_run_at, last_good_at, verdict, key_fields, next_run_at, interval_ms FROM watch_states",
        columns: 9),
      table(
        """
        SELECT id, watch, site, spec_version, first_started_at, started_at, ended_at, verdict, items, quiet, repeats
        FROM runs ORDER BY id
        """, columns: 11),
      table("SELECT run, branch, verdict, items, detail FROM run_branches ORDER BY run, branch", columns: 5),
      table("SELECT run, kind, item_key, fields, before FROM changes ORDER BY id", columns: 5),
      table("SELECT subscription, kind, state, created_at, expires_at FROM deliveries ORDER BY number", columns: 5),
    ]
  }
}

/// Answers that are the same to the byte.
struct RepetitionTests {
  private static let yaml = """
    site: desk
    title: Desk
    timezone: Asia/Tehran
    steps:
      - step: items
        get: https://desk.example/list
        anchor: $.rows
        rows: { each: "$.rows[*]", fields: { id: $.id, day: { json: $.day, as: date } } }
    items: { key: [id] }
    alert: { title: { en: "New" }, line: { en: "{id} {day}" } }
    """

  private func desk(_ yaml: String = yaml) throws -> ItemDesk {
    var desk = try ItemDesk()
    let (spec, diagnostics) = SpecReader(catalog: Builtins.catalog).readSite(file: "sites/desk.yaml", text: yaml)
    desk.watch = Watch(
      spec: try #require(spec, "\(diagnostics)"), params: [:], every: .seconds(60),
      subscriptions: [Subscription(channel: "people", to: "1001", language: "en", first: .none)])
    return desk
  }

  private func show(_ ids: [String], day: String = "2026-10-05", on desk: ItemDesk, note: String = "") {
    let rows = ids.map { "{\"id\": \"\($0)\", \"day\": \"\(day)\"}" }.joined(separator: ",")
    desk.site.set("/list", "{\"note\": \"\(note)\", \"rows\": [\(rows)]}")
  }

  /// Whether the newest run read its answer: it says by which rows.
  private func hasRead(_ run: RunCommit) -> Bool {
    run.outcomes.contains { $0.trace.text.contains("\"selector\"") }
  }

  @Test func `the same bytes are not read again, and other bytes are`() async throws {
    var desk = try desk()
    show(["1", "2"], on: desk)
    for _ in 0..<2 { #expect(hasRead(try await desk.run())) }
    for _ in 0..<3 {
      let run = try await desk.run()
      #expect(!hasRead(run))
      #expect(run.outcomes.map(\.itemCount) == [2])
    }
    show(["1", "2"], on: desk, note: "other bytes, the same items")
    #expect(hasRead(try await desk.run()))
    #expect(!hasRead(try await desk.run()))
    show(["1", "2", "3"], on: desk)
    #expect(try await desk.run().changes.signs == ["+3"])
    let lives = try await desk.store.state(of: desk.watch.id).items
    #expect(lives.allSatisfy { $0.lastSeen == desk.now })
  }

  @Test func `what a broken page says is read each time`() async throws {
    var desk = try desk()
    desk.site.set("/list", "{}")
    for _ in 0..<4 { #expect(try await desk.run().verdict == .layoutBroken) }
  }

  @Test func `another day is read anew: a date without a year is the nearest one`() async throws {
    var desk = try desk(Self.yaml.replacing("as: date", with: "as: date, format: \"MM-dd\""))
    show(["1"], day: "03-01", on: desk)
    for _ in 0..<2 { #expect(hasRead(try await desk.run())) }
    #expect(!hasRead(try await desk.run()))
    #expect(hasRead(try await desk.run(after: .seconds(86_400))))
  }

  @Test func `rules that ask for the time are asked each time`() async throws {
    var desk = try desk(Self.yaml.replacing("key: [id]", with: "key: [id], keep: \"day >= now\""))
    show(["1"], day: "2030-01-01", on: desk)
    for _ in 0..<5 { #expect(hasRead(try await desk.run())) }
  }
}

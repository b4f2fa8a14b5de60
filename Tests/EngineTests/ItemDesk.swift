@testable import Engine
import Language
import PluginHost
import SiteSpecs
import Storage
import TestSupport

/// A site of lists that a test fills, a store in a file that can be closed and opened again, and somebody who reads what
/// the outbox hands out.
struct ItemDesk {
  let site = DeskSite()
  /// Stands at ``now``: what is stored and what is sent have one clock.
  let time = ManualTime()
  /// Goes on over restarts: an id that comes again is taken for the same delivery.
  private let random = RandomSource.seeded(7)
  let folder: TemporaryFolder
  private(set) var store: Store
  private(set) var executor: WatchExecutor
  var meters: ServiceMeters? {
    get { executor.meters }
    set { executor.meters = newValue }
  }
  var watch: Watch
  var outlets = Outlets(channels: ["people", "ops"], maintainers: [MaintainerTarget(channel: "ops")])
  var now = Instant(seconds: FakeClinic.midnight)

  /// - Parameters:
  ///   - items: More lines under `items:`.
  ///   - alert: More lines under `alert:`.
  init(
    items: String = "", alert: String = "", id: String = "$.id", first: Subscription.First = .none,
    on: Set<Change.Kind> = [.added, .removed, .updated]
  ) throws {
    folder = try TemporaryFolder()
    store = try Store(path: folder.path + "/s.db")
    executor = ItemDesk.executor(site, store, time, random)
    watch = Watch(
      spec: try ItemDesk.spec(items: items, alert: alert, id: id), params: [:], every: .seconds(60),
      subscriptions: [Subscription(channel: "people", to: "1001", language: "en", first: first, on: on)])
    try show([:])
  }

  static func spec(items: String = "", alert: String = "", id: String = "$.id", key: String = "[list, id]") throws
    -> SiteSpec
  {
    let yaml = """
      site: desk
      title: Desk
      timezone: Asia/Tehran
      steps:
        - step: lists
          get: https://desk.example/lists
          anchor: $.lists
          outcomes: [ { empty: { json: $.none, equals: true } } ]
          rows: { each: "$.lists[*]", fields: { list: $ } }
        - step: items
          get: https://desk.example/list/{list}
          anchor: $.rows
          outcomes: [ { unreadable: { json: $.whole, equals: false } } ]
          rows:
            each: "$.rows[*]"
            fields: { id: \(id), price: $.price, start: { json: $.start, as: instant } }
      items:
        key: \(key)
        \(items)
      alert:
        title: { en: "New" }
        line: { en: "{list}{id}" }
        \(alert)
      """
    let (spec, diagnostics) = SpecReader(catalog: Builtins.catalog).readSite(file: "sites/desk.yaml", text: yaml)
    guard let spec else { throw Bench.BadSpec(text: diagnostics.map { "\($0)" }.joined(separator: "\n")) }
    return spec
  }

  private static func executor(_ site: DeskSite, _ store: Store, _ time: ManualTime, _ random: RandomSource)
    -> WatchExecutor
  {
    let runner = WatchRunner(
      catalog: Builtins.catalog, sender: RequestSender(fetcher: site, governor: nil, time: time), time: time,
      userAgent: "test")
    return WatchExecutor(runner: runner, store: store, time: time, random: random, log: .none)
  }

  /// The process ends and starts again.
  mutating func restart() throws {
    // The file is let go with the last reference to its store.
    store = try Store(path: "", mode: .inMemory)
    executor = ItemDesk.executor(site, store, time, random)
    store = try Store(path: folder.path + "/s.db")
    executor = ItemDesk.executor(site, store, time, random)
  }

  /// What the site lists from now on.
  func show(_ lists: KeyValuePairs<String, [String]>) throws {
    site.set(
      "/lists", "{\"lists\": [\(lists.map { "\"\($0.key)\"" }.joined(separator: ","))], \"none\": \(lists.isEmpty)}")
    for (list, ids) in lists { show(list, ids) }
  }

  /// - Parameter fields: More members of each row.
  func show(_ list: String, _ ids: [String], _ fields: String = "\"price\": 1") {
    let rows = ids.map { "{\"id\": \"\($0)\", \"code\": \"c-\($0)\", \(fields)}" }
    site.set("/list/\(list)", "{\"rows\": [\(rows.joined(separator: ","))]}")
  }

  func show(_ list: String, status: Int) { site.set("/list/\(list)", "", status: status) }

  /// One run, a minute after the one before.
  @discardableResult
  mutating func run(after wait: Duration = .seconds(60)) async throws -> RunCommit {
    now = now + wait
    time.setWall(now)
    return try await executor.execute(watch, outlets: outlets, now: now).commit
  }

  /// Everything due for people is sent and accepted.
  ///
  /// - Returns: `+a1`, `-a1`, `~a1`; `=a1` in what is told as open already.
  mutating func hear(_ to: String = "1001") async throws -> [String] {
    var words: [String] = []
    while true {
      let leased = try await store.lease(channel: "people", limit: 10, now: now, until: now + .seconds(60))
      if leased.isEmpty { return words }
      for delivery in leased {
        let attempt = AttemptRecord(
          delivery: delivery.id, attempt: delivery.attempt, startedAt: now, endedAt: now,
          outcome: .delivered(receipt: nil), status: 200, reason: "delivered", detail: nil, nextAt: nil)
        try await store.record([attempt], now: now)
        guard delivery.recipient == to else { continue }
        words += delivery.message.lines.map { ItemDesk.sign($0.change) + $0.text }
      }
    }
  }

  private static func sign(_ kind: Change.Kind?) -> String {
    switch kind {
    case .added: "+"
    case .removed: "-"
    case .updated: "~"
    case nil: "="
    }
  }

  /// State by item, as `a1`.
  func states() async throws -> [String: ItemRecord.State] {
    let records = try await store.state(of: watch.id).items
    return Dictionary(records.map { ($0.item.key.replacing("\u{1F}", with: ""), $0.state) }) { $1 }
  }
}

extension [Change] {
  /// `+a1`, `-a1`, `~a1`, sorted.
  var signs: [String] {
    map { change in
      let sign =
        switch change.kind {
        case .added: "+"
        case .removed: "-"
        case .updated: "~"
        }
      return sign + change.item.key.replacing("\u{1F}", with: "")
    }.sorted()
  }
}

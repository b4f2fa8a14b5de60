import Engine
import Fetchers
import Language
import PluginHost
import Storage

/// A sample run through the engine, beside what its `expected.json` says. Nothing of it can reach a network: the only
/// fetcher there is answers from the case's own files.
struct SampleReplay: Sendable {
  let sample: SampleCase
  let spec: SiteSpec
  let result: RunResult
  /// Without those that `drop` takes away.
  let items: [Item]
  /// Recorded exchanges that the run did not ask for.
  let unused: [String]

  init(_ sample: SampleCase, spec: SiteSpec) async throws {
    self.sample = sample
    self.spec = spec
    // A case without a time is of the day the first ones were made.
    let now = sample.now ?? Instant(seconds: 1_791_232_200)
    let fetcher = try SampleFetcher(sample.exchanges)
    let time = StandingTime(instant: now)
    let runner = WatchRunner(
      catalog: Builtins.catalog, sender: RequestSender(fetcher: fetcher, governor: nil, time: time), time: time,
      userAgent: Configuration.defaultUserAgent)
    let watch = Watch(spec: spec, params: sample.params, every: spec.limits.minInterval, subscriptions: [])
    result = await runner.run(watch, now: now)
    items = SampleReplay.shown(result, spec, now)
    unused = fetcher.unused
  }

  static func shown(_ result: RunResult, _ spec: SiteSpec, _ now: Instant) -> [Item] {
    let context = RenderContext(zone: spec.zone, now: now)
    return result.branches.flatMap(\.items).filter { spec.items.drop?.holds(in: $0.scope, context) != true }
  }

  var differences: [SampleDifference] {
    guard case .object(let expected)? = sample.expected else {
      return [SampleDifference(.file, "expected.json", detail: "there is none, or no object: --update writes one")]
    }
    return SampleComparison(expected: expected, found: ExpectedResult(result, items, spec), spec: spec).differences
      + unanswered
  }

  /// What the run asked for and no file answers: the run ends there, whatever the file expects of it.
  private var unanswered: [SampleDifference] {
    guard !sample.expects("failed") else { return [] }
    return result.trace.filter { $0.failure == .connect }.map { trace in
      SampleDifference(
        .exchange, "\(trace.method) \(trace.url)", detail: "asked by step \(trace.step), and no exchange answers it")
    }
  }

  /// The file as it would be: of an item the fields that it listed before, else all of them.
  var updated: JSON {
    var object: JSONObject
    if case .object(let known)? = sample.expected { object = known } else { object = JSONObject() }
    var fields: [String]?
    if case .array(let old)? = object["items"], case .object(let first)? = old.first {
      fields = first.names.filter { $0 != "key" }
    }
    let found = ExpectedResult(result, items, spec)
    object["verdict"] = .string(found.verdict)
    object["branches"] = .object(found.branches)
    object["items"] = .array(found.items.map { found.json($0, fields) })
    return .object(object)
  }

  /// - Returns: Whether anything was written.
  func update() throws -> Bool {
    let text = updated.prettyText + "\n"
    let path = sample.folder + "/expected.json"
    if Files.exists(path), try Files.text(path) == text { return false }
    try Files.write(text, to: path)
    return true
  }
}

/// A clock that stands at the recording's time.
struct StandingTime: TimeSource {
  var instant: Instant
  func now() -> Instant { instant }
  func uptime() -> Duration { .zero }
  /// Nothing is asked of a site here, so there is nobody to be polite to: a limit's wait is over at once.
  func sleep(for duration: Duration) async throws {}
}

/// What a run came to, in the words of `expected.json`.
struct ExpectedResult: Sendable {
  var verdict: String
  var branches: JSONObject
  var items: [Item]
  /// Why a branch is not good, with the rule that decided.
  var reasons: [String: String]
  private var zone: TimeZoneRules
  private var key: [String]

  init(_ result: RunResult, _ items: [Item], _ spec: SiteSpec) {
    verdict = result.verdict.rawValue
    branches = JSONObject(result.branches.map { ($0.name.text, .string($0.verdict.rawValue)) })
    reasons = result.branches.reduce(into: [:]) { all, branch in
      if let detail = branch.detail { all[branch.name.text] = "\(detail) (\(branch.rule))" }
    }
    self.items = items
    zone = spec.zone
    key = spec.items.key
  }

  /// - Parameter fields: nil for all.
  func json(_ item: Item, _ fields: [String]?) -> JSON {
    var object = JSONObject([("key", .array(key.map { item[$0]?.json(zone: zone) ?? .null }))])
    for name in fields ?? item.fields.map(\.name) { object[name] = item[name]?.json(zone: zone) ?? .null }
    return .object(object)
  }

  func value(_ name: String, of item: Item) -> JSON? { item[name]?.json(zone: zone) }

  func keyJSON(_ item: Item) -> JSON { .array(key.map { item[$0]?.json(zone: zone) ?? .null }) }
}

import Engine
import Fetchers
import Language
import PluginHost
import Storage
import TestSupport

@testable import CLI

/// A sample run through the engine, beside what its `expected.json` says.
struct SampleReplay {
  private let sample: SampleCase
  private let result: RunResult
  private let zone: TimeZoneRules
  private let key: [String]
  private let items: [Item]
  /// Recorded exchanges that the run did not ask for.
  let unused: [String]

  init(_ name: String, root: String = samplesRoot, spec: SiteSpec) async throws {
    sample = try SampleCase(folder: root + "/" + name)
    let now = sample.now ?? Instant(seconds: 1_791_232_200)
    let time = SystemTime()
    let fetcher = try SampleFetcher(sample.exchanges)
    let runner = WatchRunner(
      catalog: Builtins.catalog,
      sender: RequestSender(fetcher: fetcher, governor: nil, time: time), time: time,
      userAgent: "test")
    let watch = Watch(spec: spec, params: sample.params, every: .seconds(60), subscriptions: [])
    result = await runner.run(watch, now: now)
    zone = spec.zone
    key = spec.items.key
    let context = RenderContext(zone: spec.zone, now: now)
    items = result.branches.flatMap(\.items).filter { spec.items.drop?.holds(in: $0.scope, context) != true }
    unused = fetcher.unused
  }

  private static let samplesRoot = packageRoot + "/samples"

  /// One line each, empty where the sample gives what it expects.
  var differences: [String] {
    guard case .object(let expected)? = sample.expected else { return ["expected.json: there is none, or no object"] }
    var lines = compare("verdict", expected["verdict"], .string(result.verdict.rawValue))
    lines += compareMembers("branches", expected["branches"], branches)
    for branch in result.branches where !lines.isEmpty {
      lines.append("  (\(branch.name.text.isEmpty ? "whole site" : branch.name.text): \(branch.detail ?? "no detail"))")
    }
    return lines + compareItems(expected["items"])
  }

  /// Writes what the run gave; of an item the fields that the file listed before, else all of them.
  func update() throws {
    guard case .object(var expected)? = sample.expected else { return }
    var fields: [String]?
    if case .array(let old)? = expected["items"], case .object(let first)? = old.first {
      fields = first.names.filter { $0 != "key" }
    }
    expected["verdict"] = .string(result.verdict.rawValue)
    expected["branches"] = .object(branches)
    expected["items"] = .array(items.map { json($0, fields) })
    try Files.write(JSON.object(expected).prettyText + "\n", to: sample.folder + "/expected.json")
  }

  private var branches: JSONObject {
    JSONObject(result.branches.map { ($0.name.text, .string($0.verdict.rawValue)) })
  }

  private func json(_ item: Item, _ fields: [String]?) -> JSON {
    var object = JSONObject([("key", .array(key.map { item[$0]?.json(zone: zone) ?? .null }))])
    for name in fields ?? item.fields.map(\.name) { object[name] = item[name]?.json(zone: zone) ?? .null }
    return .object(object)
  }

  private func compareItems(_ expected: JSON?) -> [String] {
    guard case .array(let wanted)? = expected else { return ["items: expected.json has no list of items"] }
    var left = Dictionary(grouping: items) { item in keyText(json(item, [])) }
    var lines: [String] = []
    for want in wanted {
      guard case .object(let fields) = want, var found = left[keyText(want)], !found.isEmpty else {
        lines.append("- item \(keyText(want)) is missing")
        continue
      }
      let item = found.removeFirst()
      left[keyText(want)] = found
      for (name, value) in zip(fields.names, fields.values) where name != "key" {
        lines += compare("item \(keyText(want)) \(name)", value, item[name]?.json(zone: zone))
      }
    }
    return lines + left.values.flatMap { $0 }.map { "+ item \(json($0, nil).text) was not expected" }
  }

  private func keyText(_ item: JSON) -> String {
    guard case .object(let object) = item else { return item.text }
    return (object["key"] ?? .null).text
  }

  private func compareMembers(_ what: String, _ expected: JSON?, _ found: JSONObject) -> [String] {
    guard case .object(let wanted)? = expected else { return ["\(what): expected.json has none"] }
    return Set(wanted.names + found.names).sorted().flatMap { compare("\(what) \($0)", wanted[$0], found[$0]) }
  }

  private func compare(_ what: String, _ expected: JSON?, _ found: JSON?) -> [String] {
    expected == found ? [] : ["\(what): expected \(expected?.text ?? "nothing"), found \(found?.text ?? "nothing")"]
  }
}

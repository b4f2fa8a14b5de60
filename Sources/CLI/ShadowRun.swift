import Diagnostics
import Engine
import Fetchers
import Language
import PluginHost
import SiteSpecs

/// An edited spec is run on its samples before it runs on its site: `samples/SITE/*` beside the configuration, offline and
/// in this process.
///
/// What counts is the verdict, of the sample and of each branch that it names. Items may become others: that is what most
/// edits are for, and `slothunter test` shows how.
struct ShadowRun: Sendable {
  enum Finding: Sendable, Hashable {
    /// Nothing to run it on.
    case noSamples
    /// As many samples have their verdict; of `changed` the items are not those expected, and `unanswered` hold no answer
    /// to what the spec asks for now, so they prove nothing.
    case fits(samples: Int, changed: [String], unanswered: [String])
    case breaks([Break])
  }

  /// A sample that reads otherwise than its `expected.json` says.
  struct Break: Sendable, Hashable {
    /// `samples/shop/two-pages`
    var sample: String
    var expected: String
    var found: String
    var branch: String
    var rule: String
    var detail: String?

    var words: String {
      let where_ = branch.isEmpty ? "" : ", branch \(branch)"
      return "\(sample)\(where_): expected \(expected), gives \(found)" + (detail.map { ": \($0)" } ?? "")
    }
  }

  /// `samples`, as seen from where the process runs.
  var folder: String
  /// Reads within a budget: an edited pattern may never end.
  var extraction: ExtractionPool?

  /// A case without a time is of the day the first ones were made.
  private static let usualNow = Instant(seconds: 1_791_232_200)

  /// The folder beside a configuration file.
  static func folder(beside file: String) -> String {
    file.lastIndex(of: "/").map { file[...$0] + "samples" } ?? "samples"
  }

  /// Of every file of a site's samples, for knowing when they have become others.
  func stamps(of site: String) -> [String: FileStamp] {
    var found: [String: FileStamp] = [:]
    func walk(_ path: String, depth: Int) {
      guard depth < 4, Files.isDirectory(path), let names = try? Files.list(path) else { return }
      for name in names {
        found[path + "/" + name] = FileStamp(path + "/" + name)
        walk(path + "/" + name, depth: depth + 1)
      }
    }
    walk(folder + "/" + site, depth: 0)
    return found
  }

  func judge(_ spec: SiteSpec) async -> Finding {
    let home = folder + "/" + spec.id
    let names = Files.isDirectory(home) ? ((try? Files.list(home)) ?? []) : []
    var samples = 0
    var changed: [String] = []
    var unanswered: [String] = []
    var breaks: [Break] = []
    for name in names {
      let path = home + "/" + name
      // A folder that is no recording, or says nothing of what to expect, proves nothing.
      guard Files.isDirectory(path), let sample = try? SampleCase(folder: path),
        case .object(let expected)? = sample.expected, let result = await run(spec, sample)
      else { continue }
      if result.trace.contains(where: { $0.failure == .connect }), expected["verdict"] != .string("failed") {
        unanswered.append(path)
        continue
      }
      samples += 1
      let found = ShadowRun.breaks(result, expected, path)
      if let first = found.first {
        breaks.append(first)
      } else if !ShadowRun.hasAsMany(result, spec, sample, expected) {
        changed.append(path)
      }
    }
    if samples == 0, unanswered.isEmpty { return .noSamples }
    return breaks.isEmpty ? .fits(samples: samples, changed: changed, unanswered: unanswered) : .breaks(breaks)
  }

  private func run(_ spec: SiteSpec, _ sample: SampleCase) async -> RunResult? {
    guard let fetcher = try? SampleFetcher(sample.exchanges) else { return nil }
    let time = SystemTime()
    let runner = WatchRunner(
      catalog: Builtins.catalog, sender: RequestSender(fetcher: fetcher, governor: nil, time: time), time: time,
      userAgent: Configuration.defaultUserAgent, extraction: extraction)
    let watch = Watch(spec: spec, params: sample.params, every: spec.limits.minInterval, subscriptions: [])
    return await runner.run(watch, now: sample.now ?? ShadowRun.usualNow)
  }

  private static func breaks(_ result: RunResult, _ expected: JSONObject, _ path: String) -> [Break] {
    var wanted: [(branch: String, verdict: String)] = []
    if case .object(let branches)? = expected["branches"] {
      for (name, value) in zip(branches.names, branches.values) {
        wanted.append((name, Value(json: value).plainText))
      }
    }
    if case .string(let verdict)? = expected["verdict"], verdict != result.verdict.rawValue {
      let worst = result.branches.max { $0.verdict < $1.verdict }
      return [
        Break(
          sample: path, expected: verdict, found: result.verdict.rawValue, branch: worst?.name.text ?? "",
          rule: worst?.rule ?? "", detail: worst?.detail)
      ]
    }
    return wanted.compactMap { name, verdict in
      let branch = result.branches.first { $0.name.text == name }
      guard branch?.verdict.rawValue != verdict else { return nil }
      return Break(
        sample: path, expected: verdict, found: branch?.verdict.rawValue ?? "no such branch", branch: name,
        rule: branch?.rule ?? "", detail: branch?.detail)
    }
  }

  /// Whether it gives as many items as expected: more would be told than the verdict is asked for by ``SampleCase``.
  private static func hasAsMany(
    _ result: RunResult, _ spec: SiteSpec, _ sample: SampleCase, _ expected: JSONObject
  ) -> Bool {
    guard case .array(let items)? = expected["items"] else { return true }
    let context = RenderContext(zone: spec.zone, now: sample.now ?? ShadowRun.usualNow)
    let found = result.branches.flatMap(\.items).filter { spec.items.drop?.holds(in: $0.scope, context) != true }
    return found.count == items.count
  }
}

extension ShadowRun {
  /// Why a version that breaks samples is not taken up, at the place of the rule that decided.
  static func refusal(of spec: SiteSpec, for breaks: [Break]) -> Diagnostic {
    let places = SpecPlaces(file: spec.file, bytes: Array(spec.text.utf8))
    let first = breaks.first
    let place = first.flatMap { places.nearest($0.rule) } ?? SpecLocation(file: spec.file, line: 1, column: 1)
    let others = breaks.count > 1 ? " (and \(breaks.count - 1) more)" : ""
    return Diagnostic(
      at: place, keyPath: first?.rule ?? "",
      "valid, but it no longer reads what the running version reads: \(first?.words ?? "")\(others)",
      help: "mend it, or mend the sample (`slothunter test \(spec.id)`); SIGHUP takes it up as it is",
      excerpt: spec.text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(place.line - 1).first
        .map(String.init))
  }
}

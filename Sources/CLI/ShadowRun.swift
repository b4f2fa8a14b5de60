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

  /// - Parameter running: The version that runs: what it reads otherwise too is no fault of the new one. A sample of a break,
  ///   or of a layout that is gone, must not refuse every later edit.
  func judge(_ spec: SiteSpec, against running: SiteSpec? = nil) async -> Finding {
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
        case .object(let expected)? = sample.expected, let replay = await replay(sample, spec)
      else { continue }
      if replay.result.trace.contains(where: { $0.failure == .connect }), expected["verdict"] != .string("failed") {
        unanswered.append(path)
        continue
      }
      samples += 1
      if let first = ShadowRun.breaks(replay, expected).first {
        if let running, let before = await self.replay(sample, running), !ShadowRun.breaks(before, expected).isEmpty {
          continue
        }
        breaks.append(first)
      } else if case .array(let items)? = expected["items"], items.count != replay.items.count {
        // As many are enough here: which ones, `slothunter test` compares.
        changed.append(path)
      }
    }
    if samples == 0, unanswered.isEmpty { return .noSamples }
    return breaks.isEmpty ? .fits(samples: samples, changed: changed, unanswered: unanswered) : .breaks(breaks)
  }

  private func replay(_ sample: SampleCase, _ spec: SiteSpec) async -> SampleReplay? {
    try? await SampleReplay(sample, spec: spec, extraction: extraction)
  }

  /// Of what the file says of verdicts; branches that it does not name are new ones.
  private static func breaks(_ replay: SampleReplay, _ expected: JSONObject) -> [Break] {
    let result = replay.result
    let differences = SampleComparison(
      expected: expected, found: ExpectedResult(result, replay.items, replay.spec), spec: replay.spec
    ).verdictDifferences
    return differences.compactMap { difference in
      guard case .string(let wanted)? = difference.expected else { return nil }
      let branch =
        difference.kind == .verdict
        ? result.branches.max { $0.verdict < $1.verdict } : result.branches.first { $0.name.text == difference.subject }
      return Break(
        sample: replay.sample.folder, expected: wanted,
        found: difference.found.map { Value(json: $0).plainText } ?? "no such branch",
        branch: branch?.name.text ?? difference.subject, rule: branch?.rule ?? "", detail: branch?.detail)
    }
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

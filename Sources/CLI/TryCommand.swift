import Diagnostics
import Engine
import Fetchers
import Language
import PluginHost
import Storage

/// Runs a watch now and stores nothing: for trying a spec.
struct TryCommand: Command {
  static let name = "try"
  static let summary = "run a site, a link or a watch now, without storing anything"
  static let synopsis = "SITE|LINK|WATCH"
  static let discussion = """
    Prints each request with its outcome, each branch with its verdict, and the typed items. With --json, one item a
    line and then {"verdict": …, "items": N, …}. Exit code 0 when the verdict is good, else 1.

    EXAMPLES
      slothunter try paziresh24 --param slug=دکتر-نمونه
      slothunter try https://www.paziresh24.com/dr/دکتر-نمونه/
      slothunter try paziresh24 --from samples/paziresh24/with-slots
    """
  static let flags = [
    Flag("--param", "NAME=VALUE", repeats: true, "a parameter of the site"),
    Flag("--from", "DIR", "answer from a recording (a folder under samples/) instead of the network"),
    Flag("--now", "INSTANT", "evaluate as of another time, for recordings: 2026-10-06T00:00:00+03:30"),
    CommonFlags.origin, CommonFlags.config, CommonFlags.json,
  ]

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    guard arguments.positionals.count == 1, let target = arguments.positionals.first else {
      throw CommandFailure(.usage, "one SITE, LINK or WATCH is needed")
    }
    let workspace = try Workspace.sites(arguments)
    var sample: SampleCase?
    if let folder = arguments["--from"] { sample = try SampleCase(folder: folder) }
    let given = try parameters(arguments.all("--param")).merging(sample?.params ?? [:]) { mine, _ in mine }
    let watch = try workspace.watch(target, params: given)
    let now = try arguments["--now"].map { try instant($0, zone: watch.spec.zone) } ?? sample?.now
    let time = SystemTime()
    let fetcher: any Fetcher =
      if let sample { try SampleFetcher(sample.exchanges) } else {
        try Network.fetcher(arguments, workspace.configuration)
      }
    let governor = sample == nil ? OriginGovernor(time: time) : nil
    let runner = WatchRunner(
      catalog: Builtins.catalog, sender: RequestSender(fetcher: fetcher, governor: governor, time: time), time: time,
      userAgent: workspace.configuration?.userAgent ?? Configuration.defaultUserAgent)
    terminal.progress("reading \(watch.id) …")
    let result = await runner.run(watch, now: now ?? time.now())
    terminal.clearProgress()
    let report = TryReport(watch: watch, result: result, now: now ?? time.now())
    if arguments.has("--json") { report.printJSON(terminal) } else { report.print(terminal) }
    return result.verdict.isGood ? .success : .negative
  }

  static func parameters(_ pairs: [String]) throws(CommandFailure) -> [String: String] {
    var params: [String: String] = [:]
    for pair in pairs {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, !parts[0].isEmpty else {
        throw CommandFailure(.usage, "--param takes NAME=VALUE, not '\(pair)'")
      }
      // As in a link or a file, so that one thing is one watch however it is named.
      guard let value = LinkPattern.canonicalValue(parts[1]) else {
        throw CommandFailure(.usage, "'\(parts[1])' can be no value of \(parts[0])")
      }
      params[parts[0]] = value
    }
    return params
  }

  static func instant(_ text: String, zone: TimeZoneRules) throws(CommandFailure) -> Instant {
    let context = RenderContext(zone: zone, now: Instant(seconds: 0))
    guard case .instant(let instant)? = try? TypeSpec(.instant).convert(.text(text), context) else {
      throw CommandFailure(.usage, "'\(text)' is no time", help: "write it as 2026-10-06T09:00:00+03:30")
    }
    return instant
  }
}

import Engine
import Fetchers
import Language
import PluginHost

/// One run of what `try` was asked for.
struct TryRun {
  var watch: Watch
  var result: RunResult
  var now: Instant
  var trace: TryTrace?
  var userAgent: String

  /// - Parameter workspace: Loaded anew for each run of `--watch`.
  static func make(_ target: String, _ arguments: Arguments, _ workspace: Workspace, _ terminal: Terminal) async throws
    -> TryRun
  {
    var sample: SampleCase?
    if let folder = arguments["--from"] { sample = try SampleCase(folder: folder) }
    let given = try TryCommand.parameters(arguments.all("--param")).merging(sample?.params ?? [:]) { mine, _ in mine }
    let watch = try workspace.watch(target, params: given)
    let now = try arguments["--now"].map { try TryCommand.instant($0, zone: watch.spec.zone) } ?? sample?.now
    let time = SystemTime()
    let fetcher: any Fetcher =
      if let sample { try SampleFetcher(sample.exchanges) } else {
        try Network.fetcher(arguments, workspace.configuration)
      }
    let governor = sample == nil ? OriginGovernor(time: time) : nil
    let trace = arguments.has("--trace") ? TryTrace() : nil
    let userAgent = workspace.configuration?.userAgent ?? Configuration.defaultUserAgent
    let runner = WatchRunner(
      catalog: Builtins.catalog, sender: RequestSender(fetcher: fetcher, governor: governor, time: time), time: time,
      userAgent: userAgent, witness: trace?.witness)
    terminal.progress("reading \(watch.id) …")
    let result = await runner.run(watch, now: now ?? time.now())
    terminal.clearProgress()
    return TryRun(watch: watch, result: result, now: now ?? time.now(), trace: trace, userAgent: userAgent)
  }

  var report: TryReport { TryReport(watch: watch, result: result, now: now, trace: trace?.answers() ?? []) }
}

import Diagnostics
import Engine
import Language
import PluginHost

/// Runs a watch now and stores nothing: for trying a spec.
struct TryCommand: Command {
  static let name = "try"
  static let summary = "run a site, a link or a watch now, without storing anything"
  static let synopsis = "SITE|LINK|WATCH"
  static let discussion = """
    Prints each request with its outcome, each branch with its verdict, and the typed items. With --json, one item a
    line and then {"verdict": …, "items": N, …}. Exit code 0 when the verdict is good, else 1.

    --trace shows how each answer was read: outcomes tried, matches of each selector, the stages of each field's first
    value. --diff compares with the stored snapshot: what would be told, and to whom. --watch runs again at each save.

    EXAMPLES
      slothunter try paziresh24 --param slug=دکتر-نمونه
      slothunter try https://www.paziresh24.com/dr/دکتر-نمونه/
      slothunter try paziresh24 --from samples/paziresh24/with-slots
      slothunter try paziresh24 --from samples/paziresh24/with-slots --trace
      slothunter try sites/paziresh24.yaml --from samples/paziresh24/with-slots --watch
      slothunter try paziresh24/دکتر-نمونه --diff
    """
  static let flags = [
    Flag("--param", "NAME=VALUE", repeats: true, "a parameter of the site"),
    Flag("--from", "DIR", "answer from a recording (a folder under samples/) instead of the network"),
    Flag("--now", "INSTANT", "evaluate as of another time, for recordings: 2026-10-06T00:00:00+03:30"),
    Flag("--trace", "show how each answer was read, selector by selector"),
    Flag("--diff", "compare with the stored snapshot: what would be told, to whom; stores and sends nothing"),
    Flag("--watch", "with --from: run again at each save of the spec or the recording, and print what changed"),
    CommonFlags.origin, CommonFlags.config, CommonFlags.store, CommonFlags.json,
  ]

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    guard arguments.positionals.count == 1, let target = arguments.positionals.first else {
      throw CommandFailure(.usage, "one SITE, LINK or WATCH is needed")
    }
    if arguments.has("--watch") {
      return try await TryWatch(target: target, arguments: arguments, terminal: terminal).run()
    }
    let workspace = try Workspace.sites(arguments)
    // First: a store that is not there must not cost the site a request.
    let store = try arguments.has("--diff") ? StoreAccess.open(arguments, mode: .readOnly) : nil
    let run = try await TryRun.make(target, arguments, workspace, terminal)
    if arguments.has("--json") { run.report.printJSON(terminal) } else { run.report.print(terminal) }
    if let store {
      try await TryDifference(run: run, workspace: workspace).print(store, json: arguments.has("--json"), terminal)
    }
    return run.result.verdict.isGood ? .success : .negative
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

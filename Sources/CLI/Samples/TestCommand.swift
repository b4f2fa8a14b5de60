import Engine
import Language
import PluginHost

/// Replays the samples: does every spec still read what was recorded as it did?
struct TestCommand: Command {
  static let name = "test"
  static let summary = "replay the samples offline and compare"
  static let synopsis = "[SITE[/CASE]…]"
  static let discussion = """
    Runs each recording under samples/ through its site's spec, with no network, and compares verdicts and typed items
    with expected.json. A difference is told with the item, the field, what was expected (-) and found (+), and the
    selector that read it. Exit code 0 when all are alike, 1 when one is not, 2 when a spec can't be read.

    --update writes expected.json anew and exits 1 where it did: read the diff, then run again.

    EXAMPLES
      slothunter test
      slothunter test paziresh24 doctuo/two-windows
      slothunter test --filter sold-out
      slothunter test paziresh24 --update && echo nothing changed
      slothunter test --junit build/samples.xml
    """
  static let flags = [
    Flag("--filter", "TEXT", "only cases whose name holds it"),
    Flag("--update", "write expected.json as it is now; exits 1 where that changed a file"),
    Flag("--samples", "DIR", "the folder of the samples (default: samples beside the configuration)"),
    Flag("--junit", "FILE", "write the results as JUnit XML too"),
    CommonFlags.config, CommonFlags.json,
  ]

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let isUpdate = arguments.has("--update")
    if isUpdate, arguments.has("--json") || arguments["--junit"] != nil {
      throw CommandFailure(
        .usage,
        "--update compares nothing, so there is no result for \(arguments.has("--json") ? "--json" : "--junit")",
        help: "update, read the diff, then test again")
    }
    let workspace = try Workspace.sites(arguments)
    let finder = SampleFinder(root: SampleFolder.root(arguments), workspace: workspace)
    let cases = try finder.cases(arguments.positionals, filter: arguments["--filter"])
    guard !cases.isEmpty else {
      throw CommandFailure(.noInput, "no sample fits", help: "samples are in \(finder.root)")
    }
    if isUpdate { return try await update(cases, terminal) }
    let start = SystemTime().uptime()
    let outcomes = try await SampleSuite.run(cases)
    let report = SampleReport(outcomes: outcomes, elapsed: SystemTime().uptime() - start)
    if let file = arguments["--junit"] { try Files.write(report.junit, to: file) }
    if arguments.has("--json") { report.printJSON(terminal) } else { report.print(terminal) }
    return outcomes.allSatisfy(\.passed) ? .success : .negative
  }

  private static func update(_ cases: [SampleFinder.Case], _ terminal: Terminal) async throws -> ExitCode {
    var (written, unread) = (0, 0)
    for entry in cases {
      let replay: SampleReplay
      do {
        replay = try await entry.replay()
      } catch let failure as CommandFailure {
        unread += 1
        terminal.err("\(entry.name): can't be read: \(failure.message)")
        continue
      }
      guard try replay.update() else { continue }
      written += 1
      terminal.out("rewritten: \(entry.folder)/expected.json")
    }
    guard written > 0 else {
      guard unread == 0 else { return .negative }
      terminal.out("\(cases.count) samples are as expected; nothing was written")
      return .success
    }
    terminal.err(
      "\(written) rewritten; read the diff (git diff \(cases.count == 1 ? cases[0].folder : "samples")), run again"
    )
    return .negative
  }
}

/// Where samples are.
enum SampleFolder {
  static func root(_ arguments: Arguments) -> String {
    if let given = arguments["--samples"] { return given.hasSuffix("/") ? String(given.dropLast()) : given }
    return ShadowRun.folder(beside: arguments["--config"] ?? Workspace.defaultFile)
  }
}

import Diagnostics
import SiteSpecs

/// Is everything valid? Reads, and touches nothing unless `--fix` says so.
struct CheckCommand: Command {
  static let name = "check"
  static let summary = "is every spec and the configuration valid? touches nothing"
  static let synopsis = "[PATH…]"
  static let discussion = """
    Without PATH: slothunter.yaml and everything it names. A PATH is a file or a folder of files; what a file is, its
    keys say (site:, notifier:, else a configuration). Prints every problem of every file. Exit code 0 or 2; warnings
    are 0, with --strict 2. Codes, remarks that allow one, and CI: docs/diagnostics.md.

    EXAMPLES
      slothunter check
      slothunter check sites/paziresh24.yaml
      slothunter check --no-secrets --strict --sarif > slothunter.sarif
      slothunter check --fix --dry-run sites
    """
  static let flags = [
    CommonFlags.config, CommonFlags.noSecrets, CommonFlags.json,
    Flag("--sarif", "print one SARIF 2.1.0 log, for CI and code hosts"),
    Flag("--strict", "exit with 2 for warnings too"),
    Flag("--fix", "write what is mechanical into the files, and print the changes"),
    Flag("--dry-run", "with --fix: print the changes and write nothing"),
  ]

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    if arguments.has("--json"), arguments.has("--sarif") {
      throw CommandFailure(.usage, "--json and --sarif exclude each other")
    }
    if arguments.has("--dry-run"), !arguments.has("--fix") {
      throw CommandFailure(.usage, "--dry-run needs --fix", help: "check alone touches nothing")
    }
    var check = CheckRun(ignoresSecrets: arguments.has("--no-secrets"))
    try await check.run(arguments)
    if arguments.has("--fix") {
      let changed = try CheckFix(
        isDry: arguments.has("--dry-run"), ignoresSecrets: arguments.has("--no-secrets"),
        tell: arguments.has("--json") || arguments.has("--sarif") ? { terminal.err($0) } : { terminal.out($0) }
      ).run(check)
      if changed, !arguments.has("--dry-run") {
        check = CheckRun(ignoresSecrets: arguments.has("--no-secrets"))
        try await check.run(arguments)
      }
    }
    report(check, arguments, terminal)
    let isRefused = check.list.hasErrors || arguments.has("--strict") && !check.list.isEmpty
    return isRefused ? .invalid : .success
  }

  private static func report(_ check: CheckRun, _ arguments: Arguments, _ terminal: Terminal) {
    if arguments.has("--json") {
      for diagnostic in check.list.sorted { terminal.out(diagnostic.json.text) }
    } else if arguments.has("--sarif") {
      terminal.out(SARIFLog(check.list.sorted).json.prettyText)
    } else {
      for diagnostic in check.list.sorted { terminal.show(diagnostic) }
      let count = "\(check.files) file\(check.files == 1 ? "" : "s")"
      terminal.out(check.list.isEmpty ? "\(count) checked, no problem" : "\(count) checked: \(check.list.summary)")
    }
  }
}

extension Terminal {
  /// A diagnostic has made itself harmless, and isolates Persian by marks that ``harmless(_:)`` would take.
  func show(_ diagnostic: Diagnostic) { put(diagnostic.rendered(colour: colour) + "\n\n", 1) }
}

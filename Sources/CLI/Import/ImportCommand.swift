import Diagnostics
import Language
import PluginHost
import Storage

/// Brings the jobs of another program over.
struct ImportCommand: Command {
  static let name = "import"
  static let summary = "bring job files of urlwatch or webchanges, or a P24_SlotHunter database or config, over"
  static let synopsis = "FILE…"
  static let discussion = """
    Writes sites/*.yaml and slothunter.yaml into a new folder, and reports every key that was not carried over with its
    place and what to do instead. What a file is, it says itself; --from says it where it does not. Secrets become
    ${NAME}: their values are neither written nor printed. Nothing that is there is overwritten. A folder that is not
    below this one (--out ../x) names the shipped sites and notifiers by their whole path.

    EXAMPLES
      slothunter import urls.yaml urlwatch.yaml
      slothunter import jobs.yaml --out from-webchanges --json
      slothunter import slothunter.db config.yaml --from p24
    """
  static let flags = [
    Flag("--out", "DIR", "write there (default: imported)"),
    Flag("--from", "KIND", "urlwatch, webchanges or p24 (default: what the files say)"), CommonFlags.json,
  ]

  private enum Origin: String, CaseIterable { case urlwatch, webchanges, p24 }

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    guard !arguments.positionals.isEmpty else { throw CommandFailure(.usage, "at least one FILE is needed") }
    let origin = arguments["--from"].flatMap(Origin.init(rawValue:))
    if let given = arguments["--from"], origin == nil {
      throw CommandFailure(
        .usage, "--from takes no '\(given)'",
        help: Suggestion.text(given, Origin.allCases.map(\.rawValue), "programs"))
    }
    var imported = Imported()
    var report = ImportReport()
    var parts: [ForeignFile.Part] = []
    for file in arguments.positionals {
      let bytes = try Files.read(file)
      if bytes.starts(with: Array("SQLite format 3".utf8)) {
        try P24Import.take(database: file, into: &imported, &report)
        continue
      }
      let foreign = ForeignFile(file: file, bytes: bytes)
      if let problem = foreign.problems.first { throw CommandFailure(.invalid, problem.withoutSecrets.rendered()) }
      guard !foreign.parts.isEmpty else { throw CommandFailure(.invalid, "\(file): nothing to import in it") }
      parts += foreign.parts
    }
    try take(parts, origin, into: &imported, &report)
    guard !imported.watches.isEmpty || !imported.sites.isEmpty else {
      show(report, arguments, terminal)
      throw CommandFailure(.negative, "nothing could be carried over, and nothing was written")
    }
    report.written = try ImportFiles(folder: arguments["--out"] ?? "imported").write(imported)
    show(report, arguments, terminal)
    return .success
  }

  private static func show(_ report: ImportReport, _ arguments: Arguments, _ terminal: Terminal) {
    if arguments.has("--json") { terminal.out(report.json.text) } else { report.print(terminal) }
  }

  /// Who is told first: it holds for every job.
  private static func take(
    _ parts: [ForeignFile.Part], _ origin: Origin?, into imported: inout Imported, _ report: inout ImportReport
  ) throws {
    var notify: [String] = []
    var jobs: [ForeignFile.Part] = []
    for part in parts {
      if origin == .p24 || origin == nil && P24Import.isConfiguration(part.value) {
        P24Import.take(part, into: &imported, &report)
      } else if ["url", "navigate", "command"].contains(where: { part.value[$0] != nil }) {
        jobs.append(part)
      } else if ["report", "display", "job_defaults", "differ_defaults"].contains(where: { part.value[$0] != nil }) {
        var reporters = ReporterImport(part)
        reporters.take(into: &imported, &report)
        notify += reporters.notify
      } else {
        report.jobs += 1
        let name = part.value.names.first ?? "document"
        report.leave(part.place(name), name, "this is no job: a job has `url`, `navigate` or `command`")
      }
    }
    for part in jobs {
      var job = JobImport(part)
      job.take(into: &imported, &report, notify: notify)
    }
  }
}

extension Diagnostic {
  /// The line of a foreign file may hold anything: only its place is told.
  fileprivate var withoutSecrets: Diagnostic {
    var diagnostic = self
    diagnostic.excerpt = nil
    return diagnostic
  }
}

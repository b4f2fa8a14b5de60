import Diagnostics
import Engine
import Language
import PluginHost
import SiteSpecs

/// Is everything valid? Reads, touches nothing.
struct CheckCommand: Command {
  static let name = "check"
  static let summary = "is every spec and the configuration valid? touches nothing"
  static let synopsis = "[PATH…]"
  static let discussion = """
    Without PATH: slothunter.yaml and everything it names. A PATH is a file or a folder of files; what a file is, its
    first key says (site:, notifier:, else a configuration). Prints every problem of every file. Exit code 0 or 2.

    EXAMPLES
      slothunter check
      slothunter check sites/paziresh24.yaml
      slothunter check --no-secrets --json
    """
  static let flags = [CommonFlags.config, CommonFlags.noSecrets, CommonFlags.json]

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    var list = DiagnosticList()
    var files = 0
    if arguments.positionals.isEmpty {
      let file = arguments["--config"] ?? Workspace.defaultFile
      guard Files.exists(file) else {
        throw CommandFailure(.noInput, "there is no \(file) here", help: "name what to check: slothunter check sites/")
      }
      try check(file, arguments, &list, &files)
    }
    for path in arguments.positionals {
      for file in try expand(path) { try check(file, arguments, &list, &files) }
    }
    report(list, files, arguments, terminal)
    return list.hasErrors ? .invalid : .success
  }

  private static func expand(_ path: String) throws(CommandFailure) -> [String] {
    guard Files.exists(path) else { throw CommandFailure(.noInput, "\(path): there is no such file or folder") }
    guard Files.isDirectory(path) else { return [path] }
    let files = try Files.list(path).filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.map { path + "/" + $0 }
    guard !files.isEmpty else { throw CommandFailure(.noInput, "\(path): no YAML file in it") }
    return files
  }

  private static func check(
    _ file: String, _ arguments: Arguments, _ list: inout DiagnosticList, _ files: inout Int
  ) throws(CommandFailure) {
    let bytes = try Files.read(file)
    let reader = SpecReader(
      catalog: Builtins.catalog, environment: Workspace.environment, ignoresSecrets: arguments.has("--no-secrets"))
    switch kind(bytes) {
    case .site:
      files += 1
      for diagnostic in reader.readSite(file: file, bytes: bytes).diagnostics { list.append(diagnostic) }
    case .notifier:
      files += 1
      for diagnostic in reader.readNotifier(file: file, bytes: bytes).diagnostics { list.append(diagnostic) }
    case .configuration:
      let workspace = Workspace.load(file, ignoresSecrets: arguments.has("--no-secrets"))
      files += workspace.paths.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.count
      for diagnostic in workspace.diagnostics { list.append(diagnostic) }
    }
  }

  private enum Kind { case site, notifier, configuration }

  /// By the first top-level key that tells; anything that tells nothing is taken for a configuration.
  private static func kind(_ bytes: [UInt8]) -> Kind {
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      if line.hasPrefix("site:") { return .site }
      if line.hasPrefix("notifier:") { return .notifier }
      for key in ["sites:", "notifiers:", "channels:", "watches:", "store:"] where line.hasPrefix(key) {
        return .configuration
      }
      if line.hasPrefix("steps:") { return .site }
      if line.hasPrefix("send:") { return .notifier }
    }
    return .configuration
  }

  private static func report(_ list: DiagnosticList, _ files: Int, _ arguments: Arguments, _ terminal: Terminal) {
    if arguments.has("--json") {
      for diagnostic in list.sorted { terminal.out(json(diagnostic).text) }
      return
    }
    for diagnostic in list.sorted { terminal.out(diagnostic.rendered(colour: terminal.colour) + "\n") }
    let count = "\(files) file\(files == 1 ? "" : "s")"
    terminal.out(list.isEmpty ? "\(count) checked, no problem" : "\(count) checked: \(list.summary)")
  }

  private static func json(_ diagnostic: Diagnostic) -> JSON {
    .object(
      JSONObject([
        ("severity", .string(diagnostic.severity.rawValue)), ("code", .text(diagnostic.code?.rawValue)), ("file", .string(diagnostic.location.file)),
        ("line", .integer(Int64(diagnostic.location.line))), ("column", .integer(Int64(diagnostic.location.column))),
        ("key_path", .string(diagnostic.keyPath)), ("message", .string(diagnostic.message)),
        ("help", diagnostic.help.map(JSON.string) ?? .null),
        (
          "notes",
          .array(
            diagnostic.notes.map { note in
              .object(
                JSONObject([
                  ("message", .string(note.message)), ("at", .text(note.location?.description)),
                ]))
            })
        ),
      ]))
  }
}

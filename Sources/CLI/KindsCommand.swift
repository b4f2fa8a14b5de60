import Engine
import Language
import PluginHost

/// What can be written where a spec asks for a kind.
struct KindsCommand: Command {
  static let name = "kinds"
  static let summary = "list what specs can use: selectors, documents, types, filters, formats, notifiers"
  static let synopsis = ""
  static let flags = [CommonFlags.config, CommonFlags.json]

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    guard arguments.positionals.isEmpty else { throw CommandFailure(.usage, "kinds takes no argument") }
    let catalog = Builtins.catalog
    let groups: [(String, [(String, String)])] = [
      ("selectors", catalog.extractors.map { (type(of: $0).kind, type(of: $0).summary) }),
      ("documents", catalog.readers.map { (type(of: $0).kind.rawValue, "") }),
      ("types", ValueType.allCases.filter { $0 != .unknown }.map { ($0.rawValue, "") }),
      ("filters", FilterChain.catalog.map { ($0.name, $0.summary) }),
      ("verdicts", Verdict.allCases.map { ($0.rawValue, "") }),
      ("notifier outcomes", NotifierOutcomeRule.Outcome.allCases.map { ($0.rawValue, "") }),
      ("message formats", catalog.formats.map { (type(of: $0).kind, type(of: $0).summary) }),
      ("fetchers", catalog.fetchers.map { ($0.kind, $0.summary) }),
      ("notifiers", try notifiers(arguments).map { ($0.id, takes($0)) }),
    ]
    if arguments.has("--json") {
      let json = groups.map { name, kinds in
        (name, JSON.object(JSONObject(kinds.map { ($0.0, JSON.string($0.1)) })))
      }
      terminal.out(JSON.object(JSONObject(json)).text)
      return .success
    }
    for (name, kinds) in groups {
      terminal.out(terminal.styled(name, .bold))
      terminal.table(kinds.map { $0.1.isEmpty ? ["  " + $0.0] : ["  " + $0.0, $0.1] })
      terminal.out("")
    }
    return .success
  }

  /// Those of the configuration here; none where there is no configuration, as everything else is known without one.
  private static func notifiers(_ arguments: Arguments) throws(CommandFailure) -> [NotifierSpec] {
    let file = arguments["--config"] ?? Workspace.defaultFile
    guard Files.exists(file) else {
      guard arguments["--config"] == nil else { throw CommandFailure(.noInput, "there is no \(file)") }
      return []
    }
    let known = Workspace.load(file, ignoresSecrets: true).configuration?.notifiers ?? []
    return known.sorted { $0.id < $1.id }
  }

  /// `token (required, secret), api`, and the recipient's name.
  private static func takes(_ notifier: NotifierSpec) -> String {
    let options = notifier.options.options.map { option in
      let traits = (option.required ? ["required"] : []) + (option.secret ? ["secret"] : [])
      return traits.isEmpty ? option.name : "\(option.name) (\(traits.joined(separator: ", ")))"
    }
    let taken = options.isEmpty ? "takes no options" : "takes " + options.joined(separator: ", ")
    return taken + (notifier.takesRecipient ? "; to: \(notifier.recipientName)" : "")
  }
}

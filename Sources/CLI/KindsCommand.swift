import Engine
import Language
import PluginHost

/// What can be written where a spec asks for a kind.
struct KindsCommand: Command {
  static let name = "kinds"
  static let summary = "list what specs can use: selectors, documents, types, filters, formats"
  static let synopsis = ""
  static let flags = [CommonFlags.json]

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
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
      terminal.table(kinds.map { ["  " + $0.0, $0.1] })
      terminal.out("")
    }
    return .success
  }
}

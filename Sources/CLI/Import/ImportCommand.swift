struct ImportCommand: Command {
  static let name = "import"
  static let summary = "x"
  static let synopsis = ""
  static let flags: [Flag] = []
  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode { .success }
}

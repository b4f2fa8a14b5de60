import Engine

/// Shows what SlotHunter does, to somebody who has just cloned it.
struct DemoCommand: Command {
  static let name = "demo"
  static let summary = "the pipeline on recorded sites, on loopback"
  static let synopsis = ""
  static let discussion = """
    Serves recordings from samples/ as the two sites, with stand-ins for Telegram, Sms.ir and a webhook, and runs the
    real pipeline through a change, a channel that is down, a site whose markup was renamed, and its recovery. Needs no
    network and no configuration, takes a few seconds, leaves nothing behind.

    Exit code 1 when what the stand-ins received is not what the outbox says was delivered.
    """
  static let flags = [
    Flag("--json", "print each received message as a JSON line, then the counts"),
    Flag("--log", "LEVEL", "also show the service's log on standard error: debug, info, warn or error"),
  ]

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    guard arguments.positionals.isEmpty else { throw CommandFailure(.usage, "demo takes no argument") }
    var log = Log.none
    if let word = arguments["--log"] {
      guard let level = Log.Level(rawValue: word) else {
        throw CommandFailure(.usage, "--log is debug, info, warn or error")
      }
      log = .standardError(level)
    }
    let view = DemoView(terminal: terminal, json: arguments.has("--json"))
    let isSound = try await play(root: try DemoPlace.root(), view, log: log)
    return isSound ? .success : .negative
  }

  static func play(
    root: String, _ view: DemoView, chapters: [DemoChapter] = DemoChapter.story, log: Log = .none
  ) async throws -> Bool {
    try await DemoPlace.withTemporaryFolder { folder in
      var demo = try Demo(root: root, folder: folder, log: log)
      return try await demo.play(chapters, view)
    }
  }
}

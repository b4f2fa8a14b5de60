import Engine
import Language
import Notifying
import PluginHost
import Storage

/// Does a channel work? Sends one example of each change.
struct NotifyCommand: Command {
  static let name = "notify"
  static let summary = "send a test message through a channel"
  static let synopsis = "CHANNEL --test"
  static let discussion = """
    Sends one invented example of each change, now, past the outbox. Exit code 0 when the channel accepted it; what waits
    in the store because the channel was set up wrongly, or could not send, is then tried again, also by a running service.

    EXAMPLES
      slothunter notify console --test
      slothunter notify telegram --test --to 123456789
    """
  static let flags = [
    Flag("--test", "send the test message"), Flag("--to", "ADDRESS", "the recipient, where the channel takes one"),
    Flag("--language", "fa|en", "the message's language (default: fa)"), CommonFlags.origin, CommonFlags.config,
    CommonFlags.store, CommonFlags.json,
  ]

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    guard arguments.positionals.count == 1, let name = arguments.positionals.first, arguments.has("--test") else {
      throw CommandFailure(.usage, "one CHANNEL and --test are needed")
    }
    let (_, configuration) = try Workspace.require(arguments, terminal)
    guard let channel = configuration.channels.first(where: { $0.name == name }) else {
      let names = configuration.channels.map(\.name)
      throw CommandFailure(.usage, "no channel '\(name)'", help: Suggestion.text(name, names, "channels"))
    }
    guard let spec = configuration.notifiers.first(where: { $0.id == channel.notifier }) else {
      throw CommandFailure(.invalid, "the notifier '\(channel.notifier)' of '\(name)' can't be used")
    }
    let language = arguments["--language"] ?? "fa"
    guard ["fa", "en"].contains(language) else { throw CommandFailure(.usage, "--language is fa or en") }
    let time = SystemTime()
    let fetcher = try Network.fetcher(arguments, configuration)
    let adapter: NotifierAdapter
    do throws(ChannelProblem) {
      adapter = try NotifierAdapter(
        spec: spec, channel: channel, catalog: Builtins.catalog, fetcher: fetcher, time: time)
    } catch {
      throw CommandFailure(.invalid, "channel '\(name)': \(error.message)")
    }
    let to = arguments["--to"]
    if spec.takesRecipient, to == nil {
      throw CommandFailure(.usage, "'\(name)' needs an address: --to \(spec.recipientName.uppercased())")
    }
    if let to, !adapter.accepts(recipient: to) {
      throw CommandFailure(.usage, "the address is no \(spec.recipientName) of \(spec.id)")
    }
    let result = await adapter.sendNow(
      .test(language: language, at: time.now()), to: to, id: "test_\(time.now().milliseconds)")
    report(result, name, arguments, terminal)
    guard case .delivered = result.outcome else { return .negative }
    try await tryAgain(name, arguments, terminal, now: time.now())
    return .success
  }

  /// The cure may have been at the provider's (an account, an address that is let in), where no setting changes.
  private static func tryAgain(
    _ name: String, _ arguments: Arguments, _ terminal: Terminal, now: Instant
  ) async throws {
    let path = try arguments["--store"] ?? Workspace.storePath(arguments)
    guard Files.exists(path) else { return }
    let store = try StoreAccess.open(path, mode: .beside)
    if try await store.resumeChannel(name, configHash: nil, now: now) {
      terminal.err("\(name): it was stopped; what waits there is tried again")
    }
  }

  private static func report(_ result: SendResult, _ name: String, _ arguments: Arguments, _ terminal: Terminal) {
    if arguments.has("--json") {
      terminal.out(
        JSON.object(
          JSONObject([
            ("channel", .string(name)), ("outcome", .string(result.outcome.word)),
            ("reason", .string(result.reason.rawValue)),
            ("status", result.status.map { .integer(Int64($0)) } ?? .null), ("detail", .text(result.detail)),
          ])
        ).text)
      return
    }
    let status = result.status.map { ", status \($0)" } ?? ""
    terminal.err(
      "\(name): \(result.outcome.word) (\(result.reason.rawValue)\(status))" + (result.detail.map { ": \($0)" } ?? ""))
  }
}

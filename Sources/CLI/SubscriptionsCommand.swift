import Engine
import Language
import PluginHost
import Storage

/// Who hears what; and what people ask an operator for: not now, no more, again.
struct SubscriptionsCommand: Command {
  static let name = "subscriptions"
  static let summary = "who hears what; snooze, stop or resume a recipient"
  static let synopsis =
    "list | snooze CHANNEL/RECIPIENT --until WHEN | stop CHANNEL/RECIPIENT | resume CHANNEL/RECIPIENT"
  static let discussion = """
    snooze holds messages back and loses none; when it ends, what is still true is sent. stop ends what waits and sends
    nothing more; maintainers' messages are not held. resume ends both, also that a channel said the recipient is gone;
    who was stopped is greeted anew with what is open. Without --watch they are about every watch (resume without
    --watch ends them all). Works beside a running service, at once, and outlives restarts and edits of the
    configuration. A RECIPIENT is the whole address, or …4567 where only one ends so; it is never shown whole.

    EXAMPLES
      slothunter subscriptions list --channel telegram
      slothunter subscriptions snooze telegram/123456789 --until 8h
      slothunter subscriptions snooze telegram/…6789 --until 2026-10-06T09:00:00+03:30
      slothunter subscriptions stop sms/…4567 --watch paziresh24/دکتر-نمونه
      slothunter subscriptions resume telegram/123456789
    """
  static let flags = [
    Flag("--until", "WHEN", "snooze: a duration (8h) or a time (2026-10-06T09:00:00+03:30)"),
    Flag("--watch", "ID", "only this watch"), Flag("--channel", "NAME", "list: only this channel"),
    Flag("--dry-run", "only say what would be done"), CommonFlags.config, CommonFlags.store, CommonFlags.json,
  ]

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let words = arguments.positionals
    switch (words.first, words.count) {
    case ("list", 1): return try await list(arguments, terminal)
    case ("snooze", 2), ("stop", 2), ("resume", 2):
      return try await change(words[0], words[1], arguments, terminal)
    case ("snooze", _), ("stop", _), ("resume", _):
      throw CommandFailure(
        .usage, "whom? \(words[0]) CHANNEL/RECIPIENT", help: "`slothunter subscriptions list` shows who there is")
    default:
      throw CommandFailure(
        .usage, "what with subscriptions?",
        help: Suggestion.text(words.first ?? "", ["list", "snooze", "stop", "resume"], "actions"))
    }
  }

  private static func list(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let store = try StoreAccess.open(arguments, mode: .readOnly)
    let now = SystemTime().now()
    let book = try await SubscriptionBook(arguments, store, now: now)
    if !book.hasConfiguration {
      terminal.err("no configuration was read, so nobody's subscriptions are known: name it with --config")
    }
    let channel = try arguments["--channel"].map { try book.channel($0) }
    let watch = try arguments["--watch"].map { try book.watch($0) }
    let lines = book.lines.filter { (channel ?? $0.channel) == $0.channel && (watch ?? $0.watch) == $0.watch }
    if arguments.has("--json") {
      for line in lines { terminal.out(line.json.text) }
      return .success
    }
    terminal.table(
      [["channel", "to", "watch", "state", "language", "first", "rules"]]
        + lines.map { [$0.channel, Mask.address($0.recipient), $0.watch, $0.state, $0.language, $0.first, $0.rules] })
    if lines.isEmpty { terminal.err("none") }
    return .success
  }

  private static func change(
    _ action: String, _ target: String, _ arguments: Arguments, _ terminal: Terminal
  ) async throws -> ExitCode {
    let now = SystemTime().now()
    guard (action == "snooze") == arguments.has("--until") else {
      throw CommandFailure(
        .usage, action == "snooze" ? "snooze needs --until" : "--until goes with snooze", help: "--until 8h")
    }
    let until = try arguments["--until"].map { try TimeOptions.instant($0, "--until", after: now) }
    let isDry = arguments.has("--dry-run")
    let store = try StoreAccess.open(arguments, mode: isDry ? .readOnly : .beside)
    let book = try await SubscriptionBook(arguments, store, now: now)
    let (channel, recipient) = try book.find(target)
    let watch = try arguments["--watch"].map { try book.watch($0) }
    var count: Int?
    var isDone = !isDry
    if !isDry {
      switch (action, watch, until) {
      case ("stop", _, _):
        count = try await store.stopSubscription(channel: channel, recipient: recipient, watch: watch, now: now)
      case ("snooze", let watch?, let until?):
        count = try await store.snoozeSubscription(
          channel: channel, recipient: recipient, watch: watch, until: until, now: now)
      case ("snooze", nil, _): try await store.snooze(channel: channel, recipient: recipient, until: until, now: now)
      default:
        isDone = try await store.resumeSubscription(channel: channel, recipient: recipient, watch: watch, now: now)
      }
    }
    let answer = Answer(
      action: action, channel: channel, recipient: recipient, watch: watch, until: until, isDone: isDone, isDry: isDry,
      ended: action == "stop" ? count : nil)
    if arguments.has("--json") { terminal.out(answer.json.text) } else { terminal.err(answer.words) }
    return isDone || isDry ? .success : .negative
  }

  /// What was done, or would be.
  private struct Answer {
    var action: String
    var channel: String
    var recipient: String
    var watch: String?
    var until: Instant?
    var isDone: Bool
    var isDry: Bool
    /// Waiting deliveries that a stop ended.
    var ended: Int?

    var words: String {
      let whom = "\(channel)/\(Mask.address(recipient))" + (watch.map { " of \($0)" } ?? "")
      if isDry { return "would \(action) \(whom)" }
      guard isDone else { return "\(whom): there is nothing to resume" }
      let past = ["snooze": "snoozed", "stop": "stopped", "resume": "resumed"][action] ?? action
      return "\(past) \(whom)" + (until.map { " until \($0.text)" } ?? "")
        + (ended.map { ", \($0) waiting messages ended" } ?? "")
    }

    var json: JSON {
      .object(
        JSONObject([
          ("action", .string(action)), ("channel", .string(channel)), ("to", .string(Mask.address(recipient))),
          ("watch", .text(watch)), ("until", .instant(until)), ("done", .bool(isDone)),
          ("ended", ended.map { .integer(Int64($0)) } ?? .null),
        ]))
    }
  }
}

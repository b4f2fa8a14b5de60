import Engine
import Language
import PluginHost
import Storage

/// Watches that are added without editing a file.
struct WatchCommand: Command {
  static let name = "watch"
  static let summary = "add, list and remove watches"
  static let synopsis = "add LINK | list | remove WATCH"
  static let discussion = """
    Watches of slothunter.yaml are listed too, and removed there. A running service takes changes up within seconds.

    EXAMPLES
      slothunter watch add https://www.paziresh24.com/dr/دکتر-نمونه/ --channel telegram --to 123456789
      slothunter watch list
      slothunter watch remove paziresh24/دکتر-نمونه
    """
  static let flags = [
    Flag("--param", "NAME=VALUE", repeats: true, "a parameter, where a SITE is given instead of a link"),
    Flag("--every", "DURATION", "how often (default: the site's min_interval)"),
    Flag("--channel", "NAME", "tell this channel"), Flag("--to", "ADDRESS", "its recipient"),
    Flag("--language", "fa|en", "the language of its messages (default: fa)"),
    Flag("--when", "CONDITION", "only items for which this is true: 'start.hour < 12'"),
    Flag("--first", "summary|all|none", "what to tell of what is open already (default: summary)"),
    CommonFlags.config, CommonFlags.store, CommonFlags.json,
  ]

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    switch (arguments.positionals.first, arguments.positionals.count) {
    case ("add", 2): return try await add(arguments.positionals[1], arguments, terminal)
    case ("list", 1): return try await list(arguments, terminal)
    case ("remove", 2): return try await remove(arguments.positionals[1], arguments, terminal)
    default: throw CommandFailure(.usage, "what to do? watch add LINK, watch list or watch remove WATCH")
    }
  }

  private static func add(_ target: String, _ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let workspace = try Workspace.sites(arguments)
    let watch = try workspace.watch(target, params: try TryCommand.parameters(arguments.all("--param")))
    let every =
      try arguments["--every"].map { try TimeOptions.duration($0, "--every", example: "60s, 5m or 1h") } ?? watch.every
    guard every >= watch.spec.limits.minInterval else {
      throw CommandFailure(
        .invalid,
        "--every is below the minimum of \(watch.spec.limits.minInterval.components.seconds) s of \(watch.spec.id)")
    }
    let subscriptions = try subscription(arguments, watch, workspace).map { [$0] } ?? []
    let store = try openForSmallWrite(arguments)
    let known = try await store.watches()
    if known.contains(where: { $0.id == watch.id && $0.origin == .config }) {
      throw CommandFailure(.invalid, "\(watch.id) is in \(workspace.file) already", help: "edit it there")
    }
    try await store.upsertWatch(
      WatchRecord(
        id: watch.id, site: watch.spec.id, params: Dictionary(watch.params.map { ($0.name, $0.value) }) { $1 },
        every: every, origin: .command, notify: SubscriptionRecord.encode(subscriptions), addedAt: SystemTime().now()))
    terminal.out(watch.id)
    if subscriptions.isEmpty { terminal.err("nobody is told yet: add --channel and --to") }
    return .success
  }

  private static func subscription(
    _ arguments: Arguments, _ watch: Watch, _ workspace: Workspace
  ) throws -> Subscription? {
    guard let name = arguments["--channel"] else { return nil }
    let channels = workspace.configuration?.channels ?? []
    guard let channel = channels.first(where: { $0.name == name }) else {
      throw CommandFailure(
        .usage, "no channel '\(name)'", help: Suggestion.text(name, channels.map(\.name), "channels"))
    }
    let notifier = workspace.configuration?.notifiers.first { $0.id == channel.notifier }
    let to = arguments["--to"]
    if notifier?.takesRecipient == true {
      guard let to else { throw CommandFailure(.usage, "'\(name)' needs --to") }
      if let pattern = notifier?.recipientPattern, try pattern.select(from: .text(to)).isEmpty {
        throw CommandFailure(
          .usage, "the address is no \(notifier?.recipientName ?? "recipient") of \(channel.notifier)")
      }
    }
    let language = arguments["--language"] ?? "fa"
    guard ["fa", "en"].contains(language) else { throw CommandFailure(.usage, "--language is fa or en") }
    guard let first = Subscription.First(rawValue: arguments["--first"] ?? "summary") else {
      throw CommandFailure(.usage, "--first is summary, all or none")
    }
    var when: Expression?
    if let source = arguments["--when"] {
      do throws(SyntaxError) {
        when = try Expression(source, names: watch.spec.itemNames)
      } catch {
        throw CommandFailure(.invalid, "--when: \(error.message)", help: error.help)
      }
    }
    return Subscription(channel: name, to: to, language: language, when: when, first: first)
  }

  private static func list(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let store = try StoreAccess.open(arguments, mode: .readOnly)
    let watches = try await store.watches()
    if arguments.has("--json") {
      for watch in watches {
        terminal.out(
          JSON.object(
            JSONObject([
              ("id", .string(watch.id)), ("site", .string(watch.site)),
              (
                "params",
                .object(JSONObject(watch.params.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
              ),
              ("every_seconds", .integer(watch.every.components.seconds)), ("from", .string(watch.origin.rawValue)),
            ])
          ).text)
      }
      return .success
    }
    terminal.table(
      [["watch", "every", "from"]]
        + watches.map { [$0.id, "\($0.every.components.seconds) s", $0.origin.rawValue] })
    return .success
  }

  private static func remove(_ id: String, _ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let store = try StoreAccess.open(arguments, mode: .beside)
    let watches = try await store.watches()
    guard let watch = watches.first(where: { $0.id == id }) else {
      throw CommandFailure(.negative, "no watch '\(id)'", help: Suggestion.text(id, watches.map(\.id), "watches"))
    }
    guard watch.origin == .command else {
      throw CommandFailure(.invalid, "\(id) is a watch of the configuration", help: "remove it there")
    }
    let now = SystemTime().now()
    let outlets = SubscriptionBook.configuration(arguments).map { Outlets($0) }
    let farewell = outlets.map { MaintainerNotice.watchRemoved(id, $0, now: now) } ?? []
    try await store.removeWatch(id, now: now, telling: farewell)
    terminal.err("removed \(id): nobody hears of it any more")
    return .success
  }

  /// Beside a running service where there is a store; makes one where there is none yet.
  private static func openForSmallWrite(_ arguments: Arguments) throws -> Store {
    let path = try arguments["--store"] ?? Workspace.storePath(arguments)
    return try StoreAccess.open(path, mode: Files.exists(path) ? .beside : .readWrite)
  }
}

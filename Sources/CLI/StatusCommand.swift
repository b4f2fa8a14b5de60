import Engine
import Language
import PluginHost
import Storage

/// How things stand, from the store: works beside a running service.
struct StatusCommand: Command {
  static let name = "status"
  static let summary = "how watches, channels and the outbox stand"
  static let synopsis = ""
  static let discussion = """
    Reads the store beside a running service. Exit code 1 when an incident is open, a channel can't send or a delivery
    died undelivered, so that a script can ask "is all well?"; a store that can't be read ends with 65, 66 or 74 and says
    what is wrong with it. A channel's answers are those recorded: `no answer` from five faults in a row, as its breaker
    counts.

    EXAMPLES
      slothunter status
      slothunter status --watch                  again each second, in place; Ctrl-C ends it
      slothunter status --watch --interval 5s
    """
  static let flags = [
    Flag("--watch", "again and again: in place on a terminal, else one report after the other"),
    Flag("--interval", "TIME", "with --watch: between two reports (default: 1s)"), CommonFlags.config,
    CommonFlags.store,
    CommonFlags.json,
  ]

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    guard arguments.positionals.isEmpty else { throw CommandFailure(.usage, "status takes no argument") }
    if arguments["--interval"] != nil, !arguments.has("--watch") {
      throw CommandFailure(.usage, "--interval goes with --watch")
    }
    let interval = try TimeOptions.duration(arguments["--interval"] ?? "1s", "--interval", example: "1s or 5m")
    guard interval >= StatusWatch.shortest else {
      throw CommandFailure(.usage, "--interval: at least 200ms")
    }
    let store = try StoreAccess.open(arguments, mode: .readOnly)
    if arguments.has("--watch") {
      return try await StatusWatch(
        store: store, interval: interval, terminal: terminal, isJSON: arguments.has("--json")
      ).run()
    }
    let report = try await StatusReport.read(store)
    if arguments.has("--json") { terminal.out(report.json.text) } else { report.print(terminal) }
    return report.isWell ? .success : .negative
  }
}

extension StatusReport {
  /// As things stand now.
  static func read(_ store: Store) async throws -> StatusReport {
    let now = SystemTime().now()
    let status = try await store.status()
    var reports: [String: ChannelReport] = [:]
    for channel in status.channels { reports[channel.name] = try await store.channelReport(channel.name, now: now) }
    return StatusReport(
      status: status, reports: reports, holds: try await store.subscriptionHolds(now: now), now: now)
  }
}

extension JSON {
  static func text(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }
  static func instant(_ instant: Instant?) -> JSON { instant.map { .string($0.text) } ?? .null }
}

extension Instant {
  /// ISO 8601 in UTC.
  var text: String { Value.instant(self).plainText }
}

extension Instant? {
  var text: String { map(\.text) ?? "-" }
}

import Engine
import Language
import PluginHost
import Storage

/// What waits, what was sent, what died; sending again, and giving up.
struct OutboxCommand: Command {
  static let name = "outbox"
  static let summary = "list deliveries and why they wait or died; send dead ones again, drop waiting ones"
  static let synopsis = "list | retry [ID…] | drop [ID…]"
  static let discussion = """
    list shows the newest first. retry sends what has ended undelivered once more, and what waits at once; what it says
    is looked at again, so items that are gone still fall out. drop ends what waits: it is never sent, and stays listed. A
    dead letter that is dropped was seen to: `status` does not count it any more.
    Named IDs are done at once; what filters select is only shown, until --yes is there (exit code 1: nothing was done).
    Works beside a running service, which takes it up within a second or so. No address is shown whole.

    EXAMPLES
      slothunter outbox list --state dead --channel telegram --json
      slothunter outbox retry d_4k2j8m
      slothunter outbox retry --channel telegram --state dead --newer-than 1h --yes
      slothunter outbox drop --watch paziresh24/دکتر-نمونه --dry-run
    """
  static let flags =
    OutboxSelection.flags + [
      Flag("--yes", "do it to everything the filters select"), Flag("--dry-run", "only say what would be done"),
      CommonFlags.config, CommonFlags.store, CommonFlags.json,
    ]

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let words = arguments.positionals
    switch words.first {
    case "list" where words.count == 1: return try await list(arguments, terminal)
    case "list":
      throw CommandFailure(.usage, "outbox list takes filters, no ID", help: "`slothunter why ID` tells of one")
    case "retry": return try await OutboxChange(.retry, Array(words.dropFirst()), arguments).run(terminal)
    case "drop": return try await OutboxChange(.drop, Array(words.dropFirst()), arguments).run(terminal)
    case let word:
      throw CommandFailure(
        .usage, "what with the outbox? `slothunter outbox list`",
        help: Suggestion.text(word ?? "", ["list", "retry", "drop"], "actions"))
    }
  }

  private static func list(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    for flag in ["--yes", "--dry-run"] where arguments.has(flag) {
      throw CommandFailure(.usage, "\(flag) goes with retry and drop")
    }
    let selection = try OutboxSelection(arguments, states: [], limit: 50)
    let store = try StoreAccess.open(arguments, mode: .readOnly)
    let found = try await selection.deliveries(of: store, arguments)
    if arguments.has("--json") {
      for delivery in found { terminal.out(delivery.json.text) }
      return .success
    }
    terminal.table(
      [["delivery", "state", "channel", "to", "created", "tries", "reason", "message"]]
        + found.map { delivery in
          [
            delivery.id, delivery.state.rawValue, delivery.channel, Mask.address(delivery.recipient),
            delivery.createdAt.text, "\(delivery.attempt)", delivery.reason ?? "", delivery.message.title,
          ]
        })
    for delivery in found {
      guard delivery.state == .dead, let words = delivery.detail else { continue }
      terminal.out("  \(delivery.id) was answered: \(words)")
    }
    if found.isEmpty { terminal.err("none") }
    return .success
  }
}

extension DeliveryRecord {
  /// As `outbox list --json` and `why --json` show it; keys are only ever added.
  var json: JSON {
    .object(
      JSONObject([
        ("id", .string(id)), ("state", .string(state.rawValue)), ("kind", .string(kind.rawValue)),
        ("channel", .string(channel)), ("to", .string(Mask.address(recipient))), ("watch", .string(watch)),
        ("site", .string(site)), ("subscription", .string(Mask.subscription(subscription))), ("rule", .string(rule)),
        ("sequence", .integer(Int64(sequence))), ("created", .instant(createdAt)), ("due", .instant(dueAt)),
        ("expires", .instant(expiresAt)), ("ended", .instant(endedAt)), ("attempt", .integer(Int64(attempt))),
        ("unsure", .bool(unsure)), ("receipt", .text(receipt)), ("reason", .text(reason)), ("detail", .text(detail)),
        ("title", .string(message.title)), ("lines", .array(message.lines.map { .string($0.text) })),
      ]))
  }
}

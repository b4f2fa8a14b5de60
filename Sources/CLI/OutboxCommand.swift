import Language
import PluginHost
import Storage

/// What waits, what was sent, what died.
struct OutboxCommand: Command {
  static let name = "outbox"
  static let summary = "list deliveries: what waits, what was sent, what died and why"
  static let synopsis = "list"
  static let discussion = """
    EXAMPLES
      slothunter outbox list
      slothunter outbox list --state dead --channel telegram --json
    """
  static let flags = [
    Flag("--state", "STATE", repeats: true, DeliveryRecord.State.allCases.map(\.rawValue).joined(separator: ", ")),
    Flag("--channel", "NAME", "only those of a channel"), Flag("--watch", "ID", "only those of a watch"),
    Flag("--limit", "N", "how many at the most, newest first (default 50)"), CommonFlags.config, CommonFlags.store,
    CommonFlags.json,
  ]

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    guard arguments.positionals == ["list"] else {
      throw CommandFailure(.usage, "what with the outbox? `slothunter outbox list`")
    }
    let states = try arguments.all("--state").map { word in
      guard let state = DeliveryRecord.State(rawValue: word) else {
        let words = DeliveryRecord.State.allCases.map(\.rawValue).joined(separator: ", ")
        throw CommandFailure(.usage, "no delivery is ever '\(word)'", help: "states: \(words)")
      }
      return state
    }
    guard let limit = Int(arguments["--limit"] ?? "50"), limit > 0 else {
      throw CommandFailure(.usage, "--limit takes a number above 0")
    }
    let store = try StoreAccess.open(arguments, mode: .readOnly)
    let found = try await store.deliveries(
      DeliveryFilter(states: Set(states), channel: arguments["--channel"], watch: arguments["--watch"], limit: limit))
    if arguments.has("--json") {
      for delivery in found { terminal.out(json(delivery).text) }
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
    if found.isEmpty { terminal.err("none") }
    return .success
  }

  static func json(_ delivery: DeliveryRecord) -> JSON {
    .object(
      JSONObject([
        ("id", .string(delivery.id)), ("state", .string(delivery.state.rawValue)),
        ("kind", .string(delivery.kind.rawValue)), ("channel", .string(delivery.channel)),
        ("to", .string(Mask.address(delivery.recipient))), ("watch", .string(delivery.watch)),
        ("created", .instant(delivery.createdAt)), ("due", .instant(delivery.dueAt)),
        ("expires", .instant(delivery.expiresAt)), ("ended", .instant(delivery.endedAt)),
        ("attempt", .integer(Int64(delivery.attempt))), ("receipt", .text(delivery.receipt)),
        ("reason", .text(delivery.reason)), ("detail", .text(delivery.detail)),
        ("title", .string(delivery.message.title)), ("lines", .array(delivery.message.lines.map { .string($0.text) })),
      ]))
  }
}

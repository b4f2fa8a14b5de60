import Engine
import Language
import PluginHost
import Storage

/// Why a delivery exists and what became of it: from the change to the receipt.
struct WhyCommand: Command {
  static let name = "why"
  static let summary = "why a message was sent or not, from the spec to the receipt"
  static let synopsis = "DELIVERY"
  static let discussion = """
    DELIVERY is an id of `slothunter outbox list`. Shows the change and the item's life, the subscription and condition
    that matched, the run with spec version, requests and selectors, what held the message back (quiet hours or digest,
    snooze, stop, at_most, items gone, too late, channel), and each attempt with its reason, the provider's words and
    when the next one is due. Addresses are masked, secrets taken out.
    """
  static let flags = [CommonFlags.config, CommonFlags.store, CommonFlags.json]

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    guard arguments.positionals.count == 1, let id = arguments.positionals.first else {
      throw CommandFailure(.usage, "one DELIVERY is needed", help: "`slothunter outbox list` names them")
    }
    let store = try StoreAccess.open(arguments, mode: .readOnly)
    guard let story = try await store.delivery(id) else {
      throw CommandFailure(.negative, "no delivery '\(id)'", help: try await Suggestion.delivery(id, in: store))
    }
    let report = WhyReport(story: story, held: try await store.heldBack(delivery: id, now: SystemTime().now()))
    if arguments.has("--json") { terminal.out(report.json.text) } else { report.print(terminal) }
    return .success
  }
}

import Engine
import Language
import PluginHost
import Storage

/// `outbox retry` and `outbox drop`: says what it will do, does it, and counts.
struct OutboxChange {
  enum Action: String {
    case retry, drop

    var done: String { self == .retry ? "sent again" : "dropped" }
    /// What is meant where no state is named.
    var states: Set<DeliveryRecord.State> { self == .retry ? [.dead] : [.pending] }
  }

  private let action: Action
  private let ids: [String]
  private let arguments: Arguments
  private let selection: OutboxSelection

  /// A transaction of 10,000 is a second's work; who means more says so.
  private static let limit = 10_000

  init(_ action: Action, _ ids: [String], _ arguments: Arguments) throws(CommandFailure) {
    self.action = action
    self.ids = ids
    self.arguments = arguments
    selection = try OutboxSelection(arguments, states: action.states, limit: OutboxChange.limit)
    let isWhole = !ids.isEmpty || selection.isNarrowed
    guard isWhole else {
      throw CommandFailure(
        .usage, "which deliveries? name IDs, or filters",
        help: "slothunter outbox \(action.rawValue) --channel NAME --state \(action == .retry ? "dead" : "pending")")
    }
    guard ids.isEmpty || !selection.isNarrowed else {
      throw CommandFailure(.usage, "IDs and filters can't be mixed", help: "name the IDs, or narrow by filters")
    }
  }

  /// Named ones were meant; what a filter selects is looked at first.
  private var isRehearsal: Bool { arguments.has("--dry-run") || (ids.isEmpty && !arguments.has("--yes")) }

  func run(_ terminal: Terminal) async throws -> ExitCode {
    let store = try StoreAccess.open(arguments, mode: isRehearsal ? .readOnly : .beside)
    let wanted = try await ids.isEmpty ? selection.deliveries(of: store, arguments).map(\.id) : unique(ids)
    let now = SystemTime().now()
    let answers =
      try await action == .retry
      ? store.retry(deliveries: wanted, now: now, isRehearsal: isRehearsal)
      : store.drop(deliveries: wanted, now: now, isRehearsal: isRehearsal)
    for answer in answers { await report(answer, store, terminal) }
    let done = answers.count { $0.refusal == nil }
    let refused = answers.count - done
    say(done, refused, terminal)
    if wanted.isEmpty || refused > 0 { return .negative }
    return isRehearsal && !arguments.has("--dry-run") ? .negative : .success
  }

  private func unique(_ ids: [String]) -> [String] {
    var seen: Set<String> = []
    return ids.filter { seen.insert($0).inserted }
  }

  private func report(_ answer: OutboxAnswer, _ store: Store, _ terminal: Terminal) async {
    if arguments.has("--json") {
      terminal.out(
        JSON.object(
          JSONObject([
            ("id", .string(answer.id)), ("action", .string(action.rawValue)),
            ("done", .bool(answer.refusal == nil && !isRehearsal)), ("refused", .text(answer.refusal?.rawValue)),
          ])
        ).text)
      return
    }
    guard let refusal = answer.refusal else {
      terminal.out("\(answer.id)  \(isRehearsal ? "would be " : "")\(action.done)")
      return
    }
    let hint = refusal == .unknown ? (try? await Suggestion.delivery(answer.id, in: store)) : nil
    terminal.err("\(answer.id)  not \(action.done): \(refusal.words)" + (hint.map { "\n  = help: \($0)" } ?? ""))
  }

  private func say(_ done: Int, _ refused: Int, _ terminal: Terminal) {
    let rest = refused == 0 ? "" : ", \(refused) refused"
    terminal.err("\(done) \(isRehearsal ? "would be " : "")\(action.done)\(rest)")
    if ids.isEmpty, isRehearsal, !arguments.has("--dry-run"), done > 0 { terminal.err("nothing was done: add --yes") }
  }
}

extension OutboxRefusal {
  var words: String {
    switch self {
    case .unknown: "there is no such delivery"
    case .delivered: "the channel has accepted it, it would come twice"
    case .beingSent: "it is being sent"
    case .recipientGone: "its recipient is gone; `slothunter subscriptions resume` first"
    case .ended: "it has ended already"
    }
  }
}

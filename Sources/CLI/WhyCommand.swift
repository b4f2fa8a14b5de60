import Engine
import Language
import PluginHost
import Storage

/// Why a delivery exists and what became of it: spec version, request, selector, change, rule, attempts.
struct WhyCommand: Command {
  static let name = "why"
  static let summary = "why a message was sent, from the spec to the receipt"
  static let synopsis = "DELIVERY"
  static let discussion = "DELIVERY is an id of `slothunter outbox list`."
  static let flags = [CommonFlags.config, CommonFlags.store, CommonFlags.json]

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    guard arguments.positionals.count == 1, let id = arguments.positionals.first else {
      throw CommandFailure(.usage, "one DELIVERY is needed", help: "`slothunter outbox list` names them")
    }
    let store = try StoreAccess.open(arguments, mode: .readOnly)
    guard let story = try await store.delivery(id) else {
      throw CommandFailure(.negative, "no delivery '\(id)'", help: "`slothunter outbox list` names them")
    }
    if arguments.has("--json") { terminal.out(json(story).text) } else { print(story, terminal) }
    return .success
  }

  private static func print(_ story: DeliveryStory, _ terminal: Terminal) {
    let delivery = story.delivery
    func head(_ text: String) { terminal.out("\n" + terminal.styled(text, .bold)) }
    terminal.out(terminal.styled(delivery.id, .bold) + "  " + delivery.state.rawValue)
    terminal.out(
      "  to \(Mask.address(delivery.recipient)) on \(delivery.channel), number \(delivery.sequence) of this watch")
    terminal.out("  made \(delivery.createdAt.text) by rule: \(delivery.rule)")
    if let reason = delivery.reason {
      terminal.out("  reason \(reason)" + (delivery.detail.map { ": \($0)" } ?? ""))
    }
    if let receipt = delivery.receipt { terminal.out("  receipt \(receipt)") }
    head("MESSAGE")
    terminal.out("  " + delivery.message.title)
    for (index, line) in delivery.message.lines.enumerated() {
      terminal.out("  · " + line.text + (delivery.withdrawn.contains(index) ? "  (taken out before sending)" : ""))
    }
    if !story.lines.isEmpty { head("CHANGES") }
    for line in story.lines {
      let key = (line.itemKey ?? "").replacing("\u{1F}", with: " ")
      let now = line.stateNow.map { ", now \($0.rawValue)" } ?? ""
      terminal.out("  \(line.change?.kind.rawValue ?? "open")  \(key)\(now)")
    }
    if let run = story.run { print(run, story, terminal, head) }
    head("ATTEMPTS")
    for attempt in story.attempts {
      let status = attempt.status.map { " \($0)" } ?? ""
      terminal.out(
        "  \(attempt.attempt). \(attempt.startedAt.text)  \(attempt.outcome)  \(attempt.reason)\(status)"
          + (attempt.detail.map { "  \($0)" } ?? ""))
    }
    if story.attempts.isEmpty { terminal.out("  none yet") }
  }

  private static func print(
    _ run: DeliveryStory.Run, _ story: DeliveryStory, _ terminal: Terminal, _ head: (String) -> Void
  ) {
    head("RUN")
    terminal.out("  \(run.startedAt.text)  watch \(story.delivery.watch)  verdict \(run.verdict.rawValue)")
    terminal.out("  spec \(story.delivery.site) version \(run.specVersion)")
    let branches = Set(story.lines.compactMap { $0.change?.item.branch })
    for outcome in run.outcomes where branches.isEmpty || branches.contains(outcome.name) {
      let name = outcome.name == .root ? "(whole site)" : outcome.name.text
      terminal.out("  branch \(name): \(outcome.verdict.rawValue), \(outcome.itemCount) items")
      for request in requests(outcome.trace) { terminal.out("    " + request) }
    }
  }

  private static func requests(_ trace: JSON) -> [String] {
    guard case .object(let object) = trace, case .array(let requests)? = object["requests"] else { return [] }
    return requests.compactMap { request in
      guard case .object(let fields) = request else { return nil }
      func text(_ name: String) -> String { Value(json: fields[name] ?? .null).plainText }
      let selector = text("selector").isEmpty ? "" : ", selected by \(text("selector"))"
      return "step \(text("step")): \(text("method")) \(text("url")) → \(text("status")) by \(text("rule")), "
        + "\(text("rows")) rows (\(text("source")))\(selector)"
    }
  }

  private static func json(_ story: DeliveryStory) -> JSON {
    var object = JSONObject([("delivery", OutboxCommand.json(story.delivery)), ("rule", .string(story.delivery.rule))])
    object["changes"] = .array(
      story.lines.map { line in
        .object(
          JSONObject([
            ("kind", .text(line.change?.kind.rawValue)), ("item", .text(line.itemKey)),
            ("shown", .bool(line.isShown)), ("state_now", .text(line.stateNow?.rawValue)),
          ]))
      })
    if let run = story.run {
      object["run"] = .object(
        JSONObject([
          ("started", .instant(run.startedAt)), ("verdict", .string(run.verdict.rawValue)),
          ("spec_version", .string(run.specVersion)),
          ("branches", .object(JSONObject(run.outcomes.map { ($0.name.text, $0.trace) }))),
        ]))
    }
    object["attempts"] = .array(
      story.attempts.map { attempt in
        .object(
          JSONObject([
            ("attempt", .integer(Int64(attempt.attempt))), ("started", .instant(attempt.startedAt)),
            ("ended", .instant(attempt.endedAt)), ("outcome", .string(attempt.outcome)),
            ("status", attempt.status.map { .integer(Int64($0)) } ?? .null), ("reason", .string(attempt.reason)),
            ("detail", .text(attempt.detail)),
          ]))
      })
    return .object(object)
  }
}

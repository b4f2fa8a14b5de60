import Engine
import Language
import PluginHost
import Storage

/// A delivery's story, for people and as JSON.
struct WhyReport {
  var story: DeliveryStory
  var held: [HeldBack]

  func print(_ terminal: Terminal) {
    func head(_ text: String) { terminal.out("\n" + terminal.styled(text, .bold)) }
    printDelivery(terminal)
    head("MESSAGE")
    let delivery = story.delivery
    terminal.out("  " + delivery.message.title)
    for (index, line) in delivery.message.lines.enumerated() {
      terminal.out("  · " + line.text + (delivery.withdrawn.contains(index) ? "  (taken out before sending)" : ""))
    }
    if !story.lines.isEmpty { head("CHANGES") }
    for line in story.lines { terminal.out("  " + words(line)) }
    if let run = story.run { printRun(run, terminal, head) }
    if !held.isEmpty { head("HELD BACK") }
    for cause in held { terminal.out("  " + cause.words) }
    head("ATTEMPTS")
    for attempt in story.attempts { terminal.out("  " + words(attempt)) }
    if story.attempts.isEmpty { terminal.out("  none" + (delivery.endedAt == nil ? " yet" : "")) }
  }

  private func printDelivery(_ terminal: Terminal) {
    let delivery = story.delivery
    terminal.out(terminal.styled(delivery.id, .bold) + "  " + delivery.state.rawValue)
    terminal.out(
      "  to \(Mask.address(delivery.recipient)) on \(delivery.channel), number \(delivery.sequence) of this watch")
    terminal.out("  subscription \(Mask.subscription(delivery.subscription))")
    terminal.out("  made \(delivery.createdAt.text) by rule: \(delivery.rule)")
    if let end = delivery.expiresAt { terminal.out("  of no use after \(end.text)") }
    if let reason = delivery.reason {
      terminal.out("  reason \(reason)" + (delivery.detail.map { ": \($0)" } ?? ""))
    }
    if let end = delivery.endedAt { terminal.out("  ended \(end.text)") }
    if let receipt = delivery.receipt { terminal.out("  receipt \(receipt)") }
  }

  private func words(_ line: DeliveryStory.Line) -> String {
    var text = "\(line.change?.kind.rawValue ?? "open")  \((line.itemKey ?? "").replacing("\u{1F}", with: " "))"
    guard let state = line.stateNow, let life = line.life else { return text }
    text += ", now \(state.rawValue) since \(life.since.text)"
    text += " (first seen \(life.firstSeen.text), last \(life.lastSeen.text)"
    return text + (life.lives > 1 ? ", came \(life.lives) times)" : ")")
  }

  private func words(_ attempt: DeliveryStory.Attempt) -> String {
    let status = attempt.status.map { " \($0)" } ?? ""
    return "\(attempt.attempt). \(attempt.startedAt.text)  \(attempt.outcome)  \(attempt.reason)\(status)"
      + (attempt.detail.map { "  \($0)" } ?? "") + (attempt.nextAt.map { "  next \($0.text)" } ?? "")
      + (attempt.counted ? "" : "  (came too late, changed nothing)")
  }

  private func printRun(_ run: DeliveryStory.Run, _ terminal: Terminal, _ head: (String) -> Void) {
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

  private func requests(_ trace: JSON) -> [String] {
    guard case .object(let object) = trace, case .array(let requests)? = object["requests"] else { return [] }
    return requests.compactMap { request in
      guard case .object(let fields) = request else { return nil }
      func text(_ name: String) -> String { Value(json: fields[name] ?? .null).plainText }
      let selector = text("selector").isEmpty ? "" : ", selected by \(text("selector"))"
      return "step \(text("step")): \(text("method")) \(text("url")) → \(text("status")) by \(text("rule")), "
        + "\(text("rows")) rows (\(text("source")))\(selector)"
    }
  }
}

extension WhyReport {
  /// Keys are only ever added.
  var json: JSON {
    var object = JSONObject([("delivery", story.delivery.json), ("rule", .string(story.delivery.rule))])
    object["changes"] = .array(story.lines.map(json))
    if let run = story.run {
      object["run"] = .object(
        JSONObject([
          ("started", .instant(run.startedAt)), ("verdict", .string(run.verdict.rawValue)),
          ("spec_version", .string(run.specVersion)),
          ("branches", .object(JSONObject(run.outcomes.map { ($0.name.text, $0.trace) }))),
        ]))
    }
    object["held_back"] = .array(
      held.map { held in
        .object(
          JSONObject([
            ("cause", .string(held.cause.rawValue)), ("until", .instant(held.until)),
            ("count", held.count.map { .integer(Int64($0)) } ?? .null),
          ]))
      })
    object["attempts"] = .array(story.attempts.map(json))
    return .object(object)
  }

  private func json(_ line: DeliveryStory.Line) -> JSON {
    .object(
      JSONObject([
        ("kind", .text(line.change?.kind.rawValue)), ("item", .text(line.itemKey)), ("shown", .bool(line.isShown)),
        ("state_now", .text(line.stateNow?.rawValue)), ("state_since", .instant(line.life?.since)),
        ("first_seen", .instant(line.life?.firstSeen)), ("last_seen", .instant(line.life?.lastSeen)),
        ("lives", line.life.map { .integer(Int64($0.lives)) } ?? .null),
      ]))
  }

  private func json(_ attempt: DeliveryStory.Attempt) -> JSON {
    .object(
      JSONObject([
        ("attempt", .integer(Int64(attempt.attempt))), ("started", .instant(attempt.startedAt)),
        ("ended", .instant(attempt.endedAt)), ("outcome", .string(attempt.outcome)),
        ("status", attempt.status.map { .integer(Int64($0)) } ?? .null), ("reason", .string(attempt.reason)),
        ("detail", .text(attempt.detail)), ("next", .instant(attempt.nextAt)), ("counted", .bool(attempt.counted)),
      ]))
  }
}

extension HeldBack {
  var words: String {
    let until = self.until.map { " until \($0.text)" } ?? ""
    let count = self.count ?? 0
    switch cause {
    case .notBefore: return "quiet hours or a digest\(until)"
    case .snoozed: return "the recipient's snooze\(until)"
    case .stopped: return "the recipient asked for nothing more"
    case .atMost: return "at_most is used up\(until)"
    case .retryLater: return "the next attempt is due\(self.until.map { " \($0.text)" } ?? "")"
    case .channelPaused: return "the channel is paused\(until)"
    case .channelMisconfigured: return "the channel is set up wrongly; it waits for new settings"
    case .behindOthers: return "\(count) older of the same recipient go first"
    case .linesGone: return "\(count) lines fell out: what they were about is gone"
    case .linesLate: return "\(count) lines fell out: they would have come too late"
    }
  }
}

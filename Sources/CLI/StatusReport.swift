import Engine
import Language
import PluginHost
import Storage

/// What `status` says, for people and as JSON.
struct StatusReport {
  var status: StoreStatus
  var reports: [String: ChannelReport]
  var holds: [SubscriptionHold]
  var now: Instant

  var isWell: Bool {
    status.incidents.isEmpty && !status.storage.isDegraded && status.canaries.allSatisfy { $0.problem == nil }
      && status.channels.allSatisfy { answer($0) == .active && $0.dead == 0 }
  }

  private var queued: Int { status.channels.reduce(0) { $0 + $1.queued } }
  private var oldest: Instant? { status.channels.compactMap(\.oldest).min() }

  /// How a channel stands: what the store says of it, and whether it answers.
  enum Answer: String { case active, paused, misconfigured, noAnswer = "no_answer" }

  private func answer(_ channel: StoreStatus.Channel) -> Answer {
    switch channel.health?.state {
    case .misconfigured: .misconfigured
    case .paused where channel.health?.until.map { $0 > now } ?? true: .paused
    default: (reports[channel.name]?.faultsInARow ?? 0) >= ChannelTroubles.faults ? .noAnswer : .active
    }
  }

  func print(_ terminal: Terminal) {
    func head(_ text: String) { terminal.out(terminal.styled(text, .bold)) }
    let age = oldest.map { ", the oldest for \(seconds(since: $0)) s" } ?? ""
    terminal.out("OUTBOX  \(queued) waiting\(age)\n")
    head("WATCHES")
    terminal.table(
      [["  watch", "verdict", "since", "last run", "last good", "next run", "open"]]
        + status.watches.map { watch in
          [
            "  " + watch.id, watch.verdict?.rawValue ?? "never run", watch.verdictSince.text, watch.lastRunAt.text,
            watch.lastGoodAt.text, watch.nextRunAt.text, "\(watch.openItems)",
          ]
        })
    for line in status.watches.flatMap(StatusNotes.lines) { terminal.out(line) }
    terminal.out("")
    head("CHANNELS")
    terminal.table(
      [["  channel", "state", "waiting", "oldest", "last sent", "last hour", "delivered", "expired", "dead"]]
        + status.channels.map { channel in
          [
            "  " + channel.name, answer(channel).rawValue, "\(channel.queued)", channel.oldest.text,
            reports[channel.name]?.lastSuccess.text ?? "-", "\(reports[channel.name]?.deliveredLastHour ?? 0)",
            "\(channel.delivered)", "\(channel.expired)", "\(channel.dead)",
          ]
        })
    for channel in status.channels { printTrouble(channel, terminal) }
    terminal.out("")
    head("STORE")
    terminal.out("  " + status.storage.words)
    printIncidents(terminal, head)
    StatusMaintenance(status: status).print(terminal, head)
    printRecipients(terminal, head)
  }

  private func printTrouble(_ channel: StoreStatus.Channel, _ terminal: Terminal) {
    if let reason = channel.health?.reason, answer(channel) == .paused || answer(channel) == .misconfigured {
      terminal.out("  \(channel.name): \(reason)" + (channel.health?.detail.map { ": \($0)" } ?? ""))
    }
    guard let failure = reports[channel.name]?.lastFailure else { return }
    let status = failure.status.map { " \($0)" } ?? ""
    terminal.out(
      "  \(channel.name) failed last \(failure.at.text): \(failure.reason)\(status)"
        + (failure.detail.map { ": \($0)" } ?? ""))
  }

  private func printIncidents(_ terminal: Terminal, _ head: (String) -> Void) {
    if status.incidents.isEmpty { return }
    terminal.out("")
    head("INCIDENTS")
    for incident in status.incidents {
      let watches = incident.watches.isEmpty ? "" : ": " + incident.watches.joined(separator: ", ")
      terminal.out("  \(incident.key.replacing("|", with: " ")) since \(incident.openedAt.text)\(watches)")
      for line in incident.detail?.split(separator: "\n") ?? [] { terminal.out("    \(line)") }
    }
  }

  private func printRecipients(_ terminal: Terminal, _ head: (String) -> Void) {
    if status.recipients.isEmpty, holds.isEmpty { return }
    terminal.out("")
    head("RECIPIENTS")
    for recipient in status.recipients {
      let what = recipient.isGone ? "gone" : recipient.movedTo != nil ? "moved" : "snoozed"
      terminal.out(
        "  \(recipient.channel) \(Mask.address(recipient.address)) \(what) since \(recipient.since.text)"
          + (recipient.reason.map { ": \($0)" } ?? ""))
    }
    for hold in holds { terminal.out("  " + hold.words) }
  }

  private func seconds(since instant: Instant) -> Int64 { max(0, (now - instant).components.seconds) }
}

extension StatusReport {
  /// Keys are only ever added.
  var json: JSON {
    .object(
      JSONObject([
        ("well", .bool(isWell)), ("at", .instant(now)), ("queued", .integer(Int64(queued))),
        ("oldest", .instant(oldest)),
        ("oldest_seconds", oldest.map { .integer(seconds(since: $0)) } ?? .null),
        ("watches", .array(status.watches.map(json))), ("channels", .array(status.channels.map(json))),
        ("store", status.storage.json),
        (
          "incidents",
          .array(
            status.incidents.map { incident in
              .object(
                JSONObject([
                  ("key", .string(incident.key)), ("opened", .instant(incident.openedAt)),
                  ("watches", .array(incident.watches.map(JSON.string))), ("detail", .text(incident.detail)),
                ]))
            })
        ),
        ("canaries", .array(StatusMaintenance(status: status).canaries)),
        ("drift", .array(StatusMaintenance(status: status).drift)),
        ("recipients", .array(status.recipients.map(json))), ("holds", .array(holds.map(\.json))),
      ]))
  }

  private func json(_ watch: StoreStatus.Watch) -> JSON {
    .object(
      JSONObject(
        [
          ("id", .string(watch.id)), ("site", .string(watch.site)), ("verdict", .text(watch.verdict?.rawValue)),
          ("since", .instant(watch.verdictSince)), ("last_run", .instant(watch.lastRunAt)),
          ("last_good", .instant(watch.lastGoodAt)), ("next_run", .instant(watch.nextRunAt)),
          ("open_items", .integer(Int64(watch.openItems))),
        ] + StatusNotes.members(of: watch)))
  }

  private func json(_ channel: StoreStatus.Channel) -> JSON {
    let report = reports[channel.name] ?? ChannelReport()
    let failure: JSON =
      report.lastFailure.map { failure in
        .object(
          JSONObject([
            ("at", .instant(failure.at)), ("outcome", .string(failure.outcome)), ("reason", .string(failure.reason)),
            ("status", failure.status.map { .integer(Int64($0)) } ?? .null), ("detail", .text(failure.detail)),
            ("delivery", .string(failure.delivery)),
          ]))
      } ?? .null
    return .object(
      JSONObject([
        ("name", .string(channel.name)), ("state", .string(answer(channel).rawValue)),
        ("reason", .text(channel.health?.reason)), ("detail", .text(channel.health?.detail)),
        ("since", .instant(channel.health?.since)), ("until", .instant(channel.health?.until)),
        ("queued", .integer(Int64(channel.queued))), ("backlog", .integer(Int64(report.backlog))),
        ("oldest", .instant(channel.oldest)), ("delivered", .integer(Int64(channel.delivered))),
        ("delivered_last_hour", .integer(Int64(report.deliveredLastHour))),
        ("expired", .integer(Int64(channel.expired))), ("dead", .integer(Int64(channel.dead))),
        ("last_success", .instant(report.lastSuccess)), ("last_failure", failure),
        ("faults_in_a_row", .integer(Int64(report.faultsInARow))), ("faulty_since", .instant(report.faultySince)),
      ]))
  }

  private func json(_ recipient: StoreStatus.Recipient) -> JSON {
    .object(
      JSONObject([
        ("channel", .string(recipient.channel)), ("to", .string(Mask.address(recipient.address))),
        ("gone", .bool(recipient.isGone)), ("moved", .bool(recipient.movedTo != nil)),
        ("reason", .text(recipient.reason)), ("since", .instant(recipient.since)),
      ]))
  }
}

extension SubscriptionHold {
  var words: String {
    let until = snoozedUntil.map { "snoozed until \($0.text)" } ?? "snoozed"
    return "\(channel) \(Mask.address(recipient)) \(isStopped ? "stopped" : until) since \(since.text)"
      + (watch.map { ", watch \($0)" } ?? "")
  }

  var json: JSON {
    .object(
      JSONObject([
        ("channel", .string(channel)), ("to", .string(Mask.address(recipient))), ("watch", .text(watch)),
        ("stopped", .bool(isStopped)), ("snoozed_until", .instant(snoozedUntil)), ("since", .instant(since)),
      ]))
  }
}

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
    died undelivered, so that a script can ask "is all well?".
    """
  static let flags = [CommonFlags.config, CommonFlags.store, CommonFlags.json]

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let store = try StoreAccess.open(arguments, mode: .readOnly)
    let status = try await store.status()
    if arguments.has("--json") {
      terminal.out(json(status).text)
    } else {
      print(status, terminal)
    }
    let isWell =
      status.incidents.isEmpty && !status.storage.isDegraded
      && status.channels.allSatisfy { ($0.health?.state ?? .active) == .active && $0.dead == 0 }
    return isWell ? .success : .negative
  }

  private static func print(_ status: StoreStatus, _ terminal: Terminal) {
    terminal.out(terminal.styled("WATCHES", .bold))
    terminal.table(
      [["  watch", "verdict", "since", "last run", "last good", "open"]]
        + status.watches.map { watch in
          [
            "  " + watch.id, watch.verdict?.rawValue ?? "never run", watch.verdictSince.text, watch.lastRunAt.text,
            watch.lastGoodAt.text, "\(watch.openItems)",
          ]
        })
    for line in status.watches.flatMap(StatusNotes.lines) { terminal.out(line) }
    terminal.out("\n" + terminal.styled("CHANNELS", .bold))
    terminal.table(
      [["  channel", "state", "queued", "oldest", "delivered", "expired", "dead", "reason"]]
        + status.channels.map { channel in
          [
            "  " + channel.name, channel.health?.state.rawValue ?? "active", "\(channel.queued)", channel.oldest.text,
            "\(channel.delivered)", "\(channel.expired)", "\(channel.dead)", channel.health?.reason ?? "",
          ]
        })
    print(status.storage, terminal)
    if !status.incidents.isEmpty {
      terminal.out("\n" + terminal.styled("INCIDENTS", .bold))
      for incident in status.incidents {
        let watches = incident.watches.joined(separator: ", ")
        terminal.out("  \(incident.key.replacing("|", with: " ")) since \(incident.openedAt.text): \(watches)")
      }
    }
    if !status.recipients.isEmpty {
      terminal.out("\n" + terminal.styled("RECIPIENTS", .bold))
      for recipient in status.recipients {
        let what = recipient.isGone ? "gone" : recipient.movedTo != nil ? "moved" : "snoozed"
        terminal.out(
          "  \(recipient.channel) \(Mask.address(recipient.address)) \(what) since \(recipient.since.text)"
            + (recipient.reason.map { ": \($0)" } ?? ""))
      }
    }
  }

  /// One line where all is well.
  private static func print(_ health: StoreHealth, _ terminal: Terminal) {
    let state = health.isDegraded ? "degraded: " + health.troubles.map(\.rawValue).joined(separator: ", ") : "healthy"
    let space = health.space.map {
      ", \(DiskSpace.text($0.free)) of \(DiskSpace.text($0.total)) free, reserve \(DiskSpace.text(health.reserve))"
    }
    terminal.out(
      "\n" + terminal.styled("STORE", .bold) + "\n  " + state + ", \(DiskSpace.text(health.size)) and "
        + "\(DiskSpace.text(health.log)) of log" + (space ?? ""))
  }

  private static func json(_ health: StoreHealth) -> JSON {
    .object(
      JSONObject([
        ("state", .string(health.isDegraded ? "degraded" : "healthy")),
        ("reasons", .array(health.troubles.map { .string($0.rawValue) })), ("detail", .string(health.detail)),
        ("free_bytes", health.space.map { .integer(Int64($0.free)) } ?? .null),
        ("total_bytes", health.space.map { .integer(Int64($0.total)) } ?? .null),
        ("reserve_bytes", .integer(Int64(health.reserve))), ("size_bytes", .integer(Int64(health.size))),
        ("log_bytes", .integer(Int64(health.log))),
      ]))
  }

  private static func json(_ status: StoreStatus) -> JSON {
    .object(
      JSONObject([
        (
          "watches",
          .array(
            status.watches.map { watch in
              .object(
                JSONObject(
                  [
                    ("id", .string(watch.id)), ("site", .string(watch.site)),
                    ("verdict", .text(watch.verdict?.rawValue)), ("since", .instant(watch.verdictSince)),
                    ("last_run", .instant(watch.lastRunAt)), ("last_good", .instant(watch.lastGoodAt)),
                    ("open_items", .integer(Int64(watch.openItems))),
                  ] + StatusNotes.members(of: watch)))
            })
        ),
        (
          "channels",
          .array(
            status.channels.map { channel in
              .object(
                JSONObject([
                  ("name", .string(channel.name)), ("state", .string(channel.health?.state.rawValue ?? "active")),
                  ("reason", .text(channel.health?.reason)), ("queued", .integer(Int64(channel.queued))),
                  ("oldest", .instant(channel.oldest)), ("delivered", .integer(Int64(channel.delivered))),
                  ("expired", .integer(Int64(channel.expired))), ("dead", .integer(Int64(channel.dead))),
                ]))
            })
        ),
        ("store", json(status.storage)),
        (
          "incidents",
          .array(
            status.incidents.map { incident in
              .object(
                JSONObject([
                  ("key", .string(incident.key)), ("opened", .instant(incident.openedAt)),
                  ("watches", .array(incident.watches.map(JSON.string))),
                ]))
            })
        ),
      ]))
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

/// Addresses of people, as screens and logs may show them.
enum Mask {
  /// `•••4567`: enough to tell two apart.
  static func address(_ address: String) -> String {
    address.count <= 4 ? address : "•••" + address.suffix(4)
  }
}

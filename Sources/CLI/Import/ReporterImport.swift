import Language

/// The configuration file of urlwatch or webchanges: who is told, and what holds for every job.
struct ReporterImport {
  let part: ForeignFile.Part

  /// Lines of `notify:` for every watch, once ``take(into:_:)`` was called.
  private(set) var notify: [String] = []

  init(_ part: ForeignFile.Part) { self.part = part }

  private static let advice: [String: String] = [
    "email": "no notifier sends mail yet; a webhook to a mail gateway does, and `ntfy` forwards to mail",
    "stdout": "the channel `console` prints alerts where SlotHunter runs",
    "text": "messages are laid out by each channel",
    "html": "messages are laid out by each channel", "markdown": "messages are laid out by each channel",
    "xmpp": "no notifier speaks XMPP; one with an HTTP API is one YAML file (docs/guide.md)",
    "run_command": "no program is run; a webhook to one of yours does",
    "browser": "no page is opened; `status --watch` shows how things stand",
  ]

  mutating func take(into imported: inout Imported, _ report: inout ImportReport) {
    for (name, value) in zip(part.value.names, part.value.values) {
      switch (name, value) {
      case ("report", .object(let reporters)):
        for (reporter, options) in zip(reporters.names, reporters.values) {
          guard case .object(let options) = options else { continue }
          take(reporter, options, into: &imported, &report)
        }
      case ("job_defaults", .object(let groups)): leaveDefaults(groups, &report)
      case ("display", _):
        report.leave(
          part.place(name), name, "maintainers hear of errors; `alert: { on: […] }` says which changes are told")
      case ("differ_defaults", _): report.leave(part.place(name), name, "items are compared by key, not lines")
      case ("database", _):
        report.leave(
          part.place(name), name, "`store:` is SlotHunter's own; the first reading of each site is its baseline")
      case ("footnote", _), ("config_version", _): report.leave(part.place(name), name, "not used", needless: true)
      default: report.leave(part.place(name), name, "SlotHunter has nothing by that name")
      }
    }
  }

  private func leaveDefaults(_ groups: JSONObject, _ report: inout ImportReport) {
    for (group, value) in zip(groups.names, groups.values) {
      guard case .object(let defaults) = value else { continue }
      for name in defaults.names {
        let path = "job_defaults.\(group).\(name)"
        report.leave(part.place(path), path, "write it under `request:` of each site that needs it")
      }
    }
  }

  private mutating func take(
    _ name: String, _ options: JSONObject, into imported: inout Imported, _ report: inout ImportReport
  ) {
    let path = "report.\(name)"
    guard options["enabled"] != .bool(false) else {
      return report.leave(part.place(path), path, "it is switched off there", needless: true)
    }
    switch name {
    case "telegram": telegram(options, path, into: &imported, &report)
    case "ntfy": ntfy(options, path, into: &imported, &report)
    case "webhook": webhook(options, path, into: &imported, &report)
    case "stdout":
      channel("console", "console: { notifier: console, enabled: true }", into: &imported)
      notify.append("{ channel: console, language: en, first: none }")
      leave(options, path, carried: ["enabled"], &report)
    default:
      report.leave(
        part.place(path), path,
        ReporterImport.advice[name]
          ?? "no notifier of that name is shipped; one with an HTTP API is one YAML file (docs/guide.md)")
    }
  }

  private mutating func telegram(
    _ options: JSONObject, _ path: String, into imported: inout Imported, _ report: inout ImportReport
  ) {
    let token = imported.need("TELEGRAM_BOT_TOKEN", "report.telegram.bot_token")
    channel("telegram", "telegram: { notifier: telegram, enabled: true, token: \(token) }", into: &imported)
    let chats: [String] =
      switch options["chat_id"] {
      case .array(let all)?: all.map { Value(json: $0).plainText }
      case let one?: [Value(json: one).plainText]
      case nil: []
      }
    for chat in chats where !chat.isEmpty {
      notify.append("{ channel: telegram, to: \(FirstSpec.quoted(chat)), language: en, first: none }")
    }
    if chats.isEmpty { report.leave(part.place(path), path, "it has no chat_id: add `to:` to each `notify:` by hand") }
    leave(options, path, carried: ["enabled", "bot_token", "chat_id"], &report)
  }

  private mutating func ntfy(
    _ options: JSONObject, _ path: String, into imported: inout Imported, _ report: inout ImportReport
  ) {
    let address = ForeignAddress(options.plain("topic_url") ?? "")
    let link = String(address.clean.prefix { $0 != "?" && $0 != "#" })
    let topic = link.split(separator: "/").last.map(String.init) ?? ""
    let server = link.hasSuffix("/" + topic) ? String(link.dropLast(topic.count + 1)) : "https://ntfy.sh"
    let isOpen = options["authorization"] == nil && !address.hadLogIn && !address.hadSecret
    let secret = isOpen ? "" : ", token: " + imported.need("NTFY_TOKEN", "an access token of the ntfy server")
    if address.hadLogIn || address.hadSecret {
      report.leave(
        part.place("\(path).topic_url"), "\(path).topic_url",
        "it holds a log-in, which was left out: make an access token on the ntfy server and set NTFY_TOKEN")
    }
    channel(
      "ntfy", "ntfy: { notifier: ntfy, enabled: true, server: \(FirstSpec.quoted(server))\(secret) }", into: &imported)
    notify.append("{ channel: ntfy, to: \(FirstSpec.quoted(topic)), language: en, first: none }")
    leave(options, path, carried: ["enabled", "topic_url", "authorization"], &report)
  }

  private mutating func webhook(
    _ options: JSONObject, _ path: String, into imported: inout Imported, _ report: inout ImportReport
  ) {
    // The address of a webhook is its secret.
    let url = imported.need("WEBHOOK_URL", "report.webhook.webhook_url")
    let secret = imported.need("WEBHOOK_SECRET", "a signing secret of your own: whsec_ and base64")
    channel("webhook", "webhook: { notifier: webhook, enabled: true, url: \(url), secret: \(secret) }", into: &imported)
    notify.append("{ channel: webhook, language: en, first: none }")
    report.leave(
      part.place(path), path, "the body is another: JSON with title, lines and items, signed (docs/guide.md)")
    leave(options, path, carried: ["enabled", "webhook_url"], &report)
  }

  private func leave(_ options: JSONObject, _ path: String, carried: Set<String>, _ report: inout ImportReport) {
    for name in options.names where !carried.contains(name) {
      report.leave(
        part.place("\(path).\(name)"), "\(path).\(name)", "messages are laid out by the notifier", needless: true)
    }
  }

  private func channel(_ name: String, _ line: String, into imported: inout Imported) {
    if !imported.channels.contains(where: { $0.name == name }) { imported.channels.append((name, line)) }
  }
}

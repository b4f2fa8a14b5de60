import Engine
import Language
import PluginHost
import Storage

/// What `run --once` shows of a run.
struct RunReport {
  var commit: RunCommit

  func print(_ terminal: Terminal, json: Bool, isDry: Bool) {
    for line in lines(terminal, json: json, isDry: isDry) { terminal.out(line) }
  }

  func lines(_ terminal: Terminal, json: Bool, isDry: Bool) -> [String] {
    if json { return [self.json.text] }
    var lines = [
      "\(commit.watch)  \(terminal.styled(commit.verdict.rawValue, commit.verdict.isGood ? .green : .red))  "
        + "\(commit.changes.count) changes, \(commit.deliveries.count) deliveries"
    ]
    for outcome in commit.outcomes where !outcome.verdict.isGood {
      lines.append("  \(outcome.name.text) \(outcome.verdict.rawValue): \(outcome.detail ?? "")")
    }
    for delivery in commit.deliveries {
      lines.append(
        "  \(isDry ? "would tell" : "told") \(Mask.address(delivery.recipient)) on \(delivery.channel): \(delivery.message.title)"
      )
      for line in delivery.message.lines { lines.append("    · " + line.text) }
    }
    return lines
  }

  private var json: JSON {
    .object(
      JSONObject([
        ("watch", .string(commit.watch)), ("verdict", .string(commit.verdict.rawValue)),
        ("branches", .object(JSONObject(commit.outcomes.map { ($0.name.text, .string($0.verdict.rawValue)) }))),
        (
          "changes",
          .array(
            commit.changes.map { change in
              .object(JSONObject([("kind", .string(change.kind.rawValue)), ("item", .string(change.item.key))]))
            })
        ),
        (
          "deliveries",
          .array(
            commit.deliveries.map { delivery in
              .object(
                JSONObject([
                  ("id", .string(delivery.id)), ("channel", .string(delivery.channel)),
                  ("to", .string(Mask.address(delivery.recipient))), ("title", .string(delivery.message.title)),
                  ("lines", .array(delivery.message.lines.map { .string($0.text) })),
                ]))
            })
        ),
      ]))
  }
}

extension Change {
  /// `{"watch": …, "kind": "added", "item": …, "fields": {…}}` on one line, fields in the spec's order; of an update also
  /// the tracked fields as they were.
  func line(of watch: String, zone: TimeZoneRules) -> String {
    func object(_ fields: [Item.Field]) -> JSON {
      .object(JSONObject(fields.map { ($0.name, $0.value.json(zone: zone)) }))
    }
    var members = JSONObject([
      ("watch", .string(watch)), ("kind", .string(kind.rawValue)), ("item", .string(item.key)),
      ("fields", object(item.fields)),
    ])
    if kind == .updated { members["before"] = object(before) }
    return JSON.object(members).text
  }
}

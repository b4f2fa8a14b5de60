import Engine
import Language
import Storage

/// What `status` says to whoever maintains the specs: canaries, and what begins to change.
struct StatusMaintenance {
  var status: StoreStatus

  func print(_ terminal: Terminal, _ head: (String) -> Void) {
    if !status.canaries.isEmpty {
      terminal.out("")
      head("CANARIES")
      for canary in status.canaries {
        let state =
          canary.problem.map { "broken: \($0)" } ?? canary.doubt.map { "to be confirmed: \($0)" } ?? "well"
        terminal.out(
          "  \(canary.canary) \(state), since \(canary.since.text); ran \(canary.lastRunAt.text): "
            + "\(canary.verdict.rawValue), \(canary.items) items")
      }
    }
    let told = status.drift.flatMap { record in DriftSummary(record.stats).told.map { (record, $0) } }
    if told.isEmpty { return }
    terminal.out("")
    head("DRIFT")
    for (record, what) in told { terminal.out("  \(record.site), step \(record.step): \(what)") }
  }

  var canaries: [JSON] {
    status.canaries.map { canary in
      .object(
        JSONObject([
          ("canary", .string(canary.canary)), ("site", .string(canary.site)), ("well", .bool(canary.problem == nil)),
          ("problem", .text(canary.problem)), ("doubt", .text(canary.doubt)), ("since", .string(canary.since.text)),
          ("last_run", .string(canary.lastRunAt.text)), ("verdict", .string(canary.verdict.rawValue)),
          ("items", .integer(Int64(canary.items))),
        ]))
    }
  }

  var drift: [JSON] {
    status.drift.map { record in
      let summary = DriftSummary(record.stats)
      return .object(
        JSONObject([
          ("site", .string(record.site)), ("step", .string(record.step)),
          ("spec_version", .string(record.specVersion)), ("samples", .integer(Int64(summary.samples))),
          ("rows_per_sample", summary.rowsPerSample),
          ("fields", .object(JSONObject(summary.fields.map { ($0.name, $0.rate) }))),
          ("layout", summary.layout.map(JSON.string) ?? .null), ("told", .array(summary.told.map(JSON.string))),
          ("updated", .string(record.updatedAt.text)),
        ]))
    }
  }
}

import Engine
import Language
import PluginHost

/// What `try` shows of a run.
struct TryReport {
  var watch: Watch
  var result: RunResult
  var now: Instant
  /// With `--trace`.
  var trace: [AnswerTrace] = []

  /// Items that `drop` does not take away.
  var items: [Item] {
    result.branches.flatMap(\.items).filter { item in
      guard let drop = watch.spec.items.drop else { return true }
      return !drop.holds(in: item.scope, RenderContext(zone: watch.spec.zone, now: now))
    }
  }

  func printJSON(_ terminal: Terminal) {
    let items = items
    for item in items { terminal.out(json(item).text) }
    let branches = JSONObject(result.branches.map { ($0.name.text, .string($0.verdict.rawValue)) })
    var members = JSONObject([
      ("verdict", .string(result.verdict.rawValue)), ("items", .integer(Int64(items.count))),
      ("branches", .object(branches)), ("requests", .array(result.trace.map(\.json))),
    ])
    if !trace.isEmpty { members["trace"] = .array(trace.map { $0.json(zone: watch.spec.zone) }) }
    terminal.out(JSON.object(members).text)
  }

  func print(_ terminal: Terminal) {
    terminal.out(terminal.styled(watch.id, .bold))
    terminal.out("\nREQUESTS")
    terminal.table(
      result.trace.map { request in
        [
          "  " + request.step, request.method, request.url,
          request.status.map(String.init) ?? request.failure?.rawValue ?? "-",
          request.source, "\(request.bytes) B", "\(request.elapsed.inMilliseconds) ms",
          "\(request.verdict.rawValue)\(request.verdict == .items ? ", \(request.rows) rows" : "")",
        ]
      })
    if !trace.isEmpty {
      terminal.out("\nTRACE")
      for (index, answer) in trace.enumerated() {
        AnswerLines(answer: answer, zone: watch.spec.zone, terminal: terminal).print(index + 1)
      }
    }
    terminal.out("\nBRANCHES")
    for branch in result.branches {
      let name = branch.name == .root ? "(whole site)" : branch.name.text
      terminal.out("  \(verdict(branch.verdict, terminal))  \(name)  \(branch.items.count) items")
      if let detail = branch.detail { terminal.out("    \(detail)  (\(branch.rule))") }
      if branch.duplicates > 0 {
        terminal.out("    \(branch.duplicates) rows had the key of another and were left out")
      }
    }
    terminal.out("\nITEMS")
    for item in items { terminal.out("  " + json(item).text) }
    if items.isEmpty { terminal.out("  none") }
    let dropped = result.branches.reduce(0) { $0 + $1.items.count } - items.count
    if dropped > 0 { terminal.out("  \(dropped) dropped by items.drop") }
    terminal.out("\nverdict: \(verdict(result.verdict, terminal)), \(items.count) items")
  }

  func json(_ item: Item) -> JSON {
    .object(JSONObject(item.fields.map { ($0.name, $0.value.json(zone: watch.spec.zone)) }))
  }

  private func verdict(_ verdict: Verdict, _ terminal: Terminal) -> String {
    terminal.styled(verdict.rawValue, verdict.isGood ? .green : .red)
  }
}

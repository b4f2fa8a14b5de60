import Engine
import Language
import PluginHost
import Synchronization

/// What `try --trace` shows: each answer of the run, outcome by outcome, selector by selector, field by field.
final class TryTrace: Sendable {
  private let seen = Mutex<[SeenAnswer]>([])

  var witness: @Sendable (SeenAnswer) -> Void {
    { [self] answer in seen.withLock { $0.append(answer) } }
  }

  func answers() -> [AnswerTrace] {
    let inspector = AnswerInspector(catalog: Builtins.catalog, time: SystemTime())
    return seen.withLock { $0 }.map(inspector.trace)
  }
}

/// Lines of one answer.
struct AnswerLines {
  var answer: AnswerTrace
  var zone: TimeZoneRules
  var terminal: Terminal

  func print(_ number: Int) {
    terminal.out(
      terminal.styled("\n[\(number)] \(answer.step)  \(answer.method) \(answer.url)", .bold)
        + "\n  status \(answer.status), \(answer.bytes) B as \(answer.kind.rawValue), fetched in \(ms(answer.fetching)), "
        + "read in \(ms(answer.reading))")
    if let problem = answer.problem { terminal.out("  " + terminal.styled(problem, .red)) }
    for outcome in answer.outcomes {
      terminal.out("  outcome \(outcome.rule) \(outcome.verdict.rawValue): \(outcome.applies ? "applies" : "no")")
    }
    let rows = answer.verdict == .items ? ", \(answer.rowCount) rows" : ""
    terminal.out(
      "  -> \(terminal.styled(answer.verdict.rawValue, answer.verdict.isGood ? .green : .red))\(rows) by \(answer.rule)"
        + (answer.detail.map { ": \($0)" } ?? "") + (answer.chosen.map { ", from \($0)" } ?? ""))
    terminal.table(answer.selectors.map { cells($0, indent: "  ") })
    for field in answer.fields { print(field, indent: "  ") }
    for rows in answer.rows { print(rows, indent: "  ") }
  }

  private func print(_ rows: AnswerTrace.Rows, indent: String) {
    terminal.table(rows.selectors.map { cells($0, indent: indent) })
    let keep = rows.keep.map { ", \(rows.kept) kept by '\($0)'" } ?? ""
    terminal.out("\(indent)  \(rows.candidates) rows\(keep)")
    for field in rows.fields { print(field, indent: indent + "  ") }
    for inner in rows.inner { print(inner, indent: indent + "  ") }
  }

  private func print(_ field: AnswerTrace.Field, indent: String) {
    let mark = field.problems > 0 || field.filled == 0 && field.rows > 0
    let count = terminal.styled("\(field.filled) of \(field.rows)", mark ? .yellow : .green)
    terminal.out("\(indent)field \(field.name): \(count)")
    terminal.table(field.selectors.map { cells($0, indent: indent + "  ") })
    let stages = field.stages.map { "\($0.name) \(short($0.value))" }
    if !stages.isEmpty { terminal.out("\(indent)  " + stages.joined(separator: " -> ")) }
    if let problem = field.problem {
      terminal.out("\(indent)  \(field.problems) of them: " + terminal.styled(problem, .red))
    }
  }

  private func cells(_ selector: AnswerTrace.Selector, indent: String) -> [String] {
    [
      indent + selector.path, selector.source,
      selector.runs == 1
        ? "\(selector.matches) matches" : "\(selector.matches) matches in \(selector.found) of \(selector.runs)",
      ms(selector.elapsed), selector.problem ?? selector.needsTree.map { "needs a tree: \($0)" } ?? "",
    ]
  }

  /// At most 60 characters, as JSON.
  private func short(_ value: Value) -> String {
    let text = value.json(zone: zone).text
    return text.count > 60 ? String(text.prefix(59)) + "…" : text
  }

  private func ms(_ duration: Duration) -> String {
    let micro = duration.components.seconds * 1_000_000 + duration.components.attoseconds / 1_000_000_000_000
    return "\(micro / 1000).\(micro / 100 % 10) ms"
  }
}

extension AnswerTrace {
  func json(zone: TimeZoneRules) -> JSON {
    .object(
      JSONObject([
        ("step", .string(step)), ("url", .string(url)), ("status", .integer(Int64(status))),
        ("verdict", .string(verdict.rawValue)), ("rule", .string(rule)), ("detail", .text(detail)),
        ("problem", .text(problem)), ("from", .text(chosen)), ("read_ms", .integer(reading.inMilliseconds)),
        (
          "outcomes",
          .array(
            outcomes.map {
              .object(
                JSONObject([
                  ("rule", .string($0.rule)), ("verdict", .string($0.verdict.rawValue)), ("applies", .bool($0.applies)),
                ]))
            })
        ),
        ("selectors", .array(selectors.map(\.json))), ("fields", .array(fields.map { $0.json(zone: zone) })),
        ("rows", .array(rows.map { $0.json(zone: zone) })),
      ]))
  }
}

extension AnswerTrace.Selector {
  fileprivate var json: JSON {
    .object(
      JSONObject([
        ("path", .string(path)), ("kind", .string(kind)), ("selector", .string(source)),
        ("runs", .integer(Int64(runs))), ("found", .integer(Int64(found))), ("matches", .integer(Int64(matches))),
        ("problem", .text(problem)), ("needs_tree", .text(needsTree)),
      ]))
  }
}

extension AnswerTrace.Field {
  fileprivate func json(zone: TimeZoneRules) -> JSON {
    .object(
      JSONObject([
        ("name", .string(name)), ("path", .string(path)), ("rows", .integer(Int64(rows))),
        ("filled", .integer(Int64(filled))), ("problem", .text(problem)),
        ("selectors", .array(selectors.map(\.json))),
        (
          "stages",
          .array(
            stages.map {
              .object(JSONObject([("name", .string($0.name)), ("value", $0.value.json(zone: zone))]))
            })
        ),
      ]))
  }
}

extension AnswerTrace.Rows {
  fileprivate func json(zone: TimeZoneRules) -> JSON {
    .object(
      JSONObject([
        ("path", .string(path)), ("candidates", .integer(Int64(candidates))), ("kept", .integer(Int64(kept))),
        ("selectors", .array(selectors.map(\.json))), ("fields", .array(fields.map { $0.json(zone: zone) })),
        ("rows", .array(inner.map { $0.json(zone: zone) })),
      ]))
  }
}

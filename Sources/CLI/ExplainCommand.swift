import Engine
import Language
import PluginHost
import Storage

/// The spec as it runs: every default in it, and what its selectors come to.
struct ExplainCommand: Command {
  static let name = "explain"
  static let summary = "a site spec as it runs: every value with its origin, its selectors, outcomes, limits, schedule"
  static let synopsis = "SITE|FILE"
  static let discussion = """
    Each value stands with the place it is written at, `default` where the engine's own counts, or what it is derived
    from. Of each step: whether its pages are streamed or need a tree, and the outcomes in the order in which they are
    tried. With --json one object.

    EXAMPLES
      slothunter explain paziresh24
      slothunter explain sites/new.yaml --json
    """
  static let flags = [CommonFlags.config, CommonFlags.json]

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    guard arguments.positionals.count == 1, let target = arguments.positionals.first else {
      throw CommandFailure(.usage, "one SITE or FILE is needed")
    }
    let workspace = try Workspace.sites(arguments)
    let spec = try workspace.spec(target)
    let explanation = Explanation(spec: spec, configuration: workspace.configuration)
    if arguments.has("--json") { terminal.out(explanation.json.text) } else { explanation.print(terminal) }
    return .success
  }
}

/// What `explain` prints.
struct Explanation {
  let spec: SiteSpec
  private let effective: EffectiveSpec
  private let steps: [StepExplanation]
  private let watches: [WatchRule]

  init(spec: SiteSpec, configuration: Configuration?) {
    self.spec = spec
    effective = EffectiveSpec(spec, configuration: configuration)
    steps = spec.steps.map { StepExplanation(step: $0) }
    watches = (configuration?.watches ?? []).filter { $0.site == spec.id }
  }

  func print(_ terminal: Terminal) {
    func head(_ text: String) { terminal.out("\n" + terminal.styled(text, .bold)) }
    terminal.out(terminal.styled("\(spec.id), version \(spec.version)", .bold))
    head("VALUES")
    terminal.table(effective.lines.map { ["  " + $0.path, $0.value, $0.origin.words] })
    for step in steps {
      head("STEP \(step.step.name): \(step.reading)")
      terminal.out("  selectors")
      terminal.table(step.selectors.map { ["    " + $0.path, $0.kind, $0.source, $0.words] })
      terminal.out("  outcomes, the first that applies")
      terminal.table(
        step.outcomes.enumerated().map { index, outcome in
          let place = outcome.rule == "default" ? "default" : effective.place(outcome.rule)?.description ?? outcome.rule
          return ["    \(index + 1)", outcome.verdict, outcome.condition, place]
        })
    }
    head("POLITENESS")
    for line in politeness { terminal.out("  " + line) }
    head("SCHEDULE")
    for line in schedule { terminal.out("  " + line) }
  }

  /// In numbers, per origin; the strictest spec of an origin wins.
  private var politeness: [String] {
    let limits = spec.limits
    var lines = [
      limits.rate.map { "at most \($0.words) to an origin, \(limits.burst) of them at once after a quiet time" }
        ?? "no rate is set"
    ]
    if let gap = limits.gap { lines.append("\(DurationText.format(gap)) between two requests in the long run") }
    if let pause = limits.pause { lines.append("never less than \(DurationText.format(pause)) between two requests") }
    lines.append(limits.concurrency.map { "at most \($0) at the same time" } ?? "any number at the same time")
    lines.append(limits.obeysRobots ? "robots.txt is obeyed" : "robots.txt is not asked for")
    lines.append(
      limits.never.isEmpty
        ? "no path is barred" : "never asked for: " + limits.never.map(\.source).joined(separator: " "))
    lines.append("`every` is stretched where these limits can't meet it; `slothunter status` shows to what")
    return lines
  }

  private var schedule: [String] {
    let least = "at the shortest every \(DurationText.format(spec.limits.minInterval)) (limits.min_interval)"
    guard !watches.isEmpty else {
      return [least, "no watch of it in the configuration (`watch list` shows those added)"]
    }
    return [least]
      + watches.map { rule in
        let id = Watch(spec: spec, params: rule.params, every: rule.every, subscriptions: []).id
        var parts =
          rule.timing.cron.isEmpty
          ? ["every \(DurationText.format(rule.every))"]
          : ["cron " + rule.timing.cron.map(\.source).joined(separator: "; ")]
        if !rule.timing.within.isEmpty { parts.append("only within \(rule.timing.within.count) windows") }
        if let jitter = rule.timing.jitter { parts.append("jitter \(Int(jitter * 100))%") }
        if rule.timing.priority != .normal { parts.append("priority \(rule.timing.priority.rawValue)") }
        parts.append("\(rule.notify.count) subscriptions")
        return "\(id): " + parts.joined(separator: ", ")
      }
  }
}

extension Explanation {
  var json: JSON {
    .object(
      JSONObject([
        ("site", .string(spec.id)), ("version", .string(spec.version)), ("file", .string(spec.file)),
        (
          "values",
          .array(
            effective.lines.map { line in
              .object(
                JSONObject([
                  ("path", .string(line.path)), ("value", .string(line.value)),
                  ("origin", .string(line.origin.word)), ("at", .text(line.origin.place)),
                ]))
            })
        ),
        ("steps", .array(steps.map(json))), ("politeness", .array(politeness.map(JSON.string))),
        ("schedule", .array(schedule.map(JSON.string))),
      ]))
  }

  private func json(_ step: StepExplanation) -> JSON {
    .object(
      JSONObject([
        ("step", .string(step.step.name)), ("streamed", .bool(step.step.treeNeeds.isEmpty)),
        ("reading", .string(step.reading)),
        (
          "selectors",
          .array(
            step.selectors.map { selector in
              .object(
                JSONObject([
                  ("path", .string(selector.path)), ("kind", .string(selector.kind)),
                  ("selector", .string(selector.source)), ("needs_tree", .text(selector.needsTree)),
                  ("inner", .bool(selector.isInner)),
                ]))
            })
        ),
        (
          "outcomes",
          .array(
            step.outcomes.map { outcome in
              .object(
                JSONObject([
                  ("rule", .string(outcome.rule)), ("verdict", .string(outcome.verdict)),
                  ("condition", .string(outcome.condition)),
                ]))
            })
        ),
      ]))
  }
}

extension EffectiveSpec.Origin {
  fileprivate var word: String {
    switch self {
    case .written: "written"
    case .fallback: "default"
    case .derived: "derived"
    }
  }

  fileprivate var place: String? {
    switch self {
    case .written(let location): location.description
    case .fallback: nil
    case .derived(let from): from
    }
  }
}

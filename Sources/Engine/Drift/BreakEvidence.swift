import Language
import PluginHost
import Storage

/// What maintainers need to see of a break: what was looked for, what was there when all was well, what is there now.
struct BreakEvidence: Sendable, Hashable {
  var field: String?
  var selector: String?
  var lastGood: String?
  var current: String?
}

/// Gathers it: for a branch that has just broken, which is rare.
struct EvidenceGathering: Sendable {
  var catalog: PluginCatalog
  var extraction: ExtractionPool?
  var store: Store
  var keeper: BodyKeeper
  var watch: Watch
  var uptime: Duration

  private var spec: SiteSpec { watch.spec }
  private var pages: PageReading { PageReading(catalog: catalog, extraction: extraction) }

  /// For branches whose break begins with this run.
  func gather(_ result: RunResult, _ state: WatchState) async -> [BranchName: BreakEvidence] {
    var found: [BranchName: BreakEvidence] = [:]
    for branch in result.branches where branch.verdict == .layoutBroken || branch.verdict == .suspicious {
      // A break of many branches is told once, of one of them.
      guard found.count < 3, !state.openIncidents.contains(where: { $0.branch == branch.name }),
        keeper.mayShow(spec.id, uptime: uptime)
      else { continue }
      found[branch.name] = await evidence(of: branch, result)
    }
    return found
  }

  private func evidence(of branch: BranchResult, _ result: RunResult) async -> BreakEvidence? {
    guard let place = spec.place(of: branch.rule) else { return nil }
    var evidence = BreakEvidence(field: place.field?.name, selector: place.selector)
    let trace = branch.trace.last { $0.step == place.step.name }
    if let response = trace.flatMap(result.answer) { evidence.current = await look(place, response, isBroken: true) }
    if let kept = try? await store.keptGood(site: spec.id, step: place.step.name, watch: watch.id),
      let response = kept.body.exchange?.response
    {
      evidence.lastGood = await look(place, response, isBroken: false)
    }
    return evidence
  }

  private func look(_ place: RulePlace, _ response: Response, isBroken: Bool) async -> String? {
    let found = await pages.look(at: response, place.step, of: spec) { page in
      page.flatMap(place.excerpt) ?? (page == nil || isBroken ? Excerpt.of(page: response.body) : nil)
    }
    return found.map(keeper.concealment.concealing)
  }
}

/// A rule of a spec that a verdict named by its key path.
struct RulePlace: Sendable {
  var step: Step
  var field: FieldRule?
  var rows: RowsRule?
  /// The rows that a field stands in.
  var selector: String

  /// What the rule finds; of a field that is not found the row that should hold it.
  func excerpt(of page: StepPage) -> String? {
    if let field {
      let holder = rows.map { page.rows(of: $0).first } ?? page.node
      guard let holder else { return nil }
      if case .selector(let selectors) = field.source, let match = try? selectors.select(from: holder).first {
        return match.excerpt()
      }
      return holder.excerpt()
    }
    if let rows { return page.rows(of: rows).first?.excerpt() }
    return (try? step.anchor?.select(from: page.node).first)?.excerpt()
  }
}

extension SiteSpec {
  func place(of keyPath: String) -> RulePlace? {
    // Of two steps `steps[1]` and `steps[10]` only one is the rule's.
    guard let step = steps.first(where: { keyPath == $0.keyPath || keyPath.hasPrefix($0.keyPath + ".") }) else {
      return nil
    }
    for (field, rows) in step.fieldRules where field.keyPath == keyPath {
      return RulePlace(step: step, field: field, rows: rows, selector: field.source.text)
    }
    if let rows = step.allRows.first(where: { keyPath == $0.keyPath || keyPath == $0.keyPath + ".entries" }) {
      return RulePlace(step: step, rows: rows, selector: rows.source.text)
    }
    if keyPath == step.keyPath + ".rows", let rows = step.rows.first {
      return RulePlace(step: step, rows: rows, selector: rows.source.text)
    }
    if keyPath == step.keyPath + ".document", let document = step.document {
      return RulePlace(step: step, selector: document.selector.source)
    }
    guard let anchor = step.anchor else { return nil }
    return RulePlace(step: step, selector: "anchor \(anchor.source)")
  }
}

extension Step {
  var allRows: [RowsRule] {
    func below(_ rules: [RowsRule]) -> [RowsRule] { rules.flatMap { [$0] + below($0.rows) } }
    return below(rows)
  }
}

import Language
import PluginHost

/// Whether a canary is well. Pure.
enum CanaryJudgement: Sendable, Hashable {
  case well
  /// What does not hold, in a sentence.
  case broken(String)
  /// The site could not be read just now, which says nothing of the spec.
  case unknown

  static func judge(_ result: RunResult, _ canary: Canary, _ watch: Watch, now: Instant) -> CanaryJudgement {
    switch result.verdict {
    case .failed, .throttled, .unreadable: return .unknown
    case .layoutBroken, .suspicious, .blocked, .gone:
      let branch = result.branches.first { $0.verdict == result.verdict }
      return .broken("\(result.verdict.rawValue): \(branch?.detail ?? "no detail") (\(branch?.rule ?? ""))")
    case .items, .empty, .unchanged: break
    }
    let context = RenderContext(zone: watch.spec.zone, now: now)
    let items = result.branches.flatMap(\.items).filter { !watch.isDropped($0, context) }
    guard items.count >= canary.least else { return .broken("\(items.count) items, expected at least \(canary.least)") }
    for item in items {
      let scope = watch.scope.adding(item.fields.map { ($0.name, $0.value) })
      if let fact = canary.facts.first(where: { !$0.holds(in: scope, context) }) {
        return .broken("'\(fact.source)' is not true of item \(item.keyForPeople)")
      }
    }
    return .well
  }
}

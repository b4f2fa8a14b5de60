import Language
import PluginHost
import Storage

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

extension CanaryRecord {
  /// Whether it is to be run at once under another version of its spec: somebody may have mended it.
  func isOwed(_ version: String) -> Bool { specVersion != version && (problem != nil || doubt != nil) }

  /// A break is believed when two runs in a row have found one, as an item is gone when two readings lack it (ADR 9); what
  /// could not be read in between says nothing of either.
  mutating func take(_ judgement: CanaryJudgement) {
    switch judgement {
    case .well: (problem, doubt) = (nil, nil)
    case .unknown: break
    case .broken(let found) where problem != nil || doubt != nil: (problem, doubt) = (found, nil)
    case .broken(let found): doubt = found
    }
  }
}

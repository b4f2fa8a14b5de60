import Diagnostics
import Language
import PluginHost

/// Which outcomes take what beside their condition.
private let partUsers: [(key: String, outcomes: Set<NotifierOutcomeRule.Outcome>)] = [
  ("receipt", [.delivered]), ("each", [.delivered]), ("refused", [.delivered]),
  ("retry_after", [.throttled, .retry, .paused]), ("to", [.moved]),
]

extension Shape {
  static let notifierOutcomes = Shape.list(
    .one(
      of: NotifierOutcomeRule.Outcome.allCases.map { outcome in
        Choice(
          outcome.rawValue, forbids: partUsers.filter { !$0.outcomes.contains(outcome) }.map(\.key),
          requires: outcome == .moved ? ["to"] : [], oneOf: outcome == .misconfigured ? ["text", KeyRule.selector] : [])
      }, .table("notifier outcome")))
}

extension SpecContext {
  /// - Parameter isSigned: A signed webhook is decided by status, 410 ends it (Standard Webhooks 1.0.0).
  func notifierOutcomes(_ entry: Entry, isSigned: Bool) -> [NotifierOutcomeRule] {
    let words = NotifierOutcomeRule.Outcome.allCases.map(\.rawValue)
    return outcomes(entry, words: words, table: .notifierOutcome) { word, draft, given, element in
      guard let outcome = NotifierOutcomeRule.Outcome(rawValue: word) else { return nil }
      checkParts(of: outcome, given, at: element.atKey)
      checkProof(of: outcome, draft, isSigned: isSigned, at: element.atKey)
      return NotifierOutcomeRule(
        outcome: outcome, condition: draft.condition, receipt: draft.receipt, retryAfter: draft.retryAfter,
        to: draft.to, each: draft.each, refused: draft.refused, keyPath: element.path)
    }
  }

  /// What an outcome takes beside its condition.
  private func checkParts(
    of outcome: NotifierOutcomeRule.Outcome, _ given: KeyTable<OutcomeDraft>.Given, at entry: Entry
  ) {
    for (key, outcomes) in partUsers {
      guard let part = given[key], !outcomes.contains(outcome) else { continue }
      let words = NotifierOutcomeRule.Outcome.allCases.filter(outcomes.contains).map(\.rawValue)
      error(
        .unfitOption, "'\(key)' means nothing for '\(outcome.rawValue)'", at: part.atKey,
        help: "it belongs to \(words.joined(separator: ", "))")
    }
    if outcome == .moved, given["to"] == nil {
      error(.missingKey, "'moved' needs 'to'", at: entry, help: "to: the selector of the new address")
    }
    if let refused = given["refused"], given["each"] == nil {
      error(
        .lonelyKey, "'refused' needs 'each'", at: refused.atKey, help: "each: the selector of one result per recipient")
    }
  }

  /// What ends a recipient or a channel must be proved by the body: the 403 of a proxy in between unsubscribes nobody.
  private func checkProof(
    of outcome: NotifierOutcomeRule.Outcome, _ draft: OutcomeDraft, isSigned: Bool, at entry: Entry
  ) {
    guard outcome == .recipientGone || outcome == .misconfigured else { return }
    // `not` is true without any document too.
    if draft.text != nil || draft.selector != nil && draft.not == nil { return }
    if outcome == .recipientGone, isSigned, draft.statuses == [410...410] { return }
    error(
      .noProof, "'\(outcome.rawValue)' needs proof in the body", at: entry,
      help: "add json, xpath or text (not with 'not'): any proxy can answer with a status")
  }
}

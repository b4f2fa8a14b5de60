import Diagnostics
import Language
import PluginHost

extension Shape {
  static let siteOutcomes = Shape.list(
    .one(of: SpecContext.declarableVerdicts.map { Choice($0) }, .table("outcome")))
}

extension SpecContext {
  /// Verdicts that a spec may declare: `items` is what is left when no outcome applies.
  static let declarableVerdicts = Verdict.allCases.filter { $0 != .items }.map(\.rawValue)

  /// `outcomes:` of a step or of `request:`.
  func siteOutcomes(_ entry: Entry) -> [OutcomeRule] {
    outcomes(entry, words: Self.declarableVerdicts, table: .siteOutcome) { word, draft, given, element in
      guard let verdict = Verdict(rawValue: word) else { return nil }
      if verdict == .gone, draft.text == nil, draft.selector == nil {
        lintGone(draft.statuses, at: given["status"] ?? element)
      }
      if draft.anchorMissing, !hasAnchor, isInStep, let missing = given["missing"] {
        error(
          .noAnchor, "this step has no anchor that could be missing", at: missing,
          help: "anchor: what every healthy page has")
      }
      refuseAnyAnswer(word, draft, given)
      if let reread = given["reread"], let name = draft.reread { checkReread(name, at: reread) }
      return OutcomeRule(
        verdict: verdict, condition: draft.condition, reread: draft.reread, keyPath: element.path)
    }
  }

  /// What is read comes from answers of status 200; what is said of all of those is said of each that it could be read from.
  private func refuseAnyAnswer(_ word: String, _ draft: OutcomeDraft, _ given: KeyTable<OutcomeDraft>.Given) {
    guard readsAnswers || !isInStep, draft.selectorKey == nil, given["text"] == nil, given["missing"] == nil,
      let status = given["status"], draft.statuses?.contains(where: { $0.contains(200) }) == true
    else { return }
    error(
      .rowsNeverRead, "'\(word)' takes every answer of status 200: rows and fields are never read", at: status,
      help: "add what only such an answer has: text: '…', json: $.…, css: '…'")
  }

  /// Only a step that came before can be read again.
  private func checkReread(_ name: String, at entry: Entry) {
    let earlier = stepNames.prefix(step).map(\.name)
    if earlier.contains(name) { return }
    guard let other = stepNames.first(where: { $0.name == name }) else {
      error(
        .unknownStep, "no step is named \(quoted(name))", at: entry,
        help: suggestion(for: name, among: earlier, calling: "earlier steps"))
      return
    }
    error(
      .unknownStep, "the step \(quoted(name)) does not come before this one", at: entry,
      help: earlier.isEmpty ? nil : "earlier steps: \(earlier.joined(separator: ", "))",
      notes: [Diagnostic.Note("it is", at: other.location)])
  }
}

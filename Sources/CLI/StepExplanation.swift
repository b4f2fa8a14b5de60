import Engine
import Language
import PluginHost

/// How a step reads an answer: what its selectors compile to, and the outcomes in the order in which they are tried.
struct StepExplanation {
  struct Selector {
    var path: String
    var kind: String
    var source: String
    /// nil where the page's bytes suffice.
    var needsTree: String?
    /// Runs on the document inside the page, of which a tree or tape is made anyway.
    var isInner: Bool

    var words: String {
      if isInner { return "inside the document" }
      guard let needsTree else { return kind == "json" ? "read from the bytes" : "streamed" }
      return "needs a tree: \(needsTree)"
    }
  }

  let step: Step

  /// Every selector of the step, in the order of ``Step/pageSelectors``.
  var selectors: [Selector] {
    let onPage = step.pageSelectors
    let all = onPage + (step.document == nil ? [] : step.withoutDocument.pageSelectors)
    return all.enumerated().flatMap { index, place in
      place.selectors.alternatives.map {
        Selector(
          path: place.keyPath, kind: $0.kind, source: $0.source, needsTree: $0.needsTree,
          isInner: index >= onPage.count)
      }
    }
  }

  /// What the page is read into.
  var reading: String {
    let needs = step.treeNeeds
    guard let first = needs.first else {
      return "read from its bytes: no tree is made"
    }
    let others = needs.count > 1 ? ", and \(needs.count - 1) more" : ""
    return "read into a tree, as \(first.keyPath) needs one (\(first.reason))\(others)"
  }

  /// In the order in which they are tried; the engine's own come last.
  var outcomes: [(rule: String, verdict: String, condition: String)] {
    step.outcomes.map {
      (
        $0.keyPath, $0.verdict.rawValue,
        $0.condition.words + ($0.reread.map { ", believed after '\($0)' is read again" } ?? "")
      )
    }
      + StepExplanation.defaults(step)
  }

  private static func defaults(_ step: Step) -> [(rule: String, verdict: String, condition: String)] {
    var rules = [
      ("default", "failed", "no answer, status 408, 5xx"), ("default", "throttled", "status 429"),
      ("default", "blocked", "status 401, 403, 451"), ("default", "layout_broken", "status 204, 3xx, other 4xx"),
      ("default", "layout_broken", "the body is no such document, or a required field is missing"),
    ]
    if let anchor = step.anchor { rules.append(("default", "layout_broken", "anchor \(anchor.source) not found")) }
    rules.append(("default", "items", "rows"))
    return rules.map { (rule: $0.0, verdict: $0.1, condition: $0.2) }
  }
}

extension Step {
  /// The same, as if its page were the document inside of it: its selectors are those that run there.
  fileprivate var withoutDocument: Step {
    Step(
      name: name, when: when, request: request, refresh: refresh, kind: kind, document: nil, anchor: anchor,
      outcomes: outcomes, fields: fields, rows: rows, pages: pages, keyPath: keyPath)
  }
}

extension OutcomeCondition {
  /// `status 200, $.status is not 1`
  var words: String {
    var parts: [String] = []
    if let statuses {
      parts.append(
        "status "
          + statuses.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)..\($0.upperBound)" }
          .joined(separator: ", "))
    }
    if anchorMissing { parts.append("anchor missing") }
    if let text { parts.append("body matches \(text.source)") }
    if let selector { parts.append("\(selector.source) \(test.words)") }
    return parts.isEmpty ? "always" : parts.joined(separator: ", ")
  }
}

extension OutcomeCondition.Test {
  fileprivate var words: String {
    switch self {
    case .matches: "is there"
    case .equals(let value): "is \(value.plainText)"
    case .in(let values): "is one of " + values.map(\.plainText).joined(separator: ", ")
    case .not(let value): "is not \(value.plainText)"
    case .pattern(let pattern): "matches \(pattern.source)"
    }
  }
}

import Language
import PluginHost

/// JSONPath as a selector, without the room that owns the real one.
struct PathSelector: CompiledSelector {
  let path: JSONPath
  var source: String { path.source }
  var kind: String { "json" }

  init(_ source: String) throws { path = try JSONPath(source) }

  func select(from node: DocumentNode) throws(ExtractError) -> [DocumentNode] {
    guard case .json(let json) = node else { return [] }
    do throws(JSONPathLimit) {
      return try path.select(from: json).map(DocumentNode.json)
    } catch {
      throw ExtractError(.budget, "too many nodes")
    }
  }
}

/// Matches texts by a function; stands in for patterns.
struct TextSelector: CompiledSelector {
  let source = "a test's own"
  let kind = "pattern"
  let matches: @Sendable (String) -> Bool

  func select(from node: DocumentNode) throws(ExtractError) -> [DocumentNode] { matches(node.text) ? [node] : [] }

  static func contains(_ part: String) -> TextSelector {
    TextSelector { $0.lowercased().contains(part.lowercased()) }
  }
}

func path(_ source: String) throws -> SelectorList { SelectorList([try PathSelector(source)]) }

extension NotifierOutcomeRule {
  static func when(
    _ outcome: Outcome, _ selector: String, _ test: OutcomeCondition.Test = .matches, receipt: String? = nil,
    retryAfter: String? = nil, to: String? = nil, each: String? = nil, refused: [Value] = []
  ) throws -> NotifierOutcomeRule {
    NotifierOutcomeRule(
      outcome: outcome, condition: OutcomeCondition(selector: try path(selector), test: test),
      receipt: try receipt.map(path), retryAfter: try retryAfter.map(path), to: try to.map(path),
      each: try each.map(path), refused: refused, keyPath: "outcomes[?]")
  }
}

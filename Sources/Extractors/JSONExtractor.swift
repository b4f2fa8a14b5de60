import Language
import PluginHost

/// JSONPath over JSON documents.
public struct JSONExtractor: Extractor {
  public static let kind = "json"
  public static let summary = "JSONPath (RFC 9535) over JSON"
  public static let documents: Set<DocumentKind> = [.json]

  public init() {}

  public func compile(_ expression: String) throws(SyntaxError) -> any CompiledSelector {
    guard expression.utf8.count <= MarkupLimits.selectorBytes else {
      throw SyntaxError("longer than the limit of \(MarkupLimits.selectorBytes) bytes", offset: 0)
    }
    return JSONSelector(path: try JSONPath(expression))
  }
}

/// A compiled query; its `$` is the node that it is run from.
struct JSONSelector: CompiledSelector {
  let path: JSONPath
  let kind = JSONExtractor.kind
  /// On markup it finds nothing, which takes no tree.
  let needsTree: String? = nil

  var source: String { path.source }

  func select(from node: DocumentNode) throws(ExtractError) -> [DocumentNode] {
    if case .tape(let start) = node, let found = path.select(from: start) { return found.map { .tape($0) } }
    guard let json = node.json else { return [] }
    do throws(JSONPathLimit) {
      return try path.select(from: json).map { .json($0) }
    } catch {
      throw ExtractError(.budget, "the JSONPath gives more than \(error.limit) nodes")
    }
  }

  func firstValue(from node: DocumentNode) throws(ExtractError) -> Value? {
    guard case .tape(let start) = node, let found = path.single(from: start) else {
      return try firstOfSelected(from: node)
    }
    guard let found, !found.isNull else { return nil }
    return Value(json: found.json)
  }
}

import Language
import PluginHost

/// Patterns by Swift's own engine: enough for the few that these tests hold.
struct PatternStandIn: Extractor {
  static let kind = "pattern"
  static let summary = "A stand-in."
  static let documents = Set(DocumentKind.allCases)

  struct Selector: CompiledSelector {
    var source: String
    var kind: String
    func select(from node: DocumentNode) throws(ExtractError) -> [DocumentNode] {
      guard let regex = try? Regex(source), node.text.contains(regex) else { return [] }
      return [node]
    }
  }

  func compile(_ expression: String) throws(SyntaxError) -> any CompiledSelector {
    do { _ = try Regex(expression) } catch { throw SyntaxError("the pattern does not compile", offset: 0) }
    return Selector(source: expression, kind: Self.kind)
  }
}

struct TextStandIn: Extractor {
  static let kind = "text"
  static let summary = "A stand-in."
  static let documents = Set(DocumentKind.allCases)

  func compile(_ expression: String) throws(SyntaxError) -> any CompiledSelector {
    PatternStandIn.Selector(source: expression, kind: Self.kind)
  }
}

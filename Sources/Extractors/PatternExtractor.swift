internal import CLibXML2
import Language
import Patterns
import PluginHost

/// Regular expressions over the source of a node: markup as it was sent, JSON as compact text.
public struct PatternExtractor: Extractor {
  public static let kind = "pattern"
  public static let summary = "regular expression (PCRE2) over the source: group `value`, else group 1, else the match"
  public static let documents = Set(DocumentKind.allCases)

  public init() {}

  public func compile(_ expression: String) throws(SyntaxError) -> any CompiledSelector {
    try PatternSelector(expression, kind: PatternExtractor.kind) { node in
      switch node {
      case .text(let text): text
      case .json(let json): PatternSelector.source(of: json)
      case .tape(let node): PatternSelector.source(of: node.json)
      case .markup(let markup): markup.outerMarkup
      }
    }
  }
}

/// Regular expressions over what a reader of the page may see.
public struct TextExtractor: Extractor {
  public static let kind = "text"
  public static let summary = "regular expression (PCRE2) over the text of a node, without tags, scripts and styles"
  public static let documents = Set(DocumentKind.allCases)

  public init() {}

  public func compile(_ expression: String) throws(SyntaxError) -> any CompiledSelector {
    try PatternSelector(expression, kind: TextExtractor.kind) { node in
      switch node {
      case .text(let text): text
      case .json(let json): PatternSelector.source(of: json)
      case .tape(let node): PatternSelector.source(of: node.json)
      case .markup(let markup): markup.tree?.visibleText ?? markup.text
      }
    }
  }
}

/// A compiled pattern, and what of a node it searches.
struct PatternSelector: CompiledSelector {
  let kind: String
  let pattern: Pattern
  private let subject: @Sendable (DocumentNode) -> String

  var source: String { pattern.source }
  var needsTree: String? {
    kind == PatternExtractor.kind
      ? "a pattern searches markup, as libxml2 writes it" : "what a page shows is told by its tree"
  }

  init(_ source: String, kind: String, subject: @escaping @Sendable (DocumentNode) -> String) throws(SyntaxError) {
    guard !source.isEmpty else { throw SyntaxError("the pattern is empty", offset: 0) }
    do throws(PatternError) {
      // Of the 64 KiB that a pattern may search by default only short texts profit; a whole page is searched under the
      // same limits of steps and time, and never in part.
      pattern = try Pattern(source, limits: Pattern.Limits(inputBytes: PatternSelector.inputBytes))
    } catch {
      throw SyntaxError(error.message, offset: error.offset)
    }
    self.kind = kind
    self.subject = subject
  }

  /// Three times the largest body, 8 MiB: what the largest body in windows-1256 takes as UTF-8.
  private static let inputBytes = 24 << 20

  func select(from node: DocumentNode) throws(ExtractError) -> [DocumentNode] {
    do throws(PatternLimit) {
      return try pattern.matches(in: subject(node)).compactMap(PatternSelector.value).map { .text($0) }
    } catch {
      throw ExtractError(.budget, error.description)
    }
  }

  /// nil where the group took no part in the match: there is no value then.
  private static func value(of match: Pattern.Match) -> String? {
    if let named = match["value"] { return named }
    return match.groups.isEmpty ? match.text : match.groups[0]
  }

  static func source(of json: JSON) -> String {
    if case .string(let string) = json { return string }
    return json.text
  }
}

extension MarkupNode {
  /// Of a page that was read without a tree, too.
  fileprivate var tree: TreeNode? {
    if let streamed = self as? StreamedNode { return try? streamed.page.treeNode(streamed.node) }
    return self as? TreeNode
  }
}

extension TreeNode {
  /// The text below, without what browsers do not show: scripts and styles, unless this is one itself.
  public var visibleText: String {
    var bytes: [UInt8] = []
    var next: xmlNodePtr? = pointer
    while let node = next {
      if node != pointer, TreeNode.isHidden(node) {
        next = LibXMLTree.after(node, within: pointer)
        continue
      }
      if LibXMLTree.isText(node) { bytes.append(contentsOf: LibXMLText.bytes(node.pointee.content)) }
      next = LibXMLTree.following(node, within: pointer)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func isHidden(_ node: xmlNodePtr) -> Bool {
    guard LibXMLTree.isElement(node) else { return false }
    return (["script", "style"] as [StaticString]).contains { xmlStrEqual(node.pointee.name, $0.utf8Start) == 1 }
  }
}

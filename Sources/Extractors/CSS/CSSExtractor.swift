internal import CLibXML2
import Language
import PluginHost

/// CSS selectors over HTML and XML, with `::text` and `::attr(name)`.
///
/// Matched on the tree itself rather than translated to XPath: `div ul a` costs a walk, classes need no string
/// functions, letter case follows HTML, and every step counts towards a limit, which libxml2's XPath cannot promise.
public struct CSSExtractor: Extractor {
  public static let kind = "css"
  public static let summary = "CSS selectors (level 4) over HTML and XML, with ::text and ::attr(name)"
  public static let documents: Set<DocumentKind> = [.html, .xml]

  public init() {}

  public func compile(_ expression: String) throws(SyntaxError) -> any CompiledSelector {
    try CompiledCSS(expression)
  }
}

/// A compiled selector list; the same for all threads.
struct CompiledCSS: CompiledSelector {
  let source: String
  let kind = CSSExtractor.kind
  private let selectors: [CSSSelector]
  let needsTree: String?

  init(_ source: String) throws(SyntaxError) {
    guard source.utf8.count <= MarkupLimits.selectorBytes else {
      throw SyntaxError("longer than the limit of \(MarkupLimits.selectorBytes) bytes", offset: 0)
    }
    self.source = source
    selectors = try CSSParser.parse(source)
    needsTree = StreamCSS.unfit(selectors)
  }

  /// Elements below the node, as `querySelectorAll` gives them; what stands above it may take part in the match.
  func select(from node: DocumentNode) throws(ExtractError) -> [DocumentNode] {
    guard case .markup(let markup) = node else { return [] }
    if let start = markup as? StreamedNode {
      if needsTree == nil, let found = StreamSelection.select(selectors, from: start) { return found }
      return try select(from: .markup(start.page.treeNode(start.node)))
    }
    guard let start = markup as? TreeNode else { return [] }
    var matcher = CSSMatcher(scope: start.pointer, isHTML: start.document.isHTML)
    var found: [DocumentNode] = []
    var next = LibXMLTree.following(start.pointer, within: start.pointer)
    while let element = next {
      if LibXMLTree.isElement(element) {
        try collect(element, &matcher, start.document, into: &found)
        if found.count > MarkupLimits.matches {
          throw ExtractError(.budget, "the CSS selector gives more than \(MarkupLimits.matches) nodes")
        }
      }
      next = LibXMLTree.following(element, within: start.pointer)
    }
    return found
  }

  private func collect(
    _ element: xmlNodePtr, _ matcher: inout CSSMatcher, _ document: MarkupDocument, into found: inout [DocumentNode]
  ) throws(ExtractError) {
    var given: [CSSSelector.Output] = []
    for selector in selectors where !given.contains(selector.output) {
      guard try matcher.matches(selector.complex, element) else { continue }
      if selectors.count > 1 { given.append(selector.output) }
      switch selector.output {
      case .element: found.append(.markup(TreeNode(element, of: document)))
      case .text:
        for child in LibXMLTree.children(of: element) where LibXMLTree.isText(child) {
          found.append(.markup(TreeNode(child, of: document)))
        }
      case .attribute(let name):
        guard let attribute = CSSAttributes.find(name, .none, on: element, isHTML: document.isHTML) else { continue }
        let node = UnsafeMutableRawPointer(attribute).assumingMemoryBound(to: xmlNode.self)
        found.append(.markup(TreeNode(node, of: document)))
      }
    }
  }
}

internal import CLibXML2
import PluginHost

/// Owns a libxml2 tree. Lives as long as anything that points into it: every ``TreeNode`` holds its document.
///
/// Nothing changes the tree after it is read. One thread at a time may use it.
final class MarkupDocument {
  let kind: DocumentKind
  /// The page as UTF-8, what the tree was made from.
  let source: [UInt8]
  /// See ``TagScan/isSuspectedCut``.
  let isSuspectedCut: Bool
  let nodeCount: Int
  let depth: Int

  let tree: xmlDocPtr
  private let memory: TreeMemory
  /// What XPath evaluates in; made at the first XPath, kept because making one costs as much as a small query.
  private var evaluator: XPathEvaluator?

  init(
    _ tree: xmlDocPtr, in memory: TreeMemory, kind: DocumentKind, source: [UInt8], isSuspectedCut: Bool,
    guarded: sh_guard
  ) {
    self.tree = tree
    self.memory = memory
    self.kind = kind
    self.source = source
    self.isSuspectedCut = isSuspectedCut
    nodeCount = Int(guarded.nodes)
    depth = Int(guarded.depth)
  }

  // The tree goes with its memory, without a walk over its nodes.
  deinit { evaluator?.close() }

  /// The document as a node; XPath's `/`.
  var root: TreeNode {
    // The first fields of xmlDoc and xmlNode are the same by design ("struct _xmlDoc … common part").
    TreeNode(UnsafeMutableRawPointer(tree).assumingMemoryBound(to: xmlNode.self), of: self)
  }

  var isHTML: Bool { tree.pointee.type == XML_HTML_DOCUMENT_NODE }

  func xpath() throws(ExtractError) -> XPathEvaluator {
    if let evaluator { return evaluator }
    let made = try XPathEvaluator(tree)
    evaluator = made
    return made
  }
}

/// libxml2's tables are set up once for the process, before the first use on any thread.
enum LibXML2 {
  static let isReady: Bool = {
    TreeMemory.prepare()
    xmlInitParser()
    return true
  }()
}

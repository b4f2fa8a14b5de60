import PluginHost

/// A node of a page that was read without a tree. Holds its page.
public final class StreamedNode: MarkupNode {
  let page: PageTape
  let node: TapeNode

  init(_ node: TapeNode, of page: PageTape) {
    self.node = node
    self.page = page
  }

  public var text: String { page.walk { walker in walker.text(of: node) } }

  /// Written by the tree, for it is libxml2's own writing; the page itself is the page.
  public var outerMarkup: String {
    if node.kind == .document { return String(decoding: page.source, as: UTF8.self) }
    return (try? page.treeNode(node))?.outerMarkup ?? text
  }

  public var name: String {
    guard node.kind == .element else { return (try? page.treeNode(node))?.name ?? "" }
    return page.walk { walker in walker.name(node.element) }
  }

  public var line: Int? { (try? page.treeNode(node))?.line }
}

extension PageTape {
  /// The node of libxml2's tree that a place on the tape is; the tree is made when it is first asked for.
  ///
  /// - Throws: What reading the page into a tree throws; for a page on a tape it does not.
  func treeNode(_ node: TapeNode) throws(ExtractError) -> TreeNode {
    let document = try treeDocument()
    switch node.kind {
    case .document: return document.root
    case .element: return try treeElement(node.element)
    case .attribute:
      let name = walk { walker in
        walker.attribute(at: Int(node.detail)).map { walker.bytes[$0.name].map(CSSName.lowered) }
      }
      guard let name, let found = try treeElement(node.element).attributeNode(name) else { throw PageTape.mismatch }
      return found
    case .text:
      let place = walk { walker in walker.texts(in: .element(node.element)).firstIndex(of: node) }
      guard let place, let found = try treeElement(node.element).textNode(place) else { throw PageTape.mismatch }
      return found
    }
  }

  private func treeDocument() throws(ExtractError) -> MarkupDocument {
    if let tree { return tree }
    let made = try MarkupDocument(html: source)
    tree = made
    treeElements = made.allElements
    return made
  }

  private func treeElement(_ index: Int32) throws(ExtractError) -> TreeNode {
    guard treeElements.count == elementCount, treeElements.indices.contains(Int(index)) else {
      throw PageTape.mismatch
    }
    return treeElements[Int(index)]
  }

  /// A fault of ours: ``PageScanner`` took a page that libxml2 reads otherwise.
  private static var mismatch: ExtractError {
    ExtractError(.malformed, "the page reads otherwise with the matcher than as a tree; run with SLOTHUNTER_STREAM=off")
  }
}

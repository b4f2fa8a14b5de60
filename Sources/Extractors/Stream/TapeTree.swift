internal import CLibXML2
import PluginHost

extension MarkupDocument {
  /// In document order, as a tape has them.
  var allElements: [TreeNode] {
    let top = root.pointer
    var found: [TreeNode] = []
    var next = LibXMLTree.following(top, within: top)
    while let node = next {
      if LibXMLTree.isElement(node) { found.append(TreeNode(node, of: self)) }
      next = LibXMLTree.following(node, within: top)
    }
    return found
  }
}

extension TreeNode {
  func attributeNode(_ name: [UInt8]) -> TreeNode? {
    let found = LibXMLTree.attributes(of: pointer).first { CSSText.isEqual($0.pointee.name, name) }
    return found.map { TreeNode(UnsafeMutableRawPointer($0).assumingMemoryBound(to: xmlNode.self), of: document) }
  }

  /// The n-th of its own text nodes, from 0.
  func textNode(_ place: Int) -> TreeNode? {
    var left = place
    for child in LibXMLTree.children(of: pointer) where LibXMLTree.isText(child) {
      if left == 0 { return TreeNode(child, of: document) }
      left -= 1
    }
    return nil
  }
}

extension TapeWalker {
  /// The text nodes right in a node.
  func texts(in node: TapeNode) -> [TapeNode] {
    pieces(within: node).compactMap { index in
      let piece = pieces[Int(index)]
      guard piece.owner == node.element, !piece.joins else { return nil }
      return TapeNode(kind: .text, element: piece.owner, detail: index)
    }
  }
}

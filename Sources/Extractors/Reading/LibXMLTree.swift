internal import CLibXML2

/// Walks over libxml2's tree.
enum LibXMLTree {
  static func isDocument(_ node: xmlNodePtr) -> Bool {
    node.pointee.type == XML_HTML_DOCUMENT_NODE || node.pointee.type == XML_DOCUMENT_NODE
  }

  static func isElement(_ node: xmlNodePtr) -> Bool { node.pointee.type == XML_ELEMENT_NODE }

  static func isText(_ node: xmlNodePtr) -> Bool {
    node.pointee.type == XML_TEXT_NODE || node.pointee.type == XML_CDATA_SECTION_NODE
  }

  static func attributes(of element: xmlNodePtr) -> some Sequence<xmlAttrPtr> {
    sequence(state: element.pointee.properties) { next in
      let attribute = next
      next = attribute?.pointee.next
      return attribute
    }
  }

  static func children(of node: xmlNodePtr) -> some Sequence<xmlNodePtr> {
    sequence(state: node.pointee.children) { next in
      let child = next
      next = child?.pointee.next
      return child
    }
  }

  static func element(before node: xmlNodePtr) -> xmlNodePtr? {
    var next = node.pointee.prev
    while let candidate = next, !isElement(candidate) { next = candidate.pointee.prev }
    return next
  }

  static func element(after node: xmlNodePtr) -> xmlNodePtr? {
    var next = node.pointee.next
    while let candidate = next, !isElement(candidate) { next = candidate.pointee.next }
    return next
  }

  /// The node after `node` in document order, within the subtree of `top`; nil at its end.
  static func following(_ node: xmlNodePtr, within top: xmlNodePtr) -> xmlNodePtr? {
    // The children of an entity reference are the entity's declaration, which is not part of this tree.
    if node.pointee.type != XML_ENTITY_REF_NODE, node.pointee.type != XML_DTD_NODE, let child = node.pointee.children {
      return child
    }
    return after(node, within: top)
  }

  /// The node after all that is below `node`.
  static func after(_ node: xmlNodePtr, within top: xmlNodePtr) -> xmlNodePtr? {
    var current = node
    while current != top {
      if let next = current.pointee.next { return next }
      guard let parent = current.pointee.parent else { return nil }
      current = parent
    }
    return nil
  }

  /// The last step of a path to the node; nil for the document.
  static func step(to node: xmlNodePtr) -> String? {
    switch node.pointee.type {
    case XML_ELEMENT_NODE: LibXMLText.string(node.pointee.name) + position(of: node, among: isSameElement)
    case XML_ATTRIBUTE_NODE: "@" + LibXMLText.string(node.pointee.name)
    case XML_TEXT_NODE, XML_CDATA_SECTION_NODE: "text()" + position(of: node) { isText($0) && isText($1) }
    case XML_COMMENT_NODE: "comment()" + position(of: node) { $0.pointee.type == $1.pointee.type }
    case XML_PI_NODE: "processing-instruction()" + position(of: node) { $0.pointee.type == $1.pointee.type }
    default: nil
    }
  }

  private static func isSameElement(_ a: xmlNodePtr, _ b: xmlNodePtr) -> Bool {
    isElement(a) && isElement(b) && LibXMLText.isEqual(a.pointee.name, b.pointee.name)
  }

  /// `[2]`; nothing where it is the only one of its kind.
  private static func position(of node: xmlNodePtr, among isSame: (xmlNodePtr, xmlNodePtr) -> Bool) -> String {
    var position = 1
    var next = node.pointee.prev
    while let sibling = next {
      if isSame(node, sibling) { position += 1 }
      next = sibling.pointee.prev
    }
    if position > 1 { return "[\(position)]" }
    next = node.pointee.next
    while let sibling = next {
      if isSame(node, sibling) { return "[1]" }
      next = sibling.pointee.next
    }
    return ""
  }
}

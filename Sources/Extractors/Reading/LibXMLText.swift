internal import CLibXML2
import Glibc

/// Text out of libxml2's tree, always UTF-8 there.
enum LibXMLText {
  static func string(_ text: UnsafePointer<xmlChar>?) -> String {
    String(decoding: bytes(text), as: UTF8.self)
  }

  /// Without the NUL at the end; valid while the tree is.
  static func bytes(_ text: UnsafePointer<xmlChar>?) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: text, count: text.map(length) ?? 0)
  }

  static func isEqual(_ a: UnsafePointer<xmlChar>?, _ b: UnsafePointer<xmlChar>?) -> Bool {
    a == b || xmlStrEqual(a, b) == 1
  }

  /// The string-value of XPath.
  static func content(of node: xmlNodePtr) -> String {
    // Most nodes asked for hold one text: no buffer is needed for those.
    if let only = onlyText(of: node) { return string(only.pointee.content) }
    if LibXMLTree.isText(node) || node.pointee.type == XML_COMMENT_NODE || node.pointee.type == XML_PI_NODE {
      return string(node.pointee.content)
    }
    return joined(below: node)
  }

  private static func onlyText(of node: xmlNodePtr) -> xmlNodePtr? {
    guard node.pointee.type == XML_ELEMENT_NODE || node.pointee.type == XML_ATTRIBUTE_NODE,
      let child = node.pointee.children, child.pointee.next == nil, LibXMLTree.isText(child)
    else { return nil }
    return child
  }

  private static func joined(below node: xmlNodePtr) -> String {
    var joined: [UInt8] = []
    var next = LibXMLTree.following(node, within: node)
    while let current = next {
      if LibXMLTree.isText(current) { joined.append(contentsOf: bytes(current.pointee.content)) }
      next = LibXMLTree.following(current, within: node)
    }
    return String(decoding: joined, as: UTF8.self)
  }

  /// The markup of one node with all below it.
  static func markup(of node: xmlNodePtr, in document: MarkupDocument) -> String {
    guard let buffer = xmlBufferCreate() else { return "" }
    defer { xmlBufferFree(buffer) }
    if document.isHTML {
      // Without format: htmlNodeDump would put line breaks behind block elements that the page does not have.
      guard let output = xmlOutputBufferCreateBuffer(buffer, nil) else { return "" }
      htmlNodeDumpFormatOutput(output, document.tree, node, nil, 0)
      xmlOutputBufferClose(output)
    } else {
      xmlNodeDump(buffer, document.tree, node, 0, 0)
    }
    return string(xmlBufferContent(buffer))
  }

  private static func length(_ text: UnsafePointer<xmlChar>) -> Int {
    strlen(UnsafePointer<CChar>(OpaquePointer(text)))
  }
}

internal import CLibXML2
import PluginHost

/// A node of an HTML or XML tree: element, attribute, text, comment or the document itself. Holds its document.
public final class TreeNode: MarkupNode {
  let document: MarkupDocument
  let pointer: xmlNodePtr

  init(_ pointer: xmlNodePtr, of document: MarkupDocument) {
    self.pointer = pointer
    self.document = document
  }

  public var text: String { LibXMLText.content(of: pointer) }

  public var outerMarkup: String {
    if isDocument { return String(decoding: document.source, as: UTF8.self) }
    return LibXMLText.markup(of: pointer, in: document)
  }

  public var name: String {
    guard isElement || isAttribute, let name = pointer.pointee.name else { return "" }
    return LibXMLText.string(name)
  }

  /// Lines beyond 65,534 are not known: libxml2 keeps 16 bits of them.
  public var line: Int? {
    let holder = isAttribute ? pointer.pointee.parent : pointer
    guard let holder, !isDocument else { return nil }
    let line = xmlGetLineNo(holder)
    return line > 0 && line < 65_535 ? Int(line) : nil
  }

  /// The value of an attribute of this element, entities decoded; nil where it has none of that name.
  ///
  /// - Parameter name: Of HTML in any case; of XML as written.
  public func attribute(_ name: String) -> String? {
    guard isElement else { return nil }
    let wanted = document.isHTML ? name.lowercased() : name
    for attribute in LibXMLTree.attributes(of: pointer) where LibXMLText.string(attribute.pointee.name) == wanted {
      return LibXMLText.content(of: UnsafeMutableRawPointer(attribute).assumingMemoryBound(to: xmlNode.self))
    }
    return nil
  }

  /// Names and values of all attributes, in the order of the page.
  public var attributes: [(name: String, value: String)] {
    guard isElement else { return [] }
    return LibXMLTree.attributes(of: pointer).map { attribute in
      let node = UnsafeMutableRawPointer(attribute).assumingMemoryBound(to: xmlNode.self)
      return (LibXMLText.string(attribute.pointee.name), LibXMLText.content(of: node))
    }
  }

  /// Where the node stands, as an XPath that finds it again: `/html/body/div[2]/@class`.
  public var path: String {
    var parts: [String] = []
    var next: xmlNodePtr? = pointer
    while let node = next, let step = LibXMLTree.step(to: node) {
      parts.append(step)
      next = node.pointee.parent
    }
    return "/" + parts.reversed().joined(separator: "/")
  }

  public var isElement: Bool { pointer.pointee.type == XML_ELEMENT_NODE }
  public var isAttribute: Bool { pointer.pointee.type == XML_ATTRIBUTE_NODE }
  var isDocument: Bool { LibXMLTree.isDocument(pointer) }
}

extension TreeNode: Equatable {
  /// The same place in the same tree.
  public static func == (a: TreeNode, b: TreeNode) -> Bool { a.pointer == b.pointer }
}

extension TreeNode {
  /// What the node is; XPath's seven kinds, and CDATA, which XPath takes for text.
  public enum Kind: String, Sendable, Hashable {
    case document, element, attribute, text, cdata, comment, instruction, namespace, other
  }

  public var nodeKind: Kind {
    switch pointer.pointee.type {
    case XML_DOCUMENT_NODE, XML_HTML_DOCUMENT_NODE: .document
    case XML_ELEMENT_NODE: .element
    case XML_ATTRIBUTE_NODE: .attribute
    case XML_TEXT_NODE: .text
    case XML_CDATA_SECTION_NODE: .cdata
    case XML_COMMENT_NODE: .comment
    case XML_PI_NODE: .instruction
    case XML_NAMESPACE_DECL: .namespace
    default: .other
    }
  }

  /// Prefixes and addresses that an element declares, or that a namespace node is.
  var namespaces: [(prefix: String, address: String)] {
    let first =
      nodeKind == .namespace
      ? UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: xmlNs.self) : isElement ? pointer.pointee.nsDef : nil
    var found: [(prefix: String, address: String)] = []
    var next = first
    while let namespace = next {
      found.append((LibXMLText.string(namespace.pointee.prefix), LibXMLText.string(namespace.pointee.href)))
      // The next of a namespace node is its element.
      next = nodeKind == .namespace ? nil : namespace.pointee.next
    }
    return found
  }
}

extension TreeNode {
  /// Its child elements, in document order.
  public var elements: [TreeNode] {
    LibXMLTree.children(of: pointer).filter(LibXMLTree.isElement).map { TreeNode($0, of: document) }
  }

  /// Its own text, without that of the elements in it.
  public var ownText: String {
    LibXMLTree.children(of: pointer).filter(LibXMLTree.isText).map { LibXMLText.content(of: $0) }.joined()
  }
}

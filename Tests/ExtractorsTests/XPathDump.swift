import Glibc

@testable import Extractors

/// Prints results as libxml2's test driver does (`xmlXPathDebugDumpObject`).
struct XPathDump {
  var document: MarkupDocument

  func text(of result: XPathResult) -> String {
    switch result {
    case .text(let text): "Object is a string : \(shown(text))\n"
    case .boolean(let value): "Object is a Boolean : \(value)\n"
    case .number(let value): "Object is a number : \(shown(value))\n"
    case .nodes(let nodes): dump(nodes)
    }
  }

  private func dump(_ nodes: XPathNodes) -> String {
    var dump = "Object is a Node Set :\nSet contains \(nodes.count) nodes:\n"
    for index in 0..<nodes.count {
      guard let pointer = nodes[index] else { continue }
      dump += "\(index + 1)" + self.dump(TreeNode(pointer, of: document))
    }
    return dump
  }

  private func dump(_ node: TreeNode) -> String {
    switch node.nodeKind {
    case .document: "   /\n"
    case .element: "  ELEMENT \(shown(node.name))\n" + namespaces(of: node, "    ") + attributes(of: node)
    case .attribute: "  ATTRIBUTE \(node.name)\n    TEXT\n      content=\(shown(node.text))\n"
    case .text: "  TEXT\n    content=\(shown(node.text))\n"
    case .cdata: "  CDATA_SECTION\n    content=\(shown(node.text))\n"
    case .comment: "  COMMENT\n    content=\(shown(node.text))\n"
    case .instruction: "  PI target\n    content=\(shown(node.text))\n"
    case .namespace: namespaces(of: node, "  ")
    case .other: "  ?\n"
    }
  }

  private func namespaces(of node: TreeNode, _ indent: String) -> String {
    node.namespaces.map { "\(indent)namespace \($0.prefix) href=\($0.address)\n" }.joined()
  }

  private func attributes(of node: TreeNode) -> String {
    node.attributes.map { "    ATTRIBUTE \($0.name)\n      TEXT\n        content=\(shown($0.value))\n" }.joined()
  }

  /// The first 40 bytes, others than ASCII as numbers.
  private func shown(_ text: String) -> String {
    var shown = ""
    for (index, byte) in text.utf8.enumerated() {
      if index >= 40 { return shown + "..." }
      switch byte {
      case 0x20, 0x09, 0x0A, 0x0D: shown += " "
      case 0x80...: shown += "#" + String(byte, radix: 16, uppercase: true)
      default: shown += String(Character(Unicode.Scalar(byte)))
      }
    }
    return shown
  }

  private func shown(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
    if value == 0 { return "0" }
    var buffer = [CChar](repeating: 0, count: 64)
    let count = withVaList([value]) { vsnprintf(&buffer, buffer.count, "%0g", $0) }
    return String(decoding: buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

internal import CLibXML2
import PluginHost

/// Whether the matcher reads a page as libxml2 does, in every element, attribute and text: for tests and fuzzing, which
/// ask it of many pages.
package enum StreamAudit {
  package enum Finding: Equatable, Sendable {
    case same
    /// libxml2 reads this page, and the matcher leaves it to it.
    case doubted(StreamDoubt)
    /// A page that is refused is not streamed either.
    case refused
    /// What differs first.
    case different(String)
  }

  package static func audit(_ body: [UInt8], contentType: String? = nil) -> Finding {
    guard let text = try? BodyText.surveyedHTML(body, contentType: contentType) else { return .refused }
    let tree = Result { () throws(ExtractError) in try MarkupDocument(html: text.utf8) }
    let tape: PageTape
    do throws(StreamDoubt) { tape = try PageScanner.tape(of: text) } catch {
      if case .failure = tree { return .refused }
      return .doubted(error)
    }
    switch tree {
    case .failure(let error): return .different("the page is refused: \(error.message)")
    case .success(let tree): return compare(tape, tree).map { .different($0) } ?? .same
    }
  }

  private static func compare(_ tape: PageTape, _ tree: MarkupDocument) -> String? {
    if tape.isSuspectedCut != tree.isSuspectedCut { return "suspected cut: \(tape.isSuspectedCut)" }
    let nodes = tree.allElements
    var numbers: [UnsafeMutableRawPointer: Int32] = [:]
    for (index, node) in nodes.enumerated() { numbers[UnsafeMutableRawPointer(node.pointer)] = Int32(index) }
    for (index, node) in nodes.enumerated() {
      guard index < tape.elementCount else { return "\(node.path) is missing" }
      let parent = node.pointer.pointee.parent.flatMap { numbers[UnsafeMutableRawPointer($0)] } ?? PageTape.document
      if let difference = compare(tape, Int32(index), node, parent) { return "\(node.path): \(difference)" }
    }
    if tape.elementCount > nodes.count { return "\(tape.elementCount) elements for \(nodes.count)" }
    let all = tape.walk { walker in walker.text(of: .document) }
    return all == tree.root.text ? nil : "the text of the page"
  }

  private static func compare(_ tape: PageTape, _ index: Int32, _ node: TreeNode, _ parent: Int32) -> String? {
    tape.walk { walker in
      let element = walker.element(index)
      let name = TapeName(lower: Array(node.name.utf8))
      if !walker.name(index, is: name), element.tag != PageTape.implied || element.name != name.key {
        return "its name"
      }
      if element.parent != parent { return "it is in element \(element.parent), not in \(parent)" }
      let texts = walker.texts(in: .element(index)).map { walker.text(of: $0) }
      if texts != ownTexts(of: node) { return "its texts are \(texts)" }
      var attributes: [(name: String, value: String)] = []
      var next = Int(element.attributes)
      while next > 0, let attribute = walker.attribute(at: next) {
        let name = walker.bytes[attribute.name].map(CSSName.lowered)
        if !attributes.contains(where: { Array($0.name.utf8) == name }) {
          let value = walker.withValue(of: attribute) { String(decoding: $0, as: UTF8.self) }
          attributes.append((String(decoding: name, as: UTF8.self), value))
        }
        next = attribute.next
      }
      return attributes.elementsEqual(node.attributes, by: ==) ? nil : "its attributes are \(attributes)"
    }
  }

  private static func ownTexts(of node: TreeNode) -> [String] {
    LibXMLTree.children(of: node.pointer).filter(LibXMLTree.isText).map { LibXMLText.content(of: $0) }
  }
}

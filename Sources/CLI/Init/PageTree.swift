import Engine
import Extractors
import Language
import PluginHost

/// A page as `init` looks at it: its elements with what a selector can name them by.
final class PageElement {
  let node: TreeNode
  let name: String
  let id: String?
  /// Those that a person may have written: a class that a build made is another one tomorrow.
  let classes: [String]
  private(set) weak var parent: PageElement?
  private(set) var children: [PageElement] = []

  init(_ node: TreeNode, parent: PageElement? = nil) {
    self.node = node
    self.parent = parent
    name = node.name
    id = node.attribute("id").flatMap { PageElement.isStable($0) ? $0 : nil }
    classes = (node.attribute("class") ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
      .filter(PageElement.isStable)
    children = node.elements.map { PageElement($0, parent: self) }
  }

  /// Deeper pages than this are not looked into.
  static func root(of document: DocumentNode) -> PageElement? {
    guard let html = try? XPathExtractor().compile("/*"),
      case .markup(let node)? = try? html.select(from: document).first,
      let tree = node as? TreeNode
    else { return nil }
    return PageElement(tree)
  }

  /// This and everything below, in document order.
  var all: [PageElement] { [self] + children.flatMap(\.all) }

  /// `li.slot.free`, without what differs from one to the next.
  func skeleton(_ shared: Set<String>? = nil) -> String {
    let classes = shared.map { shared in self.classes.filter(shared.contains) } ?? self.classes
    return name + classes.map { "." + $0 }.joined()
  }

  /// From the page's root down to the parent.
  var ancestors: [PageElement] { (parent?.ancestors ?? []) + (parent.map { [$0] } ?? []) }

  /// Letters, digits, `-` and `_` only, and not `css-1x2y3z`, `sc-bdVaJa`, `_3fG9k`, which a build gives anew each time.
  private static func isStable(_ word: String) -> Bool {
    let scalars = Array(word.unicodeScalars)
    guard let first = scalars.first, scalars.count <= 40, first.isASCII, first.properties.isAlphabetic,
      scalars.allSatisfy({
        $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "-" || $0 == "_")
      })
    else { return false }
    // A part with letters and digits mixed, or with capitals inside, of five or more is taken for a hash.
    return !word.split(whereSeparator: { $0 == "-" || $0 == "_" }).contains { part in
      let digits = part.count { $0.isNumber }
      let capitals = part.dropFirst().count { $0.isUppercase }
      let turns = zip(part, part.dropFirst()).count { $0.isNumber != $1.isNumber }
      return part.count >= 5 && (digits > 0 && turns > 1 || capitals >= 2 && part.contains { $0.isLowercase })
    }
  }
}

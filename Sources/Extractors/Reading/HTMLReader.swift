import PluginHost

/// HTML of any quality, as browsers read it: unclosed tags, broken bytes and stray text survive.
///
/// A page that ends in the middle of a tag, comment or script is `truncated`; one that opens `<html>` and `<body>` and
/// closes neither is read, and marked: ``PluginHost/DocumentNode/isSuspectedCut``.
public struct HTMLReader: DocumentReader {
  public static let kind = DocumentKind.html

  public init() {}

  public func read(_ body: [UInt8], contentType: String?) throws(ExtractError) -> DocumentNode {
    .markup(try MarkupDocument(html: try BodyText.html(body, contentType: contentType)).root)
  }
}

/// Well-formed XML, as feeds and site maps have it. Entities are not expanded, nothing outside is read, and a DOCTYPE
/// with declarations of its own is refused.
public struct XMLReader: DocumentReader {
  public static let kind = DocumentKind.xml

  public init() {}

  public func read(_ body: [UInt8], contentType: String?) throws(ExtractError) -> DocumentNode {
    .markup(try MarkupDocument(xml: try BodyText.xml(body, contentType: contentType)).root)
  }
}

extension DocumentNode {
  /// Whether the page seems to end early: `<html>` and `<body>` are opened and neither is closed. No proof, for HTML
  /// lets authors leave both out; worth a second look before items are believed gone.
  public var isSuspectedCut: Bool {
    guard case .markup(let node) = self, let node = node as? TreeNode else { return false }
    return node.document.isSuspectedCut
  }
}

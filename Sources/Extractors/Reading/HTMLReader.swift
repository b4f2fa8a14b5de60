import PluginHost

/// HTML of any quality, as browsers read it: unclosed tags, broken bytes and stray text survive.
///
/// A page that ends in the middle of a tag, comment or script is `truncated`; one that opens `<html>` and `<body>` and
/// closes neither is read, and marked: ``PluginHost/DocumentNode/isSuspectedCut``.
public struct HTMLReader: DocumentReader {
  public static let kind = DocumentKind.html

  private let streams: Bool

  /// - Parameter streams: False builds the tree for every page, also where nothing needs it.
  public init(streams: Bool = true) { self.streams = streams }

  public func read(_ body: [UInt8], contentType: String?) throws(ExtractError) -> DocumentNode {
    .markup(try MarkupDocument(html: try BodyText.html(body, contentType: contentType)).root)
  }

  /// Without a tree where it is certain that a tree would say the same; else as ``read(_:contentType:)``.
  public func readWithoutTree(_ body: [UInt8], contentType: String?) throws(ExtractError) -> DocumentNode {
    guard streams else { return try read(body, contentType: contentType) }
    let text = try BodyText.surveyedHTML(body, contentType: contentType)
    do throws(StreamDoubt) {
      return .markup(try PageScanner.tape(of: text).root)
    } catch {
      return .markup(try MarkupDocument(html: text.utf8).root)
    }
  }

  /// What keeps a page from being read without a tree; nil for nothing.
  public static func doubt(_ body: [UInt8], contentType: String?) throws(ExtractError) -> StreamDoubt? {
    let text = try BodyText.surveyedHTML(body, contentType: contentType)
    do throws(StreamDoubt) {
      _ = try PageScanner.tape(of: text)
      return nil
    } catch {
      return error
    }
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
    guard case .markup(let node) = self else { return false }
    if let streamed = node as? StreamedNode { return streamed.page.isSuspectedCut }
    return (node as? TreeNode)?.document.isSuspectedCut ?? false
  }

  /// Bytes of the markup after it was made UTF-8: another count than the body's where bytes were exchanged.
  public var markupBytes: Int? {
    guard case .markup(let node) = self else { return nil }
    if let streamed = node as? StreamedNode { return streamed.page.source.count }
    return (node as? TreeNode)?.document.source.count
  }

  /// Whether it was read without a tree.
  public var isStreamed: Bool {
    guard case .markup(let node) = self else { return false }
    return node is StreamedNode
  }
}

import Language

/// What a body is read as.
public enum DocumentKind: String, Sendable, Hashable, CaseIterable { case html, xml, json, text }

/// A place in a document: what selectors select from, and what they give.
///
/// Not sendable: a markup node belongs to its document's tree and stays on the thread that reads it.
public enum DocumentNode {
  case json(JSON)
  /// JSON of which no tree was made; ``JSONTapeNode/json`` makes it.
  case tape(JSONTapeNode)
  case text(String)
  case markup(any MarkupNode)
}

/// An element, attribute, text node or root of an HTML or XML tree. Keeps its document alive.
public protocol MarkupNode: AnyObject {
  /// The string-value of XPath: all text below, entities decoded, white space as it stands.
  var text: String { get }
  /// The markup of the node itself, as `--outer` prints it.
  var outerMarkup: String { get }
  /// `div`; for an attribute its name; empty for the root.
  var name: String { get }
  /// 1-based line in the body; nil where the parser does not know.
  var line: Int? { get }
}

extension DocumentNode {
  /// The node as text: a JSON string as it is, other JSON as its shortest text (null as nothing).
  public var text: String {
    switch self {
    case .text(let text): text
    case .markup(let node): node.text
    case .json(let json): Value(json: json).plainText
    case .tape(let node): Value(json: node.json).plainText
    }
  }

  /// The node as an untyped value; markup is its text.
  public var value: Value {
    switch self {
    case .text(let text): .text(text)
    case .markup(let node): .text(node.text)
    case .json(let json): Value(json: json)
    case .tape(let node): Value(json: node.json)
    }
  }
}

extension DocumentNode {
  public var isJSON: Bool {
    switch self {
    case .json, .tape: true
    case .text, .markup: false
    }
  }

  /// The node as JSON with all that is in it; nil for markup and text.
  public var json: JSON? {
    switch self {
    case .json(let json): json
    case .tape(let node): node.json
    case .text, .markup: nil
    }
  }
}

/// Why a body could not be read, or a selector not be run to its end.
public struct ExtractError: Error, Sendable, Hashable {
  public enum Reason: String, Sendable, Hashable, CaseIterable {
    /// Not the kind of document the step expects (JSON that isn't, an empty body).
    case malformed
    /// Cut off: the body ended in the middle of markup or of a JSON value.
    case truncated
    /// Deeper, larger or with more nodes than the declared limit.
    case overLimit = "over_limit"
    /// Bytes that are not text in the declared charset.
    case charset
    /// The selector passed its budget of steps, matches or time.
    case budget
  }

  public var reason: Reason
  /// One sentence; names the limit where one was passed.
  public var message: String

  public init(_ reason: Reason, _ message: String) {
    self.reason = reason
    self.message = message
  }
}

/// Turns a body into a document of one kind.
///
/// Stateless; called on extraction threads. It never gives a part of a document: a page that the parser cut (depth,
/// nodes, size) is an error that names the limit.
public protocol DocumentReader: Sendable {
  static var kind: DocumentKind { get }
  /// - Parameters:
  ///   - body: Decompressed bytes, at most the request's `maxBody`.
  ///   - contentType: The header's value; its charset wins over what the body says of itself.
  func read(_ body: [UInt8], contentType: String?) throws(ExtractError) -> DocumentNode
  /// The same for selectors none of which needs a tree (``CompiledSelector/needsTree``): the reader may leave it out. The
  /// answers of selectors, and the errors, are those of ``read(_:contentType:)``.
  func readWithoutTree(_ body: [UInt8], contentType: String?) throws(ExtractError) -> DocumentNode
}

extension DocumentReader {
  public func readWithoutTree(_ body: [UInt8], contentType: String?) throws(ExtractError) -> DocumentNode {
    try read(body, contentType: contentType)
  }
}

/// A language of selectors.
///
/// Stateless and shared; ``compile(_:)`` is called when a spec is read, the result on many threads at once. What
/// compiles must not fail at run time for a reason that was visible in the text.
public protocol Extractor: Sendable {
  /// The key in a spec: `json`, `xpath`, `css`, `pattern`, `text`.
  static var kind: String { get }
  /// One line of help.
  static var summary: String { get }
  /// Kinds of documents it selects from.
  static var documents: Set<DocumentKind> { get }
  /// - Throws: ``SyntaxError`` with the offset of the mistake; also for what is too costly to run.
  func compile(_ expression: String) throws(SyntaxError) -> any CompiledSelector
}

/// A selector ready to run, immutable.
public protocol CompiledSelector: Sendable {
  /// As written in the spec.
  var source: String { get }
  /// The kind of its extractor.
  var kind: String { get }
  /// Every match below (or at) `node`, in document order. Empty is not an error here.
  ///
  /// A node of a kind the extractor does not read gives no matches, except that JSON text inside a markup or text node
  /// is not read: that is `document:`'s work.
  func select(from node: DocumentNode) throws(ExtractError) -> [DocumentNode]
  /// The first match as a field takes it: markup is its text without white space around it. nil where nothing matches,
  /// or the first match is null.
  func firstValue(from node: DocumentNode) throws(ExtractError) -> Value?
  /// What in it only a tree of the page can answer, such as `:has()`; nil where the page's bytes suffice.
  var needsTree: String? { get }
}

extension CompiledSelector {
  public func firstValue(from node: DocumentNode) throws(ExtractError) -> Value? {
    try firstOfSelected(from: node)
  }

  /// ``firstValue(from:)`` by way of ``select(from:)``.
  public func firstOfSelected(from node: DocumentNode) throws(ExtractError) -> Value? {
    guard let match = try select(from: node).first else { return nil }
    if case .markup = match { return .text(trimmed(match.text)) }
    let value = match.value
    return value.isNull ? nil : value
  }

  public var needsTree: String? { "\(kind) selectors read a tree" }
}

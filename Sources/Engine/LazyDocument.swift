import Extractors
import Language
import PluginHost

/// The document of an answer, read when first asked for, and at most once.
struct LazyDocument {
  private let response: Response
  private let step: Step
  private let catalog: PluginCatalog
  private var result: Result<DocumentNode, any Error>?
  /// The page opens what it never closes: what is missing in it may be what was cut off.
  private(set) var isSuspectedCut = false
  /// Bytes of it were no text and were exchanged, or it came in another charset.
  private(set) var isRecoded = false

  init(response: Response, step: Step, catalog: PluginCatalog) {
    self.response = response
    self.step = step
    self.catalog = catalog
  }

  /// The document that the step's selectors run on: inside the page where `document:` says so.
  mutating func get() throws -> DocumentNode {
    if let result { return try result.get() }
    let fresh = Result { try read() }
    result = fresh
    return try fresh.get()
  }

  /// nil where the body is no such document.
  var optional: DocumentNode? {
    mutating get { try? get() }
  }

  /// The body as text, for `text:` conditions; bytes that are no text are replaced.
  var text: String { String(decoding: response.body, as: UTF8.self) }

  private mutating func read() throws -> DocumentNode {
    let contentType = response.header("Content-Type")
    let reader = try reader(step.outerKind(contentType: contentType))
    let outer =
      step.treeNeeds.isEmpty
      ? try reader.readWithoutTree(response.body, contentType: contentType)
      : try reader.read(response.body, contentType: contentType)
    isSuspectedCut = outer.isSuspectedCut
    isRecoded = outer.markupBytes.map { $0 != response.body.count } ?? false
    guard let (selector, kind) = step.document else { return outer }
    guard let inner = try selector.select(from: outer).first else {
      throw LayoutBreak(keyPath: step.keyPath + ".document", message: "document \(selector.source) not found")
    }
    return try self.reader(kind).read(Array(inner.text.utf8), contentType: nil)
  }

  private func reader(_ kind: DocumentKind) throws -> any DocumentReader {
    guard let reader = catalog.reader(kind) else {
      throw LayoutBreak(keyPath: step.keyPath, message: "no reader for \(kind.rawValue) documents")
    }
    return reader
  }
}

extension Step {
  /// What the body is read as: what the spec says, else what the selectors need, else what Content-Type says.
  ///
  /// Selectors come before Content-Type because APIs mislabel JSON as text/html more often than specs err.
  public func outerKind(contentType: String?) -> DocumentKind {
    if let document { return Self.kind(needed: document.selector, contentType) }
    if let kind { return kind }
    if let first = firstSelector { return Self.kind(needed: first, contentType) }
    let type = contentType?.lowercased() ?? ""
    if type.contains("json") { return .json }
    return Self.isXML(contentType) ? .xml : type.contains("html") ? .html : .text
  }

  private var firstSelector: SelectorList? {
    if let anchor, !anchor.alternatives.isEmpty { return anchor }
    for selectors in rows.lazy.map(\.selectors) + fields.lazy.map(\.selectors) {
      if let first = selectors.first(where: { !$0.alternatives.isEmpty }) { return first }
    }
    return nil
  }

  private static func kind(needed selector: SelectorList, _ contentType: String?) -> DocumentKind {
    switch selector.alternatives.first?.kind {
    case "json": .json
    case "xpath", "css": isXML(contentType) ? .xml : .html
    default: .text
    }
  }

  private static func isXML(_ contentType: String?) -> Bool {
    guard let type = contentType?.lowercased(), !type.hasPrefix("text/html") else { return false }
    return type.contains("xml") && !type.contains("xhtml")
  }
}

extension RowsRule {
  fileprivate var selectors: [SelectorList] {
    switch source {
    case .each(let selectors), .entries(let selectors): [selectors] + fields.flatMap(\.selectors)
    }
  }
}

extension FieldRule {
  fileprivate var selectors: [SelectorList] {
    switch source {
    case .selector(let selectors): [selectors]
    case .join(let parts): parts
    }
  }
}

import Diagnostics
import Language
import PluginHost

/// Reads site specs and notifiers: YAML to compiled values, every problem located, all in one pass.
///
/// Stateless; files may be read on many threads at once.
public struct SpecReader: Sendable {
  public let catalog: PluginCatalog
  /// How `${…}` of a site's proxies and keys is resolved.
  let substitution: Substitution
  /// Whether warnings also tell what is legal and unwise.
  let isLinting: Bool

  /// - Parameter ignoresSecrets: Whether what `${…}` stands for, and files of keys, need not be there.
  public init(
    catalog: PluginCatalog, environment: [String: String] = [:], files: SpecFiles = .disk, ignoresSecrets: Bool = true,
    isLinting: Bool = false
  ) {
    self.catalog = catalog
    self.isLinting = isLinting
    substitution = Substitution(environment: environment, files: files, isLenient: ignoresSecrets)
  }

  /// - Parameters:
  ///   - file: The path as messages show it; its stem must be the site's id.
  ///   - bytes: The file as it is; UTF-8, at most 1 MiB.
  /// - Returns: The spec, nil where there is any error; and what was found, sorted by position.
  public func readSite(file: String, bytes: [UInt8]) -> (spec: SiteSpec?, diagnostics: [Diagnostic]) {
    let (reading, diagnostics) = site(file: file, bytes: bytes)
    return (reading?.spec, diagnostics.sorted)
  }

  public func readSite(file: String, text: String) -> (spec: SiteSpec?, diagnostics: [Diagnostic]) {
    readSite(file: file, bytes: Array(text.utf8))
  }

  public func readNotifier(file: String, bytes: [UInt8]) -> (spec: NotifierSpec?, diagnostics: [Diagnostic]) {
    let (spec, diagnostics) = notifier(file: file, bytes: bytes)
    return (spec, diagnostics.sorted)
  }

  public func readNotifier(file: String, text: String) -> (spec: NotifierSpec?, diagnostics: [Diagnostic]) {
    readNotifier(file: file, bytes: Array(text.utf8))
  }

  func site(file: String, bytes: [UInt8]) -> (SiteReading?, DiagnosticList) {
    let (context, root) = open(file: file, bytes: bytes)
    context.substitution = substitution
    let reading = root.flatMap { context.site($0, file: file, bytes: bytes) }
    context.settle(root?.node)
    return (reading, context.maskedList)
  }

  func notifier(file: String, bytes: [UInt8]) -> (NotifierSpec?, DiagnosticList) {
    let (context, root) = open(file: file, bytes: bytes)
    let spec = root.flatMap { context.notifier($0, file: file, bytes: bytes) }
    context.settle(root?.node)
    return (spec, context.diagnostics)
  }

  /// A file's tree and the context to read it in; no tree where there is nothing to read.
  func open(
    file: String, bytes: [UInt8], budget: YAMLReader.Budget = YAMLReader.Budget(), detaching detached: String? = nil
  ) -> (SpecContext, Entry?) {
    let reader = YAMLReader(budget: budget)
    var reading = reader.read(file: file, bytes: bytes, detaching: detached)
    let context = SpecContext(source: reading.source, catalog: catalog)
    context.isLinting = isLinting
    if let detached {
      context.detached = SpecContext.Detached(path: detached, elements: reading.elements)
      reading.elements = []
    }
    for diagnostic in reading.diagnostics { context.report(diagnostic) }
    guard let root = reading.root else {
      if reading.diagnostics.isEmpty {
        context.report(reading.source.diagnostic(.emptyFile, at: 0, "the file is empty"))
      }
      return (context, nil)
    }
    let entry = Entry(root: root)
    context.refuseTags(in: entry)
    return (context, entry)
  }
}

/// YAML 1.2.2, 10.3.
enum CoreSchema {
  static let tags = Set(
    ["null", "bool", "int", "float", "str", "seq", "map"].map { "tag:yaml.org,2002:\($0)" })
}

extension SpecContext {
  /// Tags beyond the core schema's ask a reader to do something; this one does nothing.
  func refuseTags(in entry: Entry) {
    // Paths are made only where there is something to say.
    guard entry.node.hasTags else { return }
    if let tag = entry.node.tag, tag != "!", !CoreSchema.tags.contains(tag) {
      error(.yamlFeature, "the tag \(quoted(tag)) means nothing here", at: entry, help: "write the value without it")
    }
    for child in entry.elements ?? entry.members ?? [] { refuseTags(in: child) }
  }
}

extension YAMLNode {
  fileprivate var hasTags: Bool {
    if tag != nil { return true }
    switch content {
    case .scalar: return false
    case .sequence(let elements): return elements.contains(where: \.hasTags)
    case .mapping(let members): return members.contains { $0.value.hasTags }
    }
  }
}

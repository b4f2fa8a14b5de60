/// Every plugin kind there is, handed to whatever reads specs or runs them. Engine's `Builtins.swift` is the only list.
public struct PluginCatalog: Sendable {
  public var extractors: [any Extractor]
  public var readers: [any DocumentReader]
  public var formats: [any MessageFormat]
  /// Kind and summary of each fetcher, for `kinds`.
  public var fetchers: [(kind: String, summary: String)]

  public init(
    extractors: [any Extractor] = [], readers: [any DocumentReader] = [], formats: [any MessageFormat] = [],
    fetchers: [(kind: String, summary: String)] = []
  ) {
    self.extractors = extractors
    self.readers = readers
    self.formats = formats
    self.fetchers = fetchers
  }

  public func extractor(_ kind: String) -> (any Extractor)? { extractors.first { type(of: $0).kind == kind } }
  public func reader(_ kind: DocumentKind) -> (any DocumentReader)? { readers.first { type(of: $0).kind == kind } }
  public func format(_ kind: String) -> (any MessageFormat)? { formats.first { type(of: $0).kind == kind } }
}

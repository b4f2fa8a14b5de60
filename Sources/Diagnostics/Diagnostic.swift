/// One problem in a file that a person edits: where, what, and what to do instead.
///
/// Rendered as in
///
///     sites/shop.yaml:14:16: error: unknown selector kind 'patern' [unknown-selector-kind]
///     14 |       price: { patern: '[0-9]+' }
///        |                ^ steps[0].rows.fields.price.patern
///        = help: did you mean 'pattern'? kinds: css, json, pattern, text, xpath
public struct Diagnostic: Error, Sendable, Hashable {
  public enum Severity: String, Sendable, Hashable, CaseIterable { case error, warning }

  /// Where the other half of a conflict stands.
  public struct Note: Sendable, Hashable {
    public var message: String
    public var location: SpecLocation?
    public init(_ message: String, at location: SpecLocation? = nil) {
      self.message = message
      self.location = location
    }
  }

  public var severity: Severity
  /// nil only for what no reader of files reports.
  public var code: DiagnosticCode?
  public var location: SpecLocation
  /// One past the last scalar of what is wrong; nil where only its beginning is known.
  public var end: SpecLocation?
  /// `steps[0].rows.fields.price`; empty for the whole file.
  public var keyPath: String
  public var message: String
  public var help: String?
  public var notes: [Note]
  /// The source line the location points into, without its line break; nil when there is none (an empty file).
  public var excerpt: String?
  /// What `check --fix` would do.
  public var fix: Fix?

  public init(
    _ severity: Severity = .error, _ code: DiagnosticCode? = nil, at location: SpecLocation,
    to end: SpecLocation? = nil, keyPath: String = "", _ message: String, help: String? = nil, notes: [Note] = [],
    excerpt: String? = nil, fix: Fix? = nil
  ) {
    self.severity = severity
    self.code = code
    self.location = location
    self.end = end
    self.keyPath = keyPath
    self.message = message
    self.help = help
    self.notes = notes
    self.excerpt = excerpt
    self.fix = fix
  }
}

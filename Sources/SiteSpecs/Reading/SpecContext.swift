import Diagnostics
import Language
import PluginHost

/// What readers of one file share: its text, the plugins there are, the names visible at this point, and the problems
/// found so far.
final class SpecContext {
  let source: YAMLSource
  let catalog: PluginCatalog
  private(set) var diagnostics = DiagnosticList()
  /// What templates and expressions may use where the reading has come to.
  var names = NameScope()
  /// Kinds of documents that the selectors of the step being read can read; nil outside a step.
  var documents: DocumentChoice?
  /// The step being read, from 0: a later one may fill fields of an earlier one.
  var step = 0
  /// Names of all steps, in order, with their places.
  var stepNames: [(name: String, location: SpecLocation)] = []
  /// The first request that may change something on the site.
  var firstPost: Entry?
  /// How `${…}` is resolved; nil where it means nothing.
  var substitution: Substitution?
  /// What conditions over a site's items may use, by site: made once for all of its watches.
  var itemNames: [String: NameScope] = [:]
  /// Lists of subscriptions that were read, for those that are equal.
  var sameSubscriptions: [[Subscription]: [Subscription]] = [:]
  /// A list of the file that is read element by element.
  struct Detached {
    var path: String
    var elements: (@escaping (Int, YAMLNode) -> Void) -> Void
  }

  var detached: Detached?

  /// Calls with each entry of a list, also of one that is detached.
  ///
  /// - Returns: Whether it is a list.
  func forEach(of entry: Entry, _ body: @escaping (Entry) -> Void) -> Bool {
    guard let elements = entry.elements else { return false }
    elements.forEach(body)
    guard let detached, entry.path == detached.path else { return true }
    detached.elements { index, node in
      let element = entry.element(index, node)
      self.refuseTags(in: element)
      body(element)
    }
    return true
  }
  /// Where secrets stand in the file, in scalars: no excerpt shows them.
  var secrets: [Range<Int>] = []

  init(source: YAMLSource, catalog: PluginCatalog) {
    self.source = source
    self.catalog = catalog
  }

  func report(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

  /// - Parameter offset: Of the mistake inside the scalar, in Unicode scalars.
  func error(
    _ message: String, at entry: Entry, offset: Int = 0, help: String? = nil, notes: [Diagnostic.Note] = []
  ) {
    report(.error, message, at: entry, offset: offset, help: help, notes: notes)
  }

  func warning(
    _ message: String, at entry: Entry, offset: Int = 0, help: String? = nil, notes: [Diagnostic.Note] = []
  ) {
    report(.warning, message, at: entry, offset: offset, help: help, notes: notes)
  }

  private func report(
    _ severity: Diagnostic.Severity, _ message: String, at entry: Entry, offset: Int, help: String?,
    notes: [Diagnostic.Note]
  ) {
    let place = offset > 0 ? entry.node.position(ofOffset: offset, in: source) : entry.node.start
    report(source.diagnostic(severity, at: place, keyPath: entry.path, message, help: help, notes: notes))
  }

  /// The mistake in a path, template, expression or pattern, at its place inside the scalar.
  func report(_ mistake: SyntaxError, at entry: Entry, from start: Int = 0) {
    error(mistake.message, at: entry, offset: start + mistake.offset, help: mistake.help)
  }

  /// - Returns: nil, for `return mismatch(…)`.
  func mismatch<Value>(_ expected: String, _ entry: Entry, help: String? = nil) -> Value? {
    let subject = entry.key == nil ? "" : "\(quoted(entry.name)): "
    error("\(subject)expected \(expected), found \(found(entry.node))", at: entry, help: help)
    return nil
  }

  /// What stands there, text as it is written.
  private func found(_ node: YAMLNode) -> String {
    guard let scalar = node.scalar, !node.isNull else { return node.kind }
    return quoted(scalar.text)
  }

  func location(of entry: Entry) -> SpecLocation { source.location(entry.node.start) }
}

/// `did you mean 'rows'? accepted: each, rows`, or the second half alone; of an empty list, that it is empty.
func suggestion(for word: String, among accepted: [String], calling them: String = "accepted") -> String {
  guard !accepted.isEmpty else { return "there are no \(them)" }
  let list = "\(them): \(accepted.joined(separator: ", "))"
  guard let guess = didYouMean(word, among: accepted) else { return list }
  return "did you mean '\(guess)'? \(list)"
}

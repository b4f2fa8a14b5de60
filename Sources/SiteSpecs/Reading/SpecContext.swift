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
  /// Whether a step is being read, and has an anchor, and rows or fields.
  var isInStep = false
  var hasAnchor = false
  var readsAnswers = false
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
  /// A list of the file that is kept apart from its tree.
  struct Detached {
    var path: String
    var elements: [YAMLNode]
  }

  var detached: Detached?

  /// Calls with each entry of a list, also of one that is detached: of that only once, as it is let go of meanwhile. Of
  /// 100,000 watches it is as large as what they are made to.
  ///
  /// - Returns: Whether it is a list.
  func forEach(of entry: Entry, _ body: (Entry) -> Void) -> Bool {
    guard let elements = entry.elements else { return false }
    elements.forEach(body)
    // No second name for the list, or letting go of an element would copy all of them.
    guard entry.path == detached?.path, var nodes = detached?.elements else { return true }
    detached = nil
    let trail = entry.trailOfChildren
    for index in nodes.indices {
      let element = Entry(node: nodes[index], key: nil, trail, .index(index))
      nodes[index].content = .sequence([])
      refuseTags(in: element)
      body(element)
    }
    return true
  }
  /// Names that templates, expressions and lists of fields asked for: what nobody asks for is dead.
  var used: Set<String> = []
  /// What conditions of subscriptions ask for, by site.
  var usedOfSites: [String: Set<String>] = [:]
  /// Names that later steps define, with the step: for those who ask too early.
  var laterNames: [String: String] = [:]
  /// Where secrets stand in the file, in scalars: no excerpt shows them.
  var secrets: [Range<Int>] = []

  /// Whether what is unwise is looked for.
  var isLinting = false

  init(source: YAMLSource, catalog: PluginCatalog) {
    self.source = source
    self.catalog = catalog
  }

  func report(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

  func replaceDiagnostics(_ all: [Diagnostic]) { diagnostics = diagnostics.keepingOmitted(all) }

  /// - Parameter offset: Of the mistake inside the scalar, in Unicode scalars.
  func error(
    _ code: DiagnosticCode, _ message: String, at entry: Entry, offset: Int = 0, help: String? = nil,
    notes: [Diagnostic.Note] = [], fix: Fix? = nil
  ) {
    report(.error, code, message, at: entry, offset: offset, help: help, notes: notes, fix: fix)
  }

  func warning(
    _ code: DiagnosticCode, _ message: String, at entry: Entry, offset: Int = 0, help: String? = nil,
    notes: [Diagnostic.Note] = [], fix: Fix? = nil
  ) {
    report(.warning, code, message, at: entry, offset: offset, help: help, notes: notes, fix: fix)
  }

  /// A warning of what is legal and unwise: told to whoever asks, not at every start.
  func lint(
    _ code: DiagnosticCode, _ message: String, at entry: Entry, offset: Int = 0, help: String? = nil,
    notes: [Diagnostic.Note] = []
  ) {
    if isLinting { warning(code, message, at: entry, offset: offset, help: help, notes: notes) }
  }

  private func report(
    _ severity: Diagnostic.Severity, _ code: DiagnosticCode, _ message: String, at entry: Entry, offset: Int,
    help: String?, notes: [Diagnostic.Note], fix: Fix?
  ) {
    let place = offset > 0 ? entry.node.position(ofOffset: offset, in: source) : entry.node.start
    // Where a collection ends tells nobody anything.
    let end = entry.node.scalar == nil || entry.node.end <= place ? nil : entry.node.end
    report(
      source.diagnostic(
        code, severity: severity, at: place, to: end, keyPath: entry.path, message, help: help, notes: notes, fix: fix))
  }

  /// The mistake in a path, template, expression or pattern, at its place inside the scalar.
  func report(_ mistake: SyntaxError, _ code: DiagnosticCode, at entry: Entry, kind: String? = nil) {
    let text = entry.node.scalar?.text ?? ""
    let meant = SyntaxHelp.help(for: mistake, in: text, code, kind: kind)
    error(code, mistake.message, at: entry, offset: mistake.offset, help: meant ?? mistake.help)
  }

  /// How many errors there are so far: what follows from one of them need not be told.
  var errorCount: Int { diagnostics.all.count { $0.severity == .error } }

  /// Two keys of which only one can be meant: told at the one that stands later in the file.
  func refuseBoth(_ one: Entry, _ other: Entry, _ message: String? = nil, help: String = "keep one of them") {
    let (first, second) = one.atKey.node.start < other.atKey.node.start ? (one, other) : (other, one)
    error(
      .exclusiveKeys, message ?? "'\(first.name)' and '\(second.name)' exclude each other", at: second.atKey,
      help: help,
      notes: [Diagnostic.Note("'\(first.name)' is", at: location(of: first.atKey))])
  }

  /// - Returns: nil, for `return mismatch(…)`.
  func mismatch<Value>(_ expected: String, _ entry: Entry, help: String? = nil, fix: Fix? = nil) -> Value? {
    let subject = entry.key == nil ? "" : "\(quoted(entry.name)): "
    let isScalar = entry.node.scalar != nil && !entry.node.isNull
    error(
      isScalar ? .malformedValue : .wrongType, "\(subject)expected \(expected), found \(found(entry.node))", at: entry,
      help: help ?? shapeHelp(expected, entry), fix: fix)
    return nil
  }

  /// What to do with a list or mapping where there can be none.
  private func shapeHelp(_ expected: String, _ entry: Entry) -> String? {
    switch entry.node.content {
    case .scalar: return nil
    case .sequence: return "write one value, text or a number, not a list"
    case .mapping:
      if let name = unquotedTemplate(entry.node) {
        return "quote it: \"{\(name)}\" (without quotes YAML reads a mapping)"
      }
      return expected.hasPrefix("a list")
        ? "write it as a list: [ … ]" : "write one value, text or a number, not a mapping"
    }
  }

  /// The name in `{name}`, which YAML reads as a mapping of it to nothing.
  func unquotedTemplate(_ node: YAMLNode) -> String? {
    guard case .mapping(let members) = node.content, members.count == 1, let only = members.first,
      only.value.scalar?.text.isEmpty == true, only.value.scalar?.style == .plain
    else { return nil }
    return only.name
  }

  /// What stands there, text as it is written.
  private func found(_ node: YAMLNode) -> String {
    guard let scalar = node.scalar, !node.isNull else { return node.kind }
    return quoted(scalar.text)
  }

  func location(of entry: Entry) -> SpecLocation { source.location(entry.node.start) }
}

extension Entry {
  /// The scalars of its key or value.
  var range: Range<Int> { node.start..<max(node.start, node.end) }
}

extension SpecContext {
  /// The change of one scalar; nil where more than its text stands between its ends: an anchor, a tag, a block.
  func fix(_ title: String, _ entry: Entry, _ text: String) -> Fix? {
    guard let scalar = entry.node.scalar, entry.node.tag == nil else { return nil }
    let written = source.text(of: entry.node)
    let isBare =
      switch scalar.style {
      case .plain: written == scalar.text && !written.isEmpty
      case .singleQuoted: written.hasPrefix("'") && written.hasSuffix("'")
      case .doubleQuoted: written.hasPrefix("\"") && written.hasSuffix("\"")
      case .literal, .folded: false
      }
    return isBare && !written.contains("\n") ? source.fix(title, entry.range, text) : nil
  }
}

/// `did you mean 'rows'? accepted: each, rows`, or the second half alone; of an empty list, that it is empty.
func suggestion(for word: String, among accepted: [String], calling them: String = "accepted") -> String {
  suggestion(accepted.named(alsoAs: word) ?? didYouMean(word, among: accepted), among: accepted, calling: them)
}

func suggestion(_ guess: String?, among accepted: [String], calling them: String = "accepted") -> String {
  guard !accepted.isEmpty else { return "there are no \(them)" }
  let list = "\(them): \(accepted.joined(separator: ", "))"
  return guess.map { "did you mean '\($0)'? \(list)" } ?? list
}

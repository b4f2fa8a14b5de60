import Language
import PluginHost

/// An answer of a step as a document to look around in: with a tree, which a run that only reads it has no need of.
///
/// Not sendable: it stays on the thread that made it.
struct StepPage {
  let step: Step
  let catalog: PluginCatalog
  /// What the step's selectors run on: inside the page where `document:` says so.
  let node: DocumentNode
  let flaws: PageFlaws

  init(_ response: Response, _ step: Step, _ catalog: PluginCatalog) throws {
    self.step = step
    self.catalog = catalog
    var document = LazyDocument(response: response, step: step, catalog: catalog)
    node = try document.get()
    flaws = PageFlaws(isSuspectedCut: document.isSuspectedCut, isRecoded: document.isRecoded)
  }

  /// Innermost rows before any `keep`: what the alternatives find, the first that finds any.
  var candidates: [DocumentNode] { candidates(step.rows, at: node) }

  private func candidates(_ rules: [RowsRule], at node: DocumentNode) -> [DocumentNode] {
    for rule in rules {
      let own = matches(rule, at: node)
      let found = rule.rows.isEmpty ? own : own.flatMap { candidates(rule.rows, at: $0) }
      if !found.isEmpty { return found }
    }
    return []
  }

  /// The rows that a rule finds, wherever in the rules it stands.
  func rows(of rule: RowsRule) -> [DocumentNode] { rows(of: rule.keyPath, step.rows, at: [node]) ?? [] }

  private func rows(of keyPath: String, _ rules: [RowsRule], at nodes: [DocumentNode]) -> [DocumentNode]? {
    for rule in rules {
      let own = nodes.flatMap { matches(rule, at: $0) }
      if rule.keyPath == keyPath { return own }
      if let found = rows(of: keyPath, rule.rows, at: own) { return found }
    }
    return nil
  }

  private func matches(_ rule: RowsRule, at node: DocumentNode) -> [DocumentNode] {
    switch rule.source {
    case .each(let selectors): return ((try? selectors.select(from: node)) ?? []).filter { !$0.isNull }
    case .entries(let selectors):
      return ((try? selectors.select(from: node)) ?? []).flatMap { match -> [DocumentNode] in
        guard case .object(let object)? = match.json else { return [] }
        return zip(object.names, object.values).map { name, value in
          .json(.object(JSONObject([("key", .string(name)), ("value", value)])))
        }
      }
    }
  }

  func select(_ xpath: String, from node: DocumentNode) -> [DocumentNode] {
    guard let selector = try? catalog.extractor("xpath")?.compile(xpath) else { return [] }
    return (try? selector.select(from: node)) ?? []
  }
}

extension DocumentNode {
  /// For a message: see ``Excerpt``.
  func excerpt() -> String {
    switch self {
    case .json(let json): Excerpt.of(json.text)
    case .tape(let node): Excerpt.of(node.json.text)
    case .text(let text): Excerpt.of(text)
    case .markup(let node): Excerpt.of(node.outerMarkup)
    }
  }
}

extension SiteSpec {
  func step(_ name: String) -> Step? { steps.first { $0.name == name } }
}

extension Step {
  /// Fields of its rows, with the rule that each stands in; its own first, with none.
  var fieldRules: [(field: FieldRule, rows: RowsRule?)] {
    func below(_ rules: [RowsRule]) -> [(field: FieldRule, rows: RowsRule?)] {
      rules.flatMap { rule in rule.fields.map { (field: $0, rows: rule) } + below(rule.rows) }
    }
    return fields.map { (field: $0, rows: nil) } + below(rows)
  }
}

extension SiteSpec {
  /// `steps[0].rows.fields.price: .price`: every rule that may give a field.
  public func rules(of field: String) -> [String] {
    steps.flatMap(\.fieldRules).map(\.field).filter { $0.name == field }.map { "\($0.keyPath): \($0.source.text)" }
  }
}

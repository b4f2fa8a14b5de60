import Fetchers
import Language
import PluginHost

/// The page does not hold what the spec says it must.
struct LayoutBreak: Error, Sendable, Hashable {
  /// `steps[1].rows[0].fields.start`, or the step for what concerns the whole document.
  var keyPath: String
  var message: String
}

/// Reads fields and rows out of one document, as a step's rules say.
///
/// Limits (DESIGN.md section 6): 10,000 rows a document, 64 KiB a field; crossing one is a ``LayoutBreak`` that names it.
struct RowReader {
  static let maxRows = 10_000
  static let maxFieldBytes = 64 << 10

  var context: RenderContext
  /// Relative links are resolved against it.
  var baseURL: String
  /// What was selected from the whole document already: an anchor often is what gives the rows.
  var selected: (by: SelectorList, found: [DocumentNode])?

  /// A row's own fields, in file order: the document's first, then each level's.
  typealias Fields = [Item.Field]

  func fields(_ rules: [FieldRule], at node: DocumentNode) throws -> Fields {
    var problems: [FieldProblem] = []
    let found = collect(rules, at: node, &problems)
    if let problem = problems.first { throw problem.error }
    return found
  }

  /// The first alternative that yields rows, with its rows; nil where none does.
  func rows(_ alternatives: [RowsRule], at node: DocumentNode, scope: Scope) throws -> (RowsRule, [Fields])? {
    for rule in alternatives {
      let found = try rows(rule, candidates(rule, ofDocument: node), scope: scope)
      if !found.isEmpty { return (rule, found) }
    }
    return nil
  }

  private func rows(below alternatives: [RowsRule], _ node: DocumentNode, scope: Scope) throws -> [Fields] {
    for rule in alternatives {
      let found = try rows(rule, candidates(rule, at: node), scope: scope)
      if !found.isEmpty { return found }
    }
    return []
  }

  private func rows(_ rule: RowsRule, _ candidates: [DocumentNode], scope: Scope) throws -> [Fields] {
    var result: [Fields] = []
    var kept = 0
    for row in candidates {
      var problems: [FieldProblem] = []
      let own = collect(rule.fields, at: row, &problems)
      if let keep = rule.keep {
        let inner = scope.adding(own.map { ($0.name, $0.value) })
        // What `keep` asks for must be readable, or a renamed member would leave every row out without a word.
        if let problem = problems.first(where: { keep.names.contains($0.field) }) { throw problem.error }
        // A row that is not kept may lack what is required of those that are.
        if !keep.holds(in: inner, context) { continue }
      }
      if let problem = problems.first { throw problem.error }
      if rule.rows.isEmpty {
        result.append(own)
      } else {
        let inner = scope.adding(own.map { ($0.name, $0.value) })
        result += try rows(below: rule.rows, row, scope: inner).map { own + $0 }
      }
      guard result.count <= RowReader.maxRows else {
        throw LayoutBreak(keyPath: rule.keyPath, message: "more than \(RowReader.maxRows) rows (limit: items a run)")
      }
      kept += 1
      if let limit = rule.limit, kept >= limit { break }
    }
    return result
  }

  private func candidates(_ rule: RowsRule, ofDocument node: DocumentNode) throws -> [DocumentNode] {
    if case .each(let selectors) = rule.source, let selected, selectors.isSame(as: selected.by) {
      return selected.found.filter { !$0.isNull }
    }
    return try candidates(rule, at: node)
  }

  private func candidates(_ rule: RowsRule, at node: DocumentNode) throws -> [DocumentNode] {
    switch rule.source {
    case .each(let selectors):
      return try selectors.select(from: node).filter { !$0.isNull }
    case .entries(let selectors):
      return try selectors.select(from: node).flatMap { match throws -> [DocumentNode] in
        switch match.json {
        case .object(let object)?:
          return zip(object.names, object.values).map { name, value in
            .json(.object(JSONObject([("key", .string(name)), ("value", value)])))
          }
        case .array([])?, .null?: return []
        default:
          throw LayoutBreak(
            keyPath: rule.keyPath + ".entries", message: "expected an object, found \(match.shortText)")
        }
      }
    }
  }

  private struct FieldProblem {
    var field: String
    var error: any Error
  }

  private func collect(_ rules: [FieldRule], at node: DocumentNode, _ problems: inout [FieldProblem]) -> Fields {
    rules.map { rule in
      do {
        let value = try value(of: rule, at: node)
        if rule.required, value.isNull {
          throw LayoutBreak(
            keyPath: rule.keyPath, message: "required field '\(rule.name)' not found by \(rule.source.text)")
        }
        return Item.Field(rule.name, value)
      } catch {
        problems.append(FieldProblem(field: rule.name, error: error))
        return Item.Field(rule.name, .null)
      }
    }
  }

  private func value(of rule: FieldRule, at node: DocumentNode) throws -> Value {
    var value: Value
    switch rule.source {
    case .selector(let selectors): value = try first(selectors, at: node)
    case .join(let parts):
      let values = try parts.map { try first($0, at: node) }
      value = values.contains(.null) ? .null : .text(values.map(\.plainText).joined(separator: " "))
    }
    if let then = rule.then { value = then.apply(to: value, context) }
    guard let type = rule.type else { return try bounded(value, rule) }
    if type.type == .url, case .text(let link) = value { value = .text(resolve(link, against: baseURL) ?? link) }
    do {
      return try bounded(type.convert(value, context), rule)
    } catch let error as TypingError {
      throw LayoutBreak(
        keyPath: rule.keyPath, message: "field '\(rule.name)' is no \(error.type.rawValue): \(error.reason)")
    }
  }

  /// The first value that is there and not null.
  private func first(_ selectors: SelectorList, at node: DocumentNode) throws -> Value {
    for selector in selectors.alternatives {
      if let value = try selector.firstValue(from: node) { return value }
    }
    return .null
  }

  private func bounded(_ value: Value, _ rule: FieldRule) throws -> Value {
    let bytes =
      switch value {
      case .text(let text), .url(let text): text.utf8.count
      case .json(let json): json.text.utf8.count
      default: 0
      }
    guard bytes <= RowReader.maxFieldBytes else {
      throw LayoutBreak(keyPath: rule.keyPath, message: "field '\(rule.name)' is over 64 KiB (limit: field)")
    }
    return value
  }
}

extension SelectorList {
  /// Whether it says the same in the same languages.
  fileprivate func isSame(as other: SelectorList) -> Bool {
    alternatives.count == other.alternatives.count
      && zip(alternatives, other.alternatives).allSatisfy { $0.kind == $1.kind && $0.source == $1.source }
  }
}

extension RowsRule.Source {
  var text: String {
    switch self {
    case .each(let selectors): "each \(selectors.source)"
    case .entries(let selectors): "entries \(selectors.source)"
    }
  }
}

extension FieldRule.Source {
  var text: String {
    switch self {
    case .selector(let selectors): selectors.source
    case .join(let parts): parts.map(\.source).joined(separator: " + ")
    }
  }
}

extension DocumentNode {
  var isNull: Bool {
    switch self {
    case .json(let json): json.isNull
    case .tape(let node): node.isNull
    case .text, .markup: false
    }
  }

  /// At most 60 characters, for messages.
  var shortText: String {
    let whole =
      switch self {
      case .json(let json): json.text
      case .tape(let node): node.json.text
      case .text(let text): text
      case .markup(let node): node.outerMarkup
      }
    return whole.count > 60 ? String(whole.prefix(59)) + "…" : whole
  }
}

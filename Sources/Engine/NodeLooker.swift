import Fetchers
import Language
import PluginHost

/// Runs a step's selectors on nodes and counts what they find, as ``RowReader`` reads them.
struct NodeLooker {
  var time: any TimeSource
  var context: RenderContext
  var baseURL: String

  func look(_ list: SelectorList, _ path: String, on nodes: [DocumentNode]) -> [AnswerTrace.Selector] {
    list.alternatives.map { selector in
      var seen = AnswerTrace.Selector(
        path: path, kind: selector.kind, source: selector.source, runs: nodes.count, found: 0, matches: 0,
        elapsed: .zero, needsTree: selector.needsTree)
      let begun = time.uptime()
      for node in nodes {
        do throws(ExtractError) {
          let count = try selector.select(from: node).count
          seen.matches += count
          if count > 0 { seen.found += 1 }
        } catch {
          seen.problem = error.message
        }
      }
      seen.elapsed = time.uptime() - begun
      return seen
    }
  }

  func field(_ rule: FieldRule, on nodes: [DocumentNode]) -> AnswerTrace.Field {
    let lists: [SelectorList]
    switch rule.source {
    case .selector(let list): lists = [list]
    case .join(let parts): lists = parts
    }
    var field = AnswerTrace.Field(
      path: rule.keyPath, name: rule.name, selectors: lists.flatMap { look($0, rule.keyPath, on: nodes) },
      rows: nodes.count, filled: 0, stages: [], problem: nil, problems: 0)
    for node in nodes {
      let stages = stages(of: rule, lists, at: node)
      if let problem = stages.problem {
        field.problems += 1
        if field.problem == nil { (field.problem, field.stages) = (problem, stages.values) }
      }
      let isFilled = stages.values.last.map { !$0.value.isNull } ?? false
      if isFilled, stages.problem == nil {
        if field.filled == 0, field.problem == nil { field.stages = stages.values }
        field.filled += 1
      }
    }
    if field.stages.isEmpty, let first = nodes.first { field.stages = stages(of: rule, lists, at: first).values }
    return field
  }

  private func stages(
    of rule: FieldRule, _ lists: [SelectorList], at node: DocumentNode
  ) -> (values: [(name: String, value: Value)], problem: String?) {
    let found = lists.map { first($0, at: node) }
    var value =
      found.count == 1 ? found[0] : found.contains(.null) ? .null : .text(found.map(\.plainText).joined(separator: " "))
    var stages: [(name: String, value: Value)] = [(found.count == 1 ? "match" : "joined", value)]
    if let then = rule.then {
      for (name, next) in then.stages(of: value, context) { stages.append((name, next)) }
      value = then.apply(to: value, context)
    }
    guard let type = rule.type else { return (stages, nil) }
    if type.type == .url, case .text(let link) = value { value = .text(resolve(link, against: baseURL) ?? link) }
    do throws(TypingError) {
      stages.append(("as \(type.type.rawValue)", try type.convert(value, context)))
      return (stages, nil)
    } catch {
      return (stages, "is no \(error.type.rawValue): \(error.reason)")
    }
  }

  private func first(_ list: SelectorList, at node: DocumentNode) -> Value {
    for selector in list.alternatives {
      if let value = try? selector.firstValue(from: node) { return value }
    }
    return .null
  }

  func values(of rules: [FieldRule], at node: DocumentNode) -> [(String, Value)] {
    rules.map { rule in
      let lists: [SelectorList] = if case .join(let parts) = rule.source { parts } else { rule.selectorLists }
      return (rule.name, stages(of: rule, lists, at: node).values.last?.value ?? .null)
    }
  }

  func rows(_ rule: RowsRule, on nodes: [(node: DocumentNode, scope: Scope)]) -> AnswerTrace.Rows {
    let list: SelectorList
    let key: String
    switch rule.source {
    case .each(let selectors): (list, key) = (selectors, "each")
    case .entries(let selectors): (list, key) = (selectors, "entries")
    }
    var candidates: [(node: DocumentNode, scope: Scope)] = []
    for (node, scope) in nodes { candidates += self.candidates(rule, list, at: node).map { ($0, scope) } }
    let looked = candidates.prefix(AnswerInspector.looked)
    var kept: [(node: DocumentNode, scope: Scope)] = []
    for (node, scope) in looked {
      let inner = scope.adding(values(of: rule.fields, at: node))
      if rule.keep?.holds(in: inner, context) ?? true { kept.append((node, inner)) }
    }
    return AnswerTrace.Rows(
      path: rule.keyPath, selectors: look(list, "\(rule.keyPath).\(key)", on: nodes.map(\.node)),
      candidates: candidates.count, kept: kept.count, keep: rule.keep?.source,
      fields: rule.fields.map { field($0, on: looked.map(\.node)) }, inner: rule.rows.map { rows($0, on: kept) })
  }

  private func candidates(_ rule: RowsRule, _ list: SelectorList, at node: DocumentNode) -> [DocumentNode] {
    let found = (try? list.select(from: node)) ?? []
    guard case .entries = rule.source else { return found.filter { !$0.isNull } }
    return found.flatMap { match -> [DocumentNode] in
      guard case .object(let object)? = match.json else { return [] }
      return zip(object.names, object.values).map { name, value in
        .json(.object(JSONObject([("key", .string(name)), ("value", value)])))
      }
    }
  }
}

extension FieldRule {
  fileprivate var selectorLists: [SelectorList] {
    switch source {
    case .selector(let list): [list]
    case .join(let parts): parts
    }
  }
}

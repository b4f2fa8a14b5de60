import Diagnostics
import Language
import PluginHost

/// Rows that are texts (an attribute, a text node, a match of a pattern) have nothing below them.
extension SpecContext {
  /// Refuses fields and rows that look for elements in rows that are texts: they would be null on every page.
  func checkRowShape(_ rule: RowsRule, _ given: KeyTable<RowsDraft>.Given) {
    guard case .each(let list) = rule.source, list.alternatives.allSatisfy(givesText), let each = given["each"] else {
      return
    }
    for field in given["fields"]?.members ?? [] {
      guard let rule = rule.fields.first(where: { $0.name == field.name }),
        rule.source.alternatives.allSatisfy(needsElement)
      else { continue }
      error(
        .otherDocument, "the rows are texts, and '\(field.name)' looks for an element in them", at: field.atKey,
        help: "let 'each' give the element: leave '/@name', '/text()' or '::text' out there",
        notes: [Diagnostic.Note("'each' is", at: location(of: each))])
      return
    }
  }

  private func givesText(_ selector: any CompiledSelector) -> Bool {
    let source = selector.source
    switch selector.kind {
    case "pattern", "text": return true
    case "css":
      return source.hasSuffix("::text") || source.hasSuffix(")") && source.contains("::attr(") && !source.contains(",")
    case "xpath":
      guard !source.contains("|"), let last = source.split(separator: "/").last else { return false }
      return last.hasPrefix("@") || last == "text()" || last.hasPrefix("attribute::")
    default: return false
    }
  }

  /// `.`, a pattern and JSONPath can read a text; a path below it can't.
  private func needsElement(_ selector: any CompiledSelector) -> Bool {
    switch selector.kind {
    case "css": true
    case "xpath": selector.source.hasPrefix("./") || selector.source.hasPrefix("//")
    default: false
    }
  }
}

extension FieldRule.Source {
  fileprivate var alternatives: [any CompiledSelector] {
    switch self {
    case .selector(let list): list.alternatives
    case .join(let lists): lists.flatMap(\.alternatives)
    }
  }
}

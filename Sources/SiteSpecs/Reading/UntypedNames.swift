import Diagnostics
import Language
import PluginHost

extension FieldRule {
  /// What a field without `as:` is read from; nil where that does not say what it is: filters, XPath that computes, and
  /// selectors of several kinds.
  var untyped: NameScope.Untyped? {
    guard type == nil, then == nil || then?.source == "trim" else { return nil }
    switch source {
    case .join: return .markup
    case .selector(let list):
      if list.alternatives.allSatisfy({ $0.kind == "json" }) { return .json }
      return list.alternatives.allSatisfy(givesText) ? .markup : nil
    }
  }

  private func givesText(_ selector: any CompiledSelector) -> Bool {
    switch selector.kind {
    case "css", "pattern", "text": true
    // `count(//li)` is a number.
    case "xpath": selector.source.first.map { "./".contains($0) } ?? false
    default: false
    }
  }
}

extension SpecContext {
  /// Refuses conditions that can never hold: a field that nobody said is money, a time or a day, ordered against one.
  func refuseUntyped(_ expression: Expression, at entry: Entry) {
    for use in expression.temporalUses {
      guard let untyped = names[use.name]?.untyped, untyped == .markup || use.isOfJSON else { continue }
      let kind = use.type == .money ? "money" : use.type == .time ? "time" : use.type == .duration ? nil : "instant"
      let offset = expression.source.firstRange(of: use.name).map {
        expression.source.unicodeScalars.distance(from: expression.source.startIndex, to: $0.lowerBound)
      }
      return error(
        .badExpression,
        "'\(use.name)' is read \(untyped == .markup ? "as text" : "as it stands") and is no \(use.type.rawValue): "
          + "this never holds",
        at: entry, offset: offset ?? 0,
        help: kind.map { "read the field '\(use.name)' as: \($0)" } ?? "read the field '\(use.name)' with 'as:'",
        notes: names[use.name]?.location.map { [Diagnostic.Note("the field is", at: $0)] } ?? [])
    }
  }
}

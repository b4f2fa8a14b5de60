import Language
import PluginHost

extension SiteSpec {
  /// What the values of the key's fields are read by, as a hash: with another selector the same thing may have another
  /// key. What surrounds them (`each`, an anchor, a request) finds things, and names none.
  var keyRules: String {
    let key = Set(items.key)
    var lines: [String] = []
    func add(_ fields: [FieldRule]) {
      for field in fields where key.contains(field.name) { lines.append(field.text) }
    }
    func add(_ rows: [RowsRule]) {
      for rule in rows {
        add(rule.fields)
        add(rule.rows)
      }
    }
    for step in steps {
      add(step.fields)
      add(step.rows)
    }
    return StableHash.text(lines.joined(separator: "\u{1E}"))
  }
}

extension FieldRule {
  fileprivate var text: String {
    let source =
      switch source {
      case .selector(let list): list.source
      case .join(let lists): lists.map(\.source).joined(separator: "\u{1D}")
      }
    let type = type.map { "\($0.type) \($0.calendar) \($0.format ?? "") \($0.unit.map { "\($0)" } ?? "")" } ?? ""
    return [name, source, type, then?.source ?? ""].joined(separator: "\u{1F}")
  }
}

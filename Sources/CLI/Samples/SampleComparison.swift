import Engine
import Language
import PluginHost

/// What a run gave, held against what was expected.
struct SampleComparison {
  var expected: JSONObject
  var found: ExpectedResult
  var spec: SiteSpec

  var differences: [SampleDifference] { verdictDifferences + itemDifferences }

  /// Of the whole and of each branch.
  var verdictDifferences: [SampleDifference] {
    var all: [SampleDifference] = []
    if expected["verdict"] != .string(found.verdict) {
      all.append(
        SampleDifference(.verdict, "", expected: expected["verdict"] ?? .null, found: .string(found.verdict)))
    }
    return all + branchDifferences
  }

  private var branchDifferences: [SampleDifference] {
    guard case .object(let wanted)? = expected["branches"] else {
      return [SampleDifference(.file, "expected.json", detail: "it has no object 'branches'")]
    }
    let names = wanted.names + found.branches.names.filter { wanted[$0] == nil }
    return names.compactMap { name in
      guard wanted[name] != found.branches[name] else { return nil }
      return SampleDifference(
        .branch, name, expected: wanted[name], found: found.branches[name], detail: found.reasons[name])
    }
  }

  // MARK: Items

  private struct Wanted {
    var fields: JSONObject
    var key: JSON
  }

  private var itemDifferences: [SampleDifference] {
    guard case .array(let list)? = expected["items"] else {
      return [SampleDifference(.file, "expected.json", detail: "it has no list 'items'")]
    }
    let wanted = list.compactMap { json -> Wanted? in
      guard case .object(let fields) = json else { return nil }
      return Wanted(fields: fields, key: fields["key"] ?? .null)
    }
    var left = Dictionary(grouping: found.items.indices) { found.keyJSON(found.items[$0]).text }
    var (missing, pairs, order) = ([Wanted](), [(Wanted, Int)](), [Int]())
    for want in wanted {
      guard var places = left[want.key.text], !places.isEmpty else {
        missing.append(want)
        continue
      }
      pairs.append((want, places.removeFirst()))
      left[want.key.text] = places
      order.append(pairs[pairs.count - 1].1)
    }
    let others = left.values.flatMap(\.self).sorted()
    // As many as are missing have come: the same items under other keys.
    guard missing.count != others.count || missing.isEmpty else {
      let renamed = zip(missing, others).flatMap {
        keyDifferences($0, found.items[$1]) + fieldDifferences($0, found.items[$1])
      }
      return renamed + pairs.flatMap { fieldDifferences($0.0, found.items[$0.1]) }
    }
    let isMoved = missing.isEmpty && others.isEmpty && order != order.sorted()
    return missing.map(absence)
      + others.map { SampleDifference(.unexpected, name(of: found.items[$0]), found: found.json(found.items[$0], nil)) }
      + pairs.flatMap { fieldDifferences($0.0, found.items[$0.1]) }
      + (isMoved ? [SampleDifference(.order, "", detail: "expected.json lists them as the page did")] : [])
  }

  /// An item that is not there has no field to compare: named is the field that told it from the others of its branch.
  private func absence(_ wanted: Wanted) -> SampleDifference {
    let field = spec.items.key.last
    return SampleDifference(
      .missing, name(of: wanted), field: field, selector: field.flatMap(selector), detail: reason)
  }

  private func keyDifferences(_ wanted: Wanted, _ item: Item) -> [SampleDifference] {
    guard case .array(let values) = wanted.key else { return [] }
    return zip(spec.items.key, values).compactMap { field, value in
      let now = found.value(field, of: item)
      // Listed among the fields too, it is told there.
      guard value != now, wanted.fields[field] == nil else { return nil }
      return SampleDifference(
        .field, name(of: wanted), field: field, expected: value, found: now ?? .null, selector: selector(of: field))
    }
  }

  private func fieldDifferences(_ wanted: Wanted, _ item: Item) -> [SampleDifference] {
    zip(wanted.fields.names, wanted.fields.values).compactMap { field, value in
      let now = found.value(field, of: item)
      guard field != "key", value != now else { return nil }
      return SampleDifference(
        .field, name(of: wanted), field: field, expected: value, found: now ?? .null, selector: selector(of: field))
    }
  }

  /// Of a branch that could not be read its items are missing: one cause, said with each.
  private var reason: String? {
    found.reasons.count == 1 ? found.reasons.values.first : nil
  }

  private func selector(of field: String) -> String? {
    let rules = spec.rules(of: field)
    return rules.isEmpty ? nil : rules.joined(separator: ", or ")
  }

  private func name(of wanted: Wanted) -> String {
    label(wanted.key, zip(wanted.fields.names, wanted.fields.values).map { ($0, $1) })
  }

  private func name(of item: Item) -> String {
    label(found.keyJSON(item), item.fields.map { ($0.name, found.value($0.name, of: item) ?? .null) })
  }

  /// Key values, and the first text that is none of them: what a person would call it.
  private func label(_ key: JSON, _ fields: [(String, JSON)]) -> String {
    var parts: [String] = []
    if case .array(let values) = key { parts = values.map { Value(json: $0).plainText } }
    let title = fields.lazy.compactMap { name, value -> String? in
      guard name != "key", !spec.items.key.contains(name), case .string(let text) = value else { return nil }
      return text
    }.first
    return parts.joined(separator: " ") + (title.map { " (\($0))" } ?? "")
  }
}

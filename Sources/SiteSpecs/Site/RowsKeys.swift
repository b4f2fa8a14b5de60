import Diagnostics
import Language
import PluginHost

struct RowsDraft {
  var each: SelectorList?
  var entries: SelectorList?
  var fields: [FieldRule] = []
  var keep: Expression?
  var limit: Int?
  var rows: [RowsRule] = []
}

extension KeyTable where Target == RowsDraft {
  static let rows = KeyTable(
    "rows",
    [
      Key("each", "One row per match.", Reading<SelectorList>.selector, into: \.each),
      Key(
        "entries", "One row per member of the objects matched, with .key and .value.", Reading<SelectorList>.selector,
        into: \.entries),
      Key("fields", "What is read from each row.", .fields) { entry, draft, context in
        draft.fields = context.fields(entry)
      },
      Key("keep", "Rows for which this is not true are left out.", Reading<Expression>.expression, into: \.keep),
      Key(
        "limit", "At most so many rows, after 'keep'.", Reading<Int>.integer(1...10_000), into: \.limit),
      Key("rows", "Rows in the row; with them only the innermost count.", .rows) { entry, draft, context in
        draft.rows = context.rows(entry)
      },
    ], rules: [.exactlyOne(["each", "entries"])])
}

extension Shape {
  static let fields = Shape.map(names: "names", .either([.oneOrMany(.selector), .table("field")]), .defined)
  static let rows = Shape.oneOrMany(.table("rows"))
}

extension SpecContext {
  /// The fields of a document or row; each is visible to those after it.
  func fields(_ entry: Entry) -> [FieldRule] {
    guard let members = entry.members else {
      let _: Void? = mismatch("a mapping from names to selectors", entry)
      return []
    }
    return members.compactMap { member in
      let rule = Reading<FieldRule>.field(member, self)
      // Defined even where its selector is wrong, so that one mistake is not told again at every use.
      define(rule?.type?.type ?? .unknown, .field(step: step), at: member, untyped: rule?.untyped)
      return rule
    }
  }

  /// One mapping, or a list of alternatives of which the first that yields rows wins. Each alternative starts from the
  /// same names; behind them all that any of them defines is visible.
  func rows(_ entry: Entry) -> [RowsRule] {
    let parts = entry.elements ?? [entry]
    if parts.isEmpty { let _: Void? = mismatch("at least one way to find rows", entry) }
    let before = names
    var after: NameScope?
    var rules: [RowsRule] = []
    for part in parts {
      names = before
      if let rule = row(part) { rules.append(rule) }
      if after == nil { after = names } else { after?.formUnion(names) }
    }
    names = after ?? before
    return rules
  }

  private func row(_ entry: Entry) -> RowsRule? {
    var draft = RowsDraft()
    guard let given = KeyTable<RowsDraft>.rows.read(entry, into: &draft, self) else { return nil }
    switch (given["each"], given["entries"]) {
    case (nil, nil):
      error(
        .missingKey, "these rows have no 'each' and no 'entries'", at: entry.key == nil ? entry : entry.atKey,
        help: "each: SELECTOR gives one row per match")
    case (let each?, let entries?): refuseBoth(each, entries)
    default: break
    }
    // Told by `check`; a start leaves it to the run, whose verdict is `layout_broken`.
    if isLinting, let entries = given["entries"],
      let other = draft.entries?.alternatives.first(where: { $0.kind != "json" })
    {
      error(
        .unfitOption, "'entries' reads members of JSON objects, '\(other.kind)' finds none", at: entries.atKey,
        help: "each: gives one row per match")
    }
    if let each = given["each"], let list = draft.each { lintSingleRow(list, at: each) }
    let source = draft.each.map(RowsRule.Source.each) ?? draft.entries.map(RowsRule.Source.entries)
    let rule = source.map {
      RowsRule(
        source: $0, fields: draft.fields, keep: draft.keep, limit: draft.limit, rows: draft.rows, keyPath: entry.path)
    }
    if let rule { checkRowShape(rule, given) }
    return rule
  }
}

extension SpecContext {
  /// `$.slots` is the list, `$.slots[*]` are its elements: all fields of the only row would be null. `$` is meant, where the
  /// document is the row.
  fileprivate func lintSingleRow(_ list: SelectorList, at entry: Entry) {
    let single = list.alternatives.first { $0.kind == "json" && SingleRow.isGiven(by: $0.source) }
    guard let single else { return }
    lint(
      .singleRow, "\(quoted(single.source)) is one value, and one row", at: entry,
      help: "\(single.source)[*] is a row for each element of a list; where it is one object, "
        + "say so: '# slothunter: allow single-row because …'")
  }
}

/// A JSONPath that gives one value, and so one row.
public enum SingleRow {
  public static func isGiven(by path: String) -> Bool {
    path != "$" && !["*", "..", "?", ":", ","].contains(where: path.contains)
  }
}

extension RowsRule {
  /// Whether rows come from markup, which does not say itself that there is nothing.
  var comesFromMarkup: Bool {
    let list =
      switch source {
      case .each(let list), .entries(let list): list
      }
    return list.alternatives.contains { $0.kind == "css" || $0.kind == "xpath" }
      || rows.contains(where: \.comesFromMarkup)
  }
}

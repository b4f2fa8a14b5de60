import Language

/// The keys of a kind of file as a page: the same tables that read it and that the JSON Schema is made of.
public enum ReferencePage {
  public static func text(of kind: SpecKind) -> String {
    let tables = kind.tables
    var text = "# \(kind.title): every key\n\n\(kind.summary) \(ReferencePage.generated)\n\n"
    text +=
      "An editor that speaks to yaml-language-server (VS Code with the YAML extension, and most others) shows all of this\n"
    text += "while you type, where the file begins with\n\n"
    text += "```text\n# yaml-language-server: $schema=\(folder(of: kind))docs/reference/\(kind.schemaFile)\n```\n"
    for (index, table) in tables.enumerated() { text += section(table, isFile: index == 0) }
    return text
  }

  /// Stands on every page that is written by the program.
  public static let generated = "Written by `slothunter docs --write docs/reference`; edits are lost."

  private static func folder(of kind: SpecKind) -> String { kind == .configuration ? "" : "../" }

  private static func section(_ table: TableReference, isFile: Bool) -> String {
    var text = "\n## \(isFile ? "The file" : table.name)\n\n| key | value | default | what it is |\n|---|---|---|---|\n"
    for key in table.keys {
      let name = "`\(key.name)`" + (key.isRequired ? " (required)" : "")
      text += "| \(name) | \(cell(key.shape.page)) | \(key.standard.map { "`\($0)`" } ?? "") | \(cell(key.help)) |\n"
    }
    let rules = furtherRules(table) + table.rules.map(\.sentence)
    if !rules.isEmpty { text += "\n" + rules.map { "- \($0)\n" }.joined() }
    return text
  }

  private static func furtherRules(_ table: TableReference) -> [String] {
    switch table.further {
    case nil: []
    case .selector?: ["Beside these: one [selector](selectors.md), named by its kind."]
    case .named(_, let shape)?: ["Beside these: names of your own, each with \(shape.page)."]
    }
  }

  private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
}

extension Shape {
  /// As a cell of a page's table.
  fileprivate var page: String {
    switch self {
    case .text: "text"
    case .word(let words): words.map { "`\($0)`" }.joined(separator: ", ")
    case .form(let name, let example, _, _): "\(name), as `\(example)`"
    case .selector: "[selector](selectors.md)"
    case .selectorText: "the selector's text"
    case .format: "[message format](formats.md)"
    case .range(let range): "a number or a range, \(range.lowerBound) to \(range.upperBound)"
    case .list(let shape, let least): "a list\(least > 0 ? " of at least \(least)" : ""): \(shape.page)"
    case .oneOrMany(let shape): "\(shape.page); or a list of such"
    case .map(let names, let shape, _): "\(names), each with \(shape.page)"
    case .table(let name): "[\(name)](#\(name.replacing(" ", with: "-")))"
    case .one(let choices, let shape):
      "one of \(choices.map { "`\($0.word)`" }.joined(separator: ", ")), with \(shape.page)"
    case .distinct(let shape): "\(shape.page), each once"
    case .either(let shapes): shapes.map(\.page).joined(separator: "; or ")
    case .integer, .boolean, .literal, .nothing, .json: text
    }
  }
}

extension KeyRule {
  fileprivate var sentence: String {
    func list(_ names: [String], _ word: String) -> String {
      let quoted = names.map { $0 == KeyRule.selector ? $0 : "`\($0)`" }
      guard quoted.count > 1, let last = quoted.last else { return quoted.joined() }
      return quoted.dropLast().joined(separator: ", ") + " \(word) " + last
    }
    return switch self {
    case .exactlyOne(let names) where names.count == 1:
      "Exactly one \(names[0].replacing("a ", with: "", maxReplacements: 1))."
    case .exactlyOne(let names): "Exactly one of \(list(names, "and"))."
    case .atMostOne(let names) where names.count == 1:
      "At most one \(names[0].replacing("a ", with: "", maxReplacements: 1))."
    case .atMostOne(let names): "At most one of \(list(names, "and"))."
    case .atLeastOne(let names): "At least one of \(list(names, "and"))."
    case .needs(let name, let others): "`\(name)` only beside \(list(others, "or"))."
    case .excludes(let name, let others): "No \(list(others, "or")) beside `\(name)`."
    case .falseBeside(let name, let others): "\(list(others, "and")) can't be true beside `\(name)`."
    case .belongs(let name, let other, let words):
      "`\(name)` only beside `\(other):` \(list(words, "or"))."
    case .exactlyOneName(let other): "Exactly one name, or `\(other)`."
    }
  }
}

import Extractors
import Language
import PluginHost

/// What rows have in common: their parts, as fields.
extension PageRows {
  /// A part that rows have: where it is, and its values.
  private struct Part {
    var source: String
    var isXPath = false
    var hint: String
    var values: [String?]
  }

  func fields(of members: [PageElement]) -> [FirstSpec.Field] {
    var parts: [String: Part] = [:]
    var order: [String] = []
    for (index, member) in members.enumerated() {
      for (key, part) in self.parts(of: member) {
        if parts[key] == nil {
          order.append(key)
          parts[key] = part
          parts[key]?.values = Array(repeating: nil, count: members.count)
        }
        if parts[key]?.values[index] == nil { parts[key]?.values[index] = part.values[0] }
      }
    }
    var names = FieldNames()
    var fields: [FirstSpec.Field] = []
    var seen: Set<[String?]> = []
    for part in order.compactMap({ parts[$0] }).sorted(by: { PageRows.rank($0) < PageRows.rank($1) }) {
      guard fields.count < PageRows.mostFields else { break }
      let given = part.values.compactMap { $0.map(trimmed) }.filter { !$0.isEmpty }
      let share = Double(given.count) / Double(members.count)
      // What is the same everywhere tells nothing, and so does what is said twice.
      guard share >= 0.5, Set(given).count > 1 || members.count < 3, seen.insert(part.values).inserted else { continue }
      guard reads(part, members) else { continue }
      let name = names.name(PageRows.meaning(part), else: "text")
      fields.append(
        FirstSpec.Field(
          name: name, selector: PageRows.yaml(part),
          type: part.source.hasSuffix("href)") || part.source == "./@href"
            ? "url" : ValueGuess.type(of: given, name: name), example: given.first ?? "",
          isUnique: Set(given).count == members.count, share: share))
    }
    return fields
  }

  /// An element with text of its own, and attributes that hold data.
  private func parts(of row: PageElement) -> [(String, Part)] {
    var found: [(String, Part)] = []
    let heads = PageRows.heads(of: row)
    func add(_ source: String, _ hint: String, _ value: String?, isXPath: Bool = false) {
      guard let value, !trimmed(value).isEmpty, value.utf8.count < 2000 else { return }
      found.append((source, Part(source: source, isXPath: isXPath, hint: hint, values: [value])))
    }
    for (name, value) in row.node.attributes where PageRows.isData(name) {
      add("./@\(name)", name, value, isXPath: true)
    }
    if !trimmed(row.node.ownText).isEmpty || row.children.isEmpty {
      add(".", row.classes.last ?? "text", row.node.text, isXPath: true)
    }
    for element in row.all.dropFirst() {
      guard let (source, isXPath) = relative(element, to: row) else { continue }
      func at(_ attribute: String) -> String { isXPath ? "\(source)/@\(attribute)" : "\(source)::attr(\(attribute))" }
      for (name, value) in element.node.attributes where PageRows.isData(name) && !["id", "value"].contains(name) {
        add(at(name), name == "datetime" ? "time" : name, value, isXPath: isXPath)
      }
      if !trimmed(element.node.ownText).isEmpty {
        let column = row.children.firstIndex { $0 === element }
        let head = column.flatMap { $0 < heads.count ? heads[$0] : nil }
        let hint = element.classes.last ?? element.node.attribute("itemprop") ?? head ?? element.name
        add(source, hint, element.node.text, isXPath: isXPath)
      }
    }
    return found
  }

  /// What a table says of its columns, in letters that a field's name can have.
  private static func heads(of row: PageElement) -> [String] {
    guard row.name == "tr" else { return [] }
    let table = row.ancestors.last { $0.name == "table" }
    guard let head = table?.all.first(where: { $0.name == "tr" && $0.children.contains { $0.name == "th" } }) else {
      return []
    }
    return head.children.map { trimmed($0.node.text) }.map { $0.contains { $0.isASCII && $0.isLetter } ? $0 : "text" }
  }

  private static func isData(_ attribute: String) -> Bool {
    ["href", "datetime", "content", "id", "value", "title"].contains(attribute) || attribute.hasPrefix("data-")
  }

  /// `h3.title`, `.price > span`; by position where cells have no class.
  private func relative(_ element: PageElement, to row: PageElement) -> (source: String, isXPath: Bool)? {
    if element.name == "td" || element.name == "th", element.classes.isEmpty, element.parent === row,
      let index = row.children.firstIndex(where: { $0 === element })
    {
      return ("./*[\(index + 1)]", true)
    }
    let own = element.skeleton()
    let above = element.ancestors.reversed().prefix { $0 !== row }.first { !$0.classes.isEmpty || $0.name == "td" }
    guard let above, element.classes.isEmpty else { return (own, false) }
    if above.classes.isEmpty, above.parent === row, let index = row.children.firstIndex(where: { $0 === above }) {
      return ("./*[\(index + 1)]//\(element.name)", true)
    }
    return above.classes.isEmpty ? (own, false) : ("\(above.skeleton()) \(own)", false)
  }

  private static func yaml(_ part: Part) -> String {
    part.isXPath
      ? (part.source == "." ? "\".\"" : FirstSpec.quoted(part.source)) : "{ css: \(FirstSpec.quoted(part.source)) }"
  }

  /// Whether the selector gives in each row what was seen there.
  private func reads(_ part: Part, _ members: [PageElement]) -> Bool {
    let extractor: any Extractor = part.isXPath ? XPathExtractor() : css
    guard let selector = try? extractor.compile(part.source) else { return false }
    return zip(members, part.values).allSatisfy { member, value in
      guard let value else { return true }
      let found = try? selector.firstValue(from: .markup(member.node))
      return found.map { trimmed($0.plainText) == trimmed(value) } ?? false
    }
  }

  /// What names things first, then headings, times and prices, then the rest in the page's order.
  private static func rank(_ part: Part) -> Int {
    if part.source.hasSuffix("@data-id") || part.source.hasSuffix("(data-id)") || part.source == "./@id" { return 0 }
    if part.hint.hasPrefix("h"), part.hint.count == 2 || part.hint.contains("title") || part.hint.contains("name") {
      return 1
    }
    if part.hint == "href" { return 2 }
    if part.hint.contains("price") || part.hint.contains("time") || part.hint.contains("date") { return 3 }
    return 4
  }

  private static func meaning(_ part: Part) -> String {
    let hint = part.hint
    if hint == "href" { return "link" }
    if hint == "id" || hint == "data-id" { return "id" }
    if hint.count == 2, hint.hasPrefix("h"), hint.last?.isNumber == true { return "title" }
    if ["a", "td", "span", "p", "div", "li", "b", "strong", "em"].contains(hint) {
      return hint == "a" ? "title" : "text"
    }
    return hint.hasPrefix("data-") ? String(hint.dropFirst(5)) : hint
  }
}

import Engine
import Extractors
import Language
import PluginHost

/// Finds what repeats on an HTML page: elements alike in name, classes and what they hold.
struct PageRows {
  /// Fewer are no list; two may be by chance, and are taken where nothing else is there.
  private static let fewest = 2
  /// More rows than this are not needed to see what they have in common.
  private static let looked = 60
  private static let mostFields = 12

  let document: DocumentNode
  let root: PageElement
  private let css = CSSExtractor()

  init?(_ document: DocumentNode) {
    guard let root = PageElement.root(of: document) else { return nil }
    self.document = document
    self.root = root
  }

  /// The page's own name for itself.
  var title: String? {
    root.all.first { $0.name == "title" }.map {
      $0.node.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
  }

  /// Where the page says that it is.
  var address: String? {
    for element in root.all {
      if element.name == "link", element.node.attribute("rel") == "canonical" { return element.node.attribute("href") }
      if element.name == "meta", element.node.attribute("property") == "og:url" {
        return element.node.attribute("content")
      }
    }
    return nil
  }

  /// JSON that the page holds in scripts, with the selector of each.
  var scripts: [(selector: String, json: JSON)] {
    root.all.filter { $0.name == "script" }.compactMap { script in
      let type = script.node.attribute("type") ?? ""
      guard type.contains("json"), let json = try? JSON(parsing: Array(script.node.text.utf8)) else { return nil }
      if let id = script.node.attribute("id") { return ("//script[@id=\"\(id)\"]", json) }
      return ("//script[@type=\"\(type)\"]", json)
    }
  }

  /// The likeliest first.
  var candidates: [FirstSpec.Rows] {
    var found: [FirstSpec.Rows] = []
    for group in groups() {
      if let rows = rows(of: group) { found.append(rows) }
    }
    return found.sorted { $0.score > $1.score }
  }

  /// Elements with one name and, among siblings or over the page, the same classes.
  private func groups() -> [[PageElement]] {
    var byPlace: [String: [PageElement]] = [:]
    var order: [String] = []
    for element in root.all
    where !["html", "head", "body", "script", "style", "meta", "link", "option", "br"].contains(element.name) {
      guard let parent = element.parent else { continue }
      // Rows of one list may differ in a state class, so the first class counts, or the name alone within one parent.
      let place = element.classes.first.map { "\(element.name).\($0)" } ?? "\(parent.node.path)/\(element.name)"
      if byPlace[place] == nil { order.append(place) }
      byPlace[place, default: []].append(element)
    }
    return order.compactMap { byPlace[$0] }.filter { $0.count >= PageRows.fewest }
  }

  private func rows(of group: [PageElement]) -> FirstSpec.Rows? {
    // Rows in rows would be counted twice.
    let nodes = Set(group.map { ObjectIdentifier($0) })
    let members = group.filter { element in !element.ancestors.contains { nodes.contains(ObjectIdentifier($0)) } }
      .filter { !$0.isHeading }
    guard members.count >= PageRows.fewest, let selector = selector(of: members) else { return nil }
    let fields = fields(of: Array(members.prefix(PageRows.looked)))
    let telling = fields.filter { !$0.example.isEmpty }
    guard !telling.isEmpty, telling.contains(where: \.isUnique) || telling.count > 1 else { return nil }
    guard let anchor = anchor(of: members) else { return nil }
    return FirstSpec.Rows(
      selector: selector, count: members.count, fields: fields, anchor: anchor,
      score: score(members, telling))
  }

  /// Many rows with many parts, of which some differ; navigation is alike too, and not meant.
  private func score(_ members: [PageElement], _ fields: [FirstSpec.Field]) -> Double {
    let count = Double(min(members.count, 40))
    let typed = Double(fields.count { $0.type != nil && $0.type != "url" })
    let unique = Double(fields.count { $0.isUnique })
    let shares = fields.reduce(0) { $0 + $1.share } / Double(max(fields.count, 1))
    let text = members.prefix(10).reduce(0) { $0 + min($1.node.text.count, 200) } / max(1, min(members.count, 10))
    let places = Set((members.first?.ancestors ?? []).flatMap { [$0.name] + $0.classes + [$0.id ?? ""] })
    let isAside = !places.isDisjoint(with: ["nav", "header", "footer", "aside", "menu", "breadcrumb", "pagination"])
    let isMain = places.contains("main") || places.contains("article")
    let isTable = members.first?.name == "tr" ? 1.3 : 1
    return count.squareRoot() * (1 + Double(fields.count) + typed * 2 + unique) * shares * (isAside ? 0.15 : 1)
      * (isMain ? 1.2 : 1) * isTable * (text < 3 ? 0.3 : 1)
  }

  // MARK: Selectors

  /// A selector that finds these rows and nothing else, as YAML has it.
  private func selector(of members: [PageElement]) -> String? {
    let shared = members.dropFirst().reduce(Set(members[0].classes)) { $0.intersection($1.classes) }
    let own = members[0].skeleton(shared)
    var tries: [String] = shared.isEmpty ? [] : [own]
    for ancestor in (commonAncestors(of: members)).reversed() {
      guard let name = PageRows.name(ancestor) else { continue }
      tries += ["\(name) > \(own)", "\(name) \(own)"]
    }
    for source in tries where finds(source, members) { return "{ css: \(FirstSpec.quoted(source)) }" }
    // Heads of tables are rows without data cells.
    for ancestor in commonAncestors(of: members).reversed() where members[0].name == "tr" {
      guard let path = PageRows.xpath(ancestor) else { continue }
      let source = "\(path)//tr[td]"
      if finds(xpath: source, members) { return FirstSpec.quoted(source) }
    }
    let loose = "//tr[td]"
    return members[0].name == "tr" && finds(xpath: loose, members) ? FirstSpec.quoted(loose) : nil
  }

  private func commonAncestors(of members: [PageElement]) -> [PageElement] {
    let first = members[0].ancestors
    return first.filter { ancestor in members.allSatisfy { $0.ancestors.contains { $0 === ancestor } } }
  }

  private static func name(_ element: PageElement) -> String? {
    if let id = element.id { return "#\(id)" }
    return element.classes.isEmpty ? (element.name == "main" ? "main" : nil) : element.skeleton()
  }

  private static func xpath(_ element: PageElement) -> String? {
    if let id = element.id { return "//\(element.name)[@id=\"\(id)\"]" }
    return element.classes.first.map {
      "//\(element.name)[contains(concat(\" \", normalize-space(@class), \" \"), \" \($0) \")]"
    }
  }

  private func finds(_ source: String, _ members: [PageElement]) -> Bool {
    guard let found = try? css.compile(source).select(from: document) else { return false }
    return same(found, members)
  }

  private func finds(xpath source: String, _ members: [PageElement]) -> Bool {
    guard let found = try? XPathExtractor().compile(source).select(from: document) else { return false }
    return same(found, members)
  }

  private func same(_ found: [DocumentNode], _ members: [PageElement]) -> Bool {
    guard found.count == members.count else { return false }
    let paths = Set(members.map(\.node.path))
    return found.allSatisfy {
      if case .markup(let node) = $0, let tree = node as? TreeNode { paths.contains(tree.path) } else { false }
    }
  }

  /// What is around the rows, by a name of its own: it is there without them too.
  private func anchor(of members: [PageElement]) -> String? {
    for ancestor in commonAncestors(of: members).reversed() where ancestor.name != "tbody" {
      if let name = PageRows.name(ancestor) { return "{ css: \(FirstSpec.quoted(name)) }" }
    }
    for name in ["main", "h1", "title"] where root.all.contains(where: { $0.name == name }) {
      return "{ css: \(name) }"
    }
    return nil
  }

  // MARK: Fields

  /// A part that rows have: where it is, and its values.
  private struct Part {
    var source: String
    var isXPath = false
    var hint: String
    var values: [String?]
  }

  private func fields(of members: [PageElement]) -> [FirstSpec.Field] {
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

extension PageElement {
  /// The head of a table stands among its rows.
  fileprivate var isHeading: Bool { name == "tr" && !children.contains { $0.name == "td" } }
}

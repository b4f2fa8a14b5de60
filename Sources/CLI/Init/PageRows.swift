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
  static let mostFields = 12

  let document: DocumentNode
  let root: PageElement
  let css = CSSExtractor()

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
    let fields = self.fields(of: Array(members.prefix(PageRows.looked)))
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
}

extension PageElement {
  /// The head of a table stands among its rows.
  fileprivate var isHeading: Bool { name == "tr" && !children.contains { $0.name == "td" } }
}

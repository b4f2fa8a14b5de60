import Language
import PluginHost

/// What one good reading says of a step: how full its fields are, where its anchors and its rows stand.
struct StepSample: Sendable, Hashable {
  var step: String
  /// Rows that became items.
  var rows: Int
  /// Of them, those in which each optional field is there.
  var filled: [String: Int]
  /// Whether each alternative of the anchor matches.
  var anchors: [String: Bool]
  /// Where the first row stands: the layout fingerprint, readable. nil without rows.
  var print: String?

  /// - Parameter limit: Of a fingerprint: it is shown to people.
  static let longestPrint = 400

  init(step: String, rows: Int, filled: [String: Int], anchors: [String: Bool] = [:], print: String? = nil) {
    self.step = step
    self.rows = rows
    self.filled = filled
    self.anchors = anchors
    self.print = print
  }

  /// The fields of a step in the items of a run.
  init(_ step: Step, _ items: [Item]) {
    self.init(
      step: step.name, rows: items.count,
      filled: step.fieldRules.reduce(into: [:]) { counts, rule in
        guard !rule.field.required else { return }
        counts[rule.field.name] = items.count { $0[rule.field.name]?.isNull == false }
      })
  }

  /// Adds what only the page shows.
  mutating func look(at page: StepPage) {
    for selector in page.step.anchor?.alternatives ?? [] {
      anchors[selector.source] = (try? selector.select(from: page.node))?.isEmpty == false
    }
    guard let row = page.candidates.first else { return }
    print = LayoutPrint.of(row, page).map { String($0.prefix(StepSample.longestPrint)) }
  }
}

/// A layout on one line: `html > body > main#stall > ul.offers > li.offer`, or the keys on the way to a row of JSON.
enum LayoutPrint {
  static func of(_ row: DocumentNode, _ page: StepPage) -> String? {
    switch row {
    case .markup:
      let chain = page.select("./ancestor-or-self::*", from: row)
      return chain.isEmpty ? nil : chain.map { tag($0, page) }.joined(separator: " > ")
    case .json, .tape:
      guard let json = page.node.json, let row = row.json else { return nil }
      return "\(keys(json, depth: 2)) … \(keys(row, depth: 1))"
    case .text: return nil
    }
  }

  private static func tag(_ node: DocumentNode, _ page: StepPage) -> String {
    guard case .markup(let element) = node else { return "" }
    var text = element.name
    if let id = page.select("./@id", from: node).first?.text, isLasting(id) { text += "#" + id }
    let classes = page.select("./@class", from: node).first?.text ?? ""
    for name in classes.split(whereSeparator: \.isWhitespace).map(String.init).sorted() where isLasting(name) {
      text += "." + name
    }
    return text
  }

  /// Numbers count things, and are others on each page: `page-id-5312`, `row-3`.
  private static func isLasting(_ name: String) -> Bool { !name.utf8.contains { (0x30...0x39).contains($0) } }

  /// `{a,b{c}}`; names that are data are left out: more than fit, or with digits in them.
  private static func keys(_ json: JSON, depth: Int) -> String {
    switch json {
    case .object(let object):
      let names = object.names.filter(isLasting)
      guard names.count <= 40 else { return "{…}" }
      let parts = names.sorted().map { name in name + (depth > 1 ? keys(object[name] ?? .null, depth: depth - 1) : "") }
      return parts.isEmpty ? "" : "{" + parts.joined(separator: ",") + "}"
    case .array: return "[]"
    default: return ""
    }
  }
}

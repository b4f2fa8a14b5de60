import Language

/// A first spec of a site, before it is written as YAML.
struct FirstSpec {
  struct Field {
    var name: String
    /// As it stands in YAML: `$.id`, `{ css: ".price" }`.
    var selector: String
    /// `money`, `date, calendar: jalali`; nil for none.
    var type: String?
    var required = false
    /// What is seen of it, for the comment.
    var example: String
    /// Whether each row has another value.
    var isUnique: Bool
    /// In how many of the rows it is.
    var share: Double
  }

  /// What repeats on the page.
  struct Rows {
    /// `each` or `entries`.
    var key = "each"
    /// As it stands in YAML.
    var selector: String
    var count: Int
    var fields: [Field]
    /// What proves that a page without rows is whole; as it stands in YAML.
    var anchor: String
    /// `document:` of a page that holds JSON; nil for the page itself.
    var document: String?
    /// How sure it is that this is what the page is about.
    var score: Double
  }

  var id: String
  var title: String
  var url: String
  var rows: Rows
  var others: [Rows]
  var key: [String]

  init(id: String, title: String, url: String, rows: Rows, others: [Rows]) {
    (self.id, self.title, self.url, self.rows, self.others) = (id, title, url, rows, others)
    key = FirstSpec.key(of: rows.fields)
  }

  /// A field that names things and is another in each row; else what else is; else all that every row has.
  static func key(of fields: [Field]) -> [String] {
    let full = fields.filter { $0.share == 1 }
    let unique = full.filter(\.isUnique)
    if let best = unique.first(where: { ValueGuess.isName($0.name) && $0.name != "link" })
      ?? unique.first(where: { $0.name == "link" }) ?? unique.first(where: { $0.name == "title" }) ?? unique.first
    {
      return [best.name]
    }
    return full.isEmpty ? fields.prefix(1).map(\.name) : full.map(\.name)
  }

  private var dates: [Field] {
    rows.fields.filter { ["instant", "date", "time"].contains($0.type?.prefix { $0 != "," }.description ?? "") }
  }

  /// What a person reads of an item.
  private var line: String {
    let texts = rows.fields.filter { $0.type == nil && $0.example.contains(where: \.isLetter) }
    let main =
      ["title", "name"].lazy.compactMap { word in texts.first { $0.name.contains(word) } }.first
      ?? texts.first { !ValueGuess.isName($0.name) } ?? rows.fields.first
    let others = (dates + rows.fields.filter { $0.type == "money" || $0.name.contains("price") })
      .filter { $0.name != main?.name }
    var seen: Set<String> = []
    let rest = others.filter { seen.insert($0.name).inserted }.prefix(3).map { "{\($0.name) | prefix: ', '}" }
    return "{\(main?.name ?? "title")}" + rest.joined()
  }

  /// The file.
  var yaml: String {
    var text = """
      # yaml-language-server: $schema=../docs/reference/site.schema.json
      #
      # A first spec, made by `slothunter init` from one look at the page: \(rows.count) rows, \(rows.fields.count) fields.
      # What to look at, in this order: are these the rows that matter; does `key` tell them apart for ever (an id or a
      # link does, a price does not); is `anchor` there when the list is empty; which fields nobody needs.
      # `slothunter try \(id) --trace` shows what each selector finds.
      site: \(id)
      title: \(FirstSpec.quoted(title))
      timezone: UTC                             # where the site's times are: Asia/Tehran

      # links:                                  # a pasted link becomes a watch; a name in it is a parameter:
      #   - \(url.prefix { $0 != "?" && $0 != "#" })        # write {id} in place of the part that differs, here and below

      limits:                                   # per origin; the strictest spec wins
        rate: 20/min
        concurrency: 1
        min_interval: 5m
        robots: obey

      steps:
        - step: list
          get: \(FirstSpec.quoted(address))

      """
    if let document = rows.document { text += "    document: \(document)\n" }
    text += "    anchor: \(rows.anchor)      # on every healthy page, an empty one too\n"
    text += "    rows:\n      \(rows.key): \(rows.selector)\n      fields:\n"
    for field in rows.fields {
      var notes = field.example.isEmpty ? [] : [FirstSpec.comment(field.example)]
      if field.share < 1 { notes.append("in \(Int(field.share * 100))% of the rows") }
      var note = notes.isEmpty ? "" : "   # " + notes.joined(separator: "; ")
      if !isUsed(field) { note += "   # slothunter: allow dead-field because it is a candidate: use it or take it out" }
      text += "        \(field.name): \(FirstSpec.value(of: field))\(note)\n"
    }
    text += """

      items:
        key: [\(key.joined(separator: ", "))]
        track: [\(tracked.joined(separator: ", "))]          # fields whose change is told as `updated`
        expect: { count: 0..\(max(50, rows.count * 5)) }              # outside it a reading is not believed

      alert:
        on: [added]                             # also removed, updated
        title: { en: \(FirstSpec.quoted("New on \(FirstSpec.plain(title))")), fa: \(FirstSpec.quoted("تازه در \(FirstSpec.plain(title))")) }
        line: { en: \(FirstSpec.quoted(line)), fa: \(FirstSpec.quoted(line)) }
        link: \(FirstSpec.quoted(address))

      """
    if !others.isEmpty {
      text += "\n# What else repeats on the page:\n"
      for other in others.prefix(5) {
        let names = other.fields.prefix(6).map(\.name).joined(separator: ", ")
        text += "#   \(other.count) x \(other.key): \(FirstSpec.comment(other.selector))  (\(names))\n"
      }
    }
    return text
  }

  /// The page's, for a template. A row's own can't stand in `alert.link`: a page could then send people anywhere.
  private var address: String { FirstSpec.literal(url) }

  /// Whether anything below the steps asks for it.
  private func isUsed(_ field: Field) -> Bool {
    key.contains(field.name) || tracked.contains(field.name) || line.contains("{\(field.name)}")
      || line.contains("{\(field.name) |")
  }

  /// A price or a state that changes is worth a word; what names the item is its key.
  private var tracked: [String] {
    rows.fields.filter { ($0.type == "money" || $0.name.contains("price")) && !key.contains($0.name) }.map(\.name)
  }

  private static func value(of field: Field) -> String {
    if field.type == nil, !field.required { return field.selector }
    let inner =
      field.selector.hasPrefix("{")
      ? field.selector.dropFirst().dropLast().description
      : " \(field.selector.hasPrefix("$") || field.selector.hasPrefix("\"$") ? "json" : "xpath"): \(field.selector) "
    let type = field.type.map { ", as: \($0)" } ?? ""
    return "{" + trimmedEnd(inner) + type + (field.required ? ", required: true" : "") + " }"
  }

  private static func trimmedEnd(_ text: String) -> String {
    var text = text
    while text.hasSuffix(" ") { text.removeLast() }
    return text
  }

  /// A YAML double-quoted scalar: JSON's strings are such.
  static func quoted(_ text: String) -> String { JSON.string(text).text }

  /// One short line without what would end a comment.
  static func comment(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.count > 50 ? String(line.prefix(49)) + "…" : line
  }

  /// An address in which templates read no name.
  static func literal(_ url: String) -> String { url.replacing("{", with: "%7B").replacing("}", with: "%7D") }

  /// Without what templates read.
  static func plain(_ text: String) -> String { text.filter { !"{}|\"\\".contains($0) } }
}

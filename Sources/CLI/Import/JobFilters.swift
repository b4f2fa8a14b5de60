import Engine
import Language
import PluginHost
import SiteSpecs

/// What a job's `filter` list comes to: rows, what is done to their text, and which of them count.
struct JobFilters {
  /// As YAML has it; nil where the whole page is compared.
  private(set) var rows: String?
  /// Whether the rows' selector gives one value.
  private(set) var isSingle = false
  private(set) var isJSON = false
  private(set) var isMarkup = true
  private(set) var limit: Int?
  private(set) var then: [String] = []
  /// Conditions on `text`.
  private(set) var keep: [String] = []

  /// Filters that only tidy text for a line diff: items are compared by key.
  private static let needless: [String: String] = [
    "sort": "items are compared by key, in whatever order", "reverse": "items are compared by key, in whatever order",
    "unique": "equal rows are one item", "remove-duplicate-lines": "equal rows are one item",
    "remove_repeated": "equal rows are one item", "strip": "text is trimmed", "striplines": "text is trimmed",
    "strip_each_line": "text is trimmed", "html2text": "an element's text is read as it is",
    "format-json": "JSON is read as values", "beautify": "markup is read as a tree",
    "pretty-xml": "markup is read as a tree", "format-xml": "markup is read as a tree",
    "absolute_links": "`as: url` gives whole addresses", "delete_lines_empty": "empty rows have no text",
    "remove-empty-lines": "empty rows have no text",
  ]

  private static let impossible: [String: String] = [
    "shellpipe": "no program is run on pages; say what it did with selectors, `then:` and `keep:`",
    "execute": "no program is run on pages; say what it did with selectors, `then:` and `keep:`",
    "pdf2text": "PDF is not read", "ocr": "pictures are not read", "ical2text": "calendars are not read",
    "csv2text": "CSV is not read", "hexdump": "bytes are not compared", "sha1sum": "values are compared, not hashes",
    "sha256sum": "values are compared, not hashes", "jsontoyaml": "JSON is read as values",
    "element-by-style": "select it by what it means: an id, a class or its place",
  ]

  mutating func take(_ part: ForeignFile.Part, _ report: inout ImportReport) {
    guard let filter = part.value["filter"] else { return }
    switch filter {
    case .string(let text):
      // urlwatch's old form: `css:li.x,grep:free,strip`.
      for piece in text.split(separator: ",") {
        let words = piece.split(separator: ":", maxSplits: 1).map { trimmed(String($0)) }
        one(words[0], words.count > 1 ? .string(words[1]) : .null, "filter", part, &report)
      }
    case .array(let filters):
      for (index, filter) in filters.enumerated() {
        let path = "filter[\(index)]"
        switch filter {
        case .string(let name): one(name, .null, path, part, &report)
        case .object(let object):
          for (name, value) in zip(object.names, object.values) { one(name, value, path + "." + name, part, &report) }
        default: report.leave(part.place(path), path, "this is no filter")
        }
      }
    default: report.leave(part.place("filter"), "filter", "this is no list of filters")
    }
  }

  private mutating func one(
    _ name: String, _ value: JSON, _ path: String, _ part: ForeignFile.Part, _ report: inout ImportReport
  ) {
    let options: JSONObject = if case .object(let object) = value { object } else { JSONObject() }
    func text(_ names: String...) -> String? {
      if case .string(let text) = value { return text }
      return names.lazy.compactMap { options.plain($0) }.first
    }
    func leave(_ advice: String, needless: Bool = false) {
      report.leave(part.place(path), path, advice, needless: needless)
    }
    var known: Set<String> = []
    switch name {
    case "css":
      known = ["selector", "maxitems"]
      select(text("selector").map { "{ css: \(FirstSpec.quoted($0)) }" }, "css", text("selector"), leave)
    case "xpath":
      known = ["path", "maxitems"]
      select(text("path").map { "{ xpath: \(FirstSpec.quoted($0)) }" }, "xpath", text("path"), leave)
    case "jsonpath":
      known = ["query", "path"]
      selectJSON(text("query", "path"), leave)
    case "jq":
      known = ["query"]
      selectJSON(text("query").flatMap(JobFilters.path(ofJQ:)), leave)
    case "element-by-id": selectCSS(text("id").map { "#" + $0 }, leave)
    case "element-by-class": selectCSS(text("class").map { "." + $0 }, leave)
    case "element-by-tag": selectCSS(text("tag"), leave)
    case "grep", "keep_lines_containing", "keep_lines": keep(text("text", "re"), isKept: true, leave)
    case "grepi", "delete_lines_containing", "delete_lines", "remove_lines":
      keep(text("text", "re"), isKept: false, leave)
    case "re.sub":
      leave("no filter replaces by pattern; `then: replace: 'a', 'b'` replaces text, `{ pattern: … }` selects a part")
    default:
      if let why = JobFilters.needless[name] { return leave(why, needless: true) }
      leave(JobFilters.impossible[name] ?? "no such filter here; `slothunter kinds` lists what there is")
      return
    }
    if let most = options.plain("maxitems").flatMap({ Int($0) }) { limit = most }
    for option in options.names where !known.isEmpty && !known.contains(option) {
      let key = path + "." + option
      report.leave(part.place(key), key, JobFilters.advice(option))
    }
  }

  private static func advice(_ option: String) -> String {
    switch option {
    case "exclude": "say it in the selector: `:not(…)`, or leave rows out with `keep:`"
    case "skip": "say it in the selector (`:nth-child(n+2)`), or leave rows out with `keep:`"
    case "method": "HTML and XML are told apart by what the site answers; `document: xml` says it"
    case "namespaces": "elements of a namespace are selected by `*[local-name()=\"…\"]`"
    case "sort": "items are compared by key, in whatever order"
    default: "no such option here"
    }
  }

  private mutating func select(_ yaml: String?, _ kind: String, _ source: String?, _ leave: (String, Bool) -> Void) {
    guard let yaml, let source, let extractor = Builtins.catalog.extractor(kind) else {
      return leave("it has no selector", false)
    }
    do throws(SyntaxError) {
      _ = try extractor.compile(source)
    } catch {
      return leave("the selector can't be used: \(error.message)" + (error.help.map { " (\($0))" } ?? ""), false)
    }
    guard rows == nil else { return leave("one selector finds the rows; write it into the first one", false) }
    (rows, isJSON, isMarkup) = (yaml, kind == "json", kind != "json")
    isSingle = isJSON && SingleRow.isGiven(by: source)
  }

  private mutating func selectCSS(_ source: String?, _ leave: (String, Bool) -> Void) {
    select(source.map { "{ css: \(FirstSpec.quoted($0)) }" }, "css", source, leave)
  }

  private mutating func selectJSON(_ source: String?, _ leave: (String, Bool) -> Void) {
    guard let source else { return leave("the query can't be read as JSONPath; write it as `$.a[*].b`", false) }
    select("{ json: \(FirstSpec.quoted(source)) }", "json", source, leave)
  }

  /// `.items[].name` is `$.items[*].name`; what jq computes has no JSONPath.
  static func path(ofJQ query: String) -> String? {
    let text = trimmed(query)
    guard text.hasPrefix("."), !text.contains("|"), !text.contains("("), !text.contains(" ") else { return nil }
    let path = "$" + text.replacing("[]", with: "[*]").replacing("?", with: "").replacing(".[", with: "[")
    return path == "$." ? "$" : path
  }

  private mutating func keep(_ pattern: String?, isKept: Bool, _ leave: (String, Bool) -> Void) {
    guard let pattern, !pattern.isEmpty else { return leave("it names no text", false) }
    let condition = "text matches '\(pattern.replacing("'", with: "\\'"))'"
    let wanted = isKept ? condition : "not (\(condition))"
    guard (try? Expression(wanted, names: ["text": .text])) != nil else {
      return leave("the pattern can't be used in `keep:`; say it as `text matches '…'`", false)
    }
    keep.append(wanted)
  }
}

import Diagnostics
import Language
import PluginHost
import Testing

@testable import SiteSpecs

/// A small site with its parts replaced: `steps` and below are indented as in a file.
func siteText(
  head: String = "", step: String = "", fields: String = "id: $.id, start: { json: $.start, as: instant }",
  after: String = "", items: String = "key: [id], expect: { count: 0..9 }", alert: String = ""
) -> String {
  """
  site: shop
  title: Shop
  timezone: UTC
  links: ["https://shop.example/item/{sku}"]
  \(head)
  steps:
    - step: page
      get: https://shop.example/item/{sku}
      rows: { each: "$.items[*]", fields: { \(fields) } }
  \(indented(step, by: 4))
  \(indented(after, by: 2))
  items: { \(items) }
  alert: { title: t, line: "{id}"\(alert.isEmpty ? "" : ", " + alert) }

  """
}

private func indented(_ text: String, by count: Int) -> String {
  text.split(separator: "\n").map { String(repeating: " ", count: count) + $0 }.joined(separator: "\n")
}

func readSite(_ text: String) -> (spec: SiteSpec?, diagnostics: [Diagnostic]) {
  SpecReader(catalog: catalog).readSite(file: "sites/shop.yaml", text: text)
}

func messages(_ text: String) -> [String] { readSite(text).diagnostics.map(\.message) }

struct SiteReadingTests {
  private func spec(_ text: String) throws -> SiteSpec {
    let (spec, diagnostics) = readSite(text)
    #expect(rendered(diagnostics) == "")
    return try #require(spec)
  }

  @Test func `defaults are the design's`() throws {
    let site = try spec(siteText())
    #expect(site.limits == Limits())
    #expect(site.limits.minInterval == .seconds(60))
    #expect(site.alert.on == [.added])
    #expect(site.alert.usefulFor == .seconds(900))
    #expect(site.alert.until == "start")
    #expect(site.items.reopenAfter == .zero)
    #expect(site.alert.title.template(for: "en")?.source == "t")
    #expect(site.parameters == ["sku"])
  }

  @Test func `pages go by dates, numbers and links`() throws {
    let date = try spec(
      siteText(
        step: #"pages: { from_day: { from: "{now | date}", by: 8d }, until: $.end, at_most: 12 }"#
          + "\n" + #"query: { start_date: "{from_day}", day_navigate: 7, tag: [a, b] }"#))
    guard case .date("from_day", let from, .seconds(691_200))? = date.steps[0].pages?.advance else {
      Issue.record("not by dates")
      return
    }
    #expect(from.source == "{now | date}")
    #expect(date.steps[0].pages?.atMost == 12)
    #expect(date.steps[0].pages?.until?.source == "$.end")
    #expect(date.steps[0].request.query.map(\.name) == ["start_date", "day_navigate", "tag", "tag"])
    #expect(date.parameters == ["sku"])
    let number = try spec(siteText(step: #"pages: { page: { from: 1, by: 1 } }"# + "\n" + #"query: { p: "{page}" }"#))
    guard case .number("page", 1, 1)? = number.steps[0].pages?.advance else {
      Issue.record("not by numbers")
      return
    }
    let link = try spec(siteText(step: "pages: { next: $.next, at_most: 3 }"))
    guard case .link? = link.steps[0].pages?.advance else {
      Issue.record("not by links")
      return
    }
  }

  @Test func `fields join, filter and type`() throws {
    let site = try spec(
      siteText(
        fields: """
          id: [$.id, $.uid], start: { join: [$.date, $.time], as: instant, format: "yyyy-MM-dd HH:mm", timezone: Asia/Tehran }, \
          day: { json: $.day, as: date, calendar: jalali }, price: { json: $.price, as: money, unit: rial, required: true }, \
          name: { json: [$.name, $.title], then: ["trim", "replace: 'a', 'b' | lower"] }
          """))
    let fields = site.steps[0].rows[0].fields
    #expect(fields.map(\.name) == ["id", "start", "day", "price", "name"])
    guard case .join(let parts) = fields[1].source else {
      Issue.record("not joined")
      return
    }
    #expect(parts.map(\.source) == ["$.date", "$.time"])
    #expect(fields[1].type?.format == "yyyy-MM-dd HH:mm")
    #expect(fields[1].type?.zone?.identifier == "Asia/Tehran")
    #expect(fields[2].type?.calendar == .jalali)
    #expect(fields[3].required)
    #expect(fields[3].type?.unit == .rial)
    #expect(fields[4].then?.source == "trim | replace: 'a', 'b' | lower")
    #expect(fields[4].keyPath == "steps[0].rows.fields.name")
  }

  @Test func `bodies are forms, JSON or text`() throws {
    let head = "limits: { never: [\"**/book\"] }"
    let json = try spec(
      siteText(
        head: head,
        after:
          "- step: more\n  post: https://shop.example/more\n  json: { id: \"{id}\", n: [1, 1.50, ~, true, \"x {id}\"] }\n  cookies: true"
      ))
    guard case .json(.object(let members)) = json.steps[1].request.body else {
      Issue.record("not JSON")
      return
    }
    #expect(members[0].value == .text(try Template("{id}")))
    #expect(
      members[1].value
        == .array([
          .literal(.integer(1)), .literal(.number(1.5, lexeme: "1.50")), .literal(.null), .literal(.bool(true)),
          .text(try Template("x {id}")),
        ]))
    #expect(json.steps[1].request.cookies)
    let raw = try spec(siteText(head: head, after: "- step: more\n  put: https://shop.example/more\n  body: 'id={id}'"))
    guard case .raw(let body) = raw.steps[1].request.body else {
      Issue.record("not text")
      return
    }
    #expect(body.source == "id={id}")
    #expect(raw.steps[1].request.method == .put)
  }

  @Test func `request defaults yield to a step's own`() throws {
    let site = try spec(
      siteText(
        head:
          "request: { headers: { Accept: a, X-One: \"{sku}\" }, timeout: 5s, cookies: true, outcomes: [ { blocked: { status: 403 } } ] }",
        step:
          "headers: { accept: b }\ntimeout: 6s\noutcomes: [ { gone: { status: 404 } } ]\ndocument: json\nanchor: $.items"
      ))
    let request = site.steps[0].request
    #expect(request.headers.map(\.name) == ["X-One", "accept"])
    #expect(request.timeout == .seconds(6))
    #expect(request.cookies)
    #expect(site.steps[0].outcomes.map(\.verdict) == [.gone, .blocked])
    #expect(site.steps[0].outcomes.map(\.keyPath) == ["steps[0].outcomes[0]", "request.outcomes[0]"])
    #expect(site.steps[0].kind == .json)
  }

  @Test func `names are visible in file order, ancestors' too`() throws {
    let site = try spec(
      siteText(
        after: #"- step: more"# + "\n" + #"  get: https://shop.example/more/{id}?at={start | unix}"# + "\n"
          + #"  when: start == null"# + "\n"
          + #"  rows: { each: "$[*]", keep: open and id == '1', fields: { open: { json: $.open, as: boolean }, start: { json: $.at, as: instant } } }"#,
        alert: #"link: "https://shop.example/item/{sku}?site={site}""#))
    #expect(site.steps[1].when?.names == ["start"])
    #expect(site.steps[1].rows[0].keep?.names == ["open", "id"])
  }

  @Test func `alternatives define the same names and all stay visible`() throws {
    let text = siteText().replacing(
      #"rows: { each: "$.items[*]", fields: { id: $.id, start: { json: $.start, as: instant } } }"#,
      with:
        #"rows: [ { each: $.a, fields: { id: $.id } }, { entries: $.b, limit: 2, fields: { id: $.key, start: { json: $.value, as: instant } } } ]"#
    )
    let site = try spec(text)
    #expect(site.steps[0].rows.count == 2)
    #expect(site.alert.until == "start")
  }

  @Test func `a name that only the first URL uses is a parameter`() throws {
    let site = try spec(
      siteText(step: "query: { city: \"{city}\" }").replacing("links: [\"https://shop.example/item/{sku}\"]", with: ""))
    #expect(site.parameters == ["sku", "city"])
  }

  @Test func `the version changes with every byte`() throws {
    #expect(try spec(siteText()).version != spec(siteText() + "# x\n").version)
    // FNV-1a's own test vector: <http://www.isthe.com/chongo/tech/comp/fnv/>
    #expect(fingerprint(Array("foobar".utf8)) == "85944171f73967e8")
  }
}

struct SiteMistakeTests {
  @Test(arguments: [
    ("id: $.id, id2: { json: $.id, as: instat }", ["'as': 'instat' is not one of its words"]),
    ("id: $.id, x: { as: text }", ["the field 'x' has no selector"]),
    ("id: $.id, x: { join: [$.a], as: text }", ["'join': expected at least 2 in the list, found a list"]),
    ("id: $.id, x: { join: [$.a, $.b], json: $.c }", ["'join' and 'json' exclude each other"]),
    ("id: $.id, x: { json: $.a, then: upcase }", ["unknown filter 'upcase'"]),
    ("id: $.id, x: { json: $.a, timezone: UTC }", ["'timezone' is an option of other types"]),
    ("id: $.id, site: $.x", ["the name 'site' is defined already: it is a name that is always there"]),
    ("id: $.id, x: { json: $.a, asx: text }", ["unknown key 'asx'"]),
  ])
  func `a field's mistake is told once`(fields: String, expected: [String]) {
    #expect(messages(siteText(fields: fields)) == expected)
  }

  @Test(arguments: [
    ("pages: { page: { from: 1, by: 1 }, next: $.n }", "'page' and 'next' exclude each other"),
    ("pages: { page: { from: 1, by: 90m } }", "'by': expected whole days such as 8d, found '90m'"),
    ("pages: { sku: { from: 1, by: 1 } }", "the name 'sku' is defined already: it is a parameter of the watch"),
    ("pages: { untl: $.x }", "unknown key 'untl'"),
    ("timeout: 31s", "'timeout: 31s' is above the limit of 30s"),
    ("headers: { 'X Y': z }", "'X Y' can't be the name of a header"),
    ("headers: { X-A: \"a\\nb\" }", "a header is one line"),
    ("document: { xpath: //script, as: jsn }", "'as': 'jsn' is not one of its words"),
    ("document: { as: json }", "the document has no selector"),
    ("document: html", "a selector of the kind 'json' can't read this document"),
    ("outcomes: { gone: { status: 404 } }", "'outcomes': expected a list of outcomes, found a mapping"),
    (
      "outcomes: [ { gone: { status: 404 }, empty: { status: 204 } } ]",
      "expected one outcome with its condition, found a mapping"
    ),
    ("outcomes: [ { items: { status: 200 } } ]", "unknown outcome 'items'"),
    ("outcomes: [ { gone: {} } ]", "an outcome without a condition always applies"),
    ("outcomes: [ { gone: { missing: title } } ]", "'missing': 'title' is not one of its words"),
    ("when: sku", "'when' is a condition, this gives text"),
    ("refresh: 0s", "'refresh: 0s' is below the minimum of 1s"),
  ])
  func `a step's mistake is told`(step: String, expected: String) {
    #expect(messages(siteText(step: step)).contains(expected), "\(messages(siteText(step: step)))")
  }

  @Test(
    arguments: [
      (
        "key: [id], track: [site], expect: { count: 1 }", "'site' is a name that is always there, so it tells no change"
      ),
      ("key: [id, id], expect: { count: 1 }", "'id' is here twice"),
      ("key: [], expect: { count: 1 }", "'key': expected at least one in the list, found a list"),
      (
        "key: [id], expect: { count: 5..1 }",
        "'count': expected a number or a range such as 0..499, from 0 to 10000, found '5..1'"
      ),
      ("key: [id], keep: id + 1, expect: { count: 1 }", nil),
    ] as [(String, String?)])
  func `what items are is checked`(items: String, expected: String?) {
    let found = messages(siteText(items: items))
    if let expected { #expect(found == [expected]) } else { #expect(!found.isEmpty) }
  }

  @Test func `the end of an alert is an instant that items have`() {
    let fields = "id: $.id, n: { json: $.n, as: integer }, end: { json: $.e, as: instant }"
    #expect(messages(siteText(fields: fields, alert: "until: end")) == [])
    #expect(
      messages(siteText(fields: fields, alert: "until: n")) == ["the field 'n' is integer, an alert ends at an instant"]
    )
    #expect(readSite(siteText(fields: fields)).spec?.alert.until == nil)
  }

  @Test func `every problem is found in one pass, in order`() {
    let (spec, diagnostics) = readSite(
      siteText(
        head: "limits: { rate: x, never: [\"**/item/*\"] }", step: "timeout: x", items: "key: [ix], drop: st < now"))
    #expect(spec == nil)
    #expect(diagnostics.map(\.severity).count { $0 == .error } >= 5)
    #expect(diagnostics.map(\.location) == diagnostics.map(\.location).sorted())
  }
}

import Diagnostics
import TestSupport
import Testing

@testable import SiteSpecs

struct BuildHashTests {
  @Test(arguments: [
    "css-1x2y3z4", "css-1x2y3z4-Price", "svelte-1abc2de", "jsx-1234567890", "sc-bdVaJa", "sc-1a2b3c",
    "Offer_price__3xK9f",
    "styles_title__aB3dE", "_2Kx9a", "_abc123", "makeStyles-root-42", "jss17", "price-a1b2c3d4",
  ])
  func `a name that a build has made is taken for one`(name: String) { #expect(BuildHash.isLikely(name)) }

  @Test(arguments: [
    "price", "css-grid", "css-only", "sc-header", "col-12", "mt-3", "price-2024", "offer__price", "offer__price--main",
    "card__title", "is-active", "_hidden", "h1", "w-100", "bg-fafafa", "item-1234567", "jss", "btn_primary",
    "product-cafe", "قیمت", "", "list__item1", "card__step12", "_item1",
  ])
  func `a name that a person could have written is left alone`(name: String) { #expect(!BuildHash.isLikely(name)) }

  @Test func `of a module's class the author's part stays`() {
    #expect(BuildHash.stablePart("Offer_price__3xK9f") == "Offer_price__")
    #expect(BuildHash.stablePart("css-1x2y3z4") == nil)
  }
}

struct SelectorTextTests {
  @Test func `steps and classes are looked for outside quotes`() {
    #expect(SelectorText(xpath: "//table/tbody/tr").offset(ofStep: "tbody") == 8)
    for other in ["//a[.='tbody']", "//a[@tbody]", "//mytbody", "//tbody-x", "//a[contains(., 'x/tbody/y')]"] {
      #expect(SelectorText(xpath: other).offset(ofStep: "tbody") == nil, "\(other)")
    }
    #expect(SelectorText(css: "table>tbody tr").offset(ofStep: "tbody") == 6)
    #expect(SelectorText(css: ".tbody").offset(ofStep: "tbody") == nil)
    #expect(SelectorText(css: "li.a.b-c[data-x='.d'] > .e").classes.map(\.text) == ["a", "b-c", "e"])
  }
}

struct AllowTests {
  private static func site(_ line: String, above: String = "") -> String {
    """
    site: shop
    title: Shop
    timezone: UTC
    steps:
      - step: list
        get: https://shop.example/
        anchor: { css: main }
        rows:
    \(above.isEmpty ? "      # rows" : "      " + above)
          \(line)
          fields: { id: ./@id }
    items: { key: [id], expect: { count: 0..10 } }
    alert: { title: { en: "{id}" }, line: { en: "{id}" } }
    """
  }

  private static func codes(_ text: String, isLinting: Bool = true) -> [String] {
    SpecReader(catalog: catalog, isLinting: isLinting).readSite(file: "sites/shop.yaml", text: text).diagnostics
      .compactMap(\.code?.rawValue)
  }

  @Test func `a remark with a reason allows a warning of its line, or of the next one`() {
    #expect(Self.codes(Self.site("each: //tr[2]")) == ["positional-xpath"])
    #expect(Self.codes(Self.site("each: //tr[2] # slothunter: allow positional-xpath because it has no classes")) == [])
    #expect(
      Self.codes(Self.site("each: //tr[2]", above: "# slothunter: allow positional-xpath because it has none")) == [])
    #expect(
      Self.codes(
        Self.site("each: //tbody/tr[2] # slothunter: allow positional-xpath, tbody-step because it is made by hand"))
        == [])
  }

  @Test func `a remark without a reason, of another code or line allows nothing, and is told itself`() {
    #expect(
      Self.codes(Self.site("each: //tr[2] # slothunter: allow positional-xpath")) == [
        "positional-xpath", "allow-without-reason",
      ])
    #expect(
      Self.codes(Self.site("each: //tr[2] # slothunter: allow tbody-step because x")) == [
        "positional-xpath", "unused-allow",
      ])
    #expect(
      Self.codes(Self.site("each: //tr[2] # slothunter: allow positional because x")) == [
        "positional-xpath", "unknown-code",
      ])
  }

  @Test func `in a file with errors no remark is called unused`() {
    let broken = Self.site("each: //li[  # slothunter: allow positional-xpath because the page has no classes")
    #expect(Self.codes(broken) == ["bad-selector"])
    let whole = Self.site("each: //li  # slothunter: allow positional-xpath because the page has no classes")
    #expect(Self.codes(whole).contains("unused-allow"))
  }

  @Test func `a remark in a value is none, and errors can't be allowed`() {
    let quoted = Self.site("each: \"//tr[2][. != '# slothunter: allow positional-xpath because x']\"")
    #expect(Self.codes(quoted) == ["positional-xpath"])
    let refused = Self.site("each: //tr[ # slothunter: allow bad-selector because x")
    #expect(Self.codes(refused).contains("bad-selector"))
    #expect(Self.codes(refused).contains("unused-allow"))
  }

  @Test func `a start tells nothing of what is unwise, nor of remarks`() {
    for text in [Self.site("each: //tr[2]"), Self.site("each: //tr # slothunter: allow nothing because x")] {
      #expect(Self.codes(text, isLinting: false) == [])
    }
  }
}

struct MisspeltKeyTests {
  @Test func `a key that was surely meant is read as such, so what is wrong below it is told in the same pass`() {
    let text = """
      site: shop
      title: Shop
      timezone: UTC
      setps:
        - step: list
          get: https://shop.example/
          rows: { each: "$.slots[*]", fields: { id: $.id, at: { json: $.at, as: instnat } } }
      items: { key: [id], expect: { count: 0..10 } }
      alert: { title: { en: "x" }, line: { en: "{ta}" } }
      """
    let found = SpecReader(catalog: catalog).readSite(file: "sites/shop.yaml", text: text)
    #expect(found.spec == nil)
    #expect(found.diagnostics.map(\.location.line) == [4, 7, 9])
    #expect(found.diagnostics[0].fix?.edits.map(\.text) == ["steps"])
  }

  @Test func `a key of another place names its home`() {
    #expect(KeyHomes.help(for: "within", notIn: "site") == "'within' is a key of 'watch' in slothunter.yaml")
    #expect(KeyHomes.help(for: "every", notIn: "site") == "'every' is a key of 'canary'")
    #expect(KeyHomes.help(for: "query", notIn: "request") == "'query' is a key of 'step'")
    #expect(KeyHomes.help(for: "nonsense", notIn: "site") == nil)
  }

  @Test func `the kind of a file is what most of its keys belong to`() {
    #expect(SpecKind.of(file: "x.yaml", bytes: Array("sites: shop\ntitle: x\nsteps: []\nitems: {}\n".utf8)) == .site)
    #expect(SpecKind.of(file: "x.yaml", bytes: Array("notifer: a\nformat: x\nsend: {}\n".utf8)) == .notifier)
    #expect(
      SpecKind.of(file: "x.yaml", bytes: Array("site: [sites]\nchannels: {}\nwatches: []\n".utf8)) == .configuration)
    #expect(SpecKind.of(file: "sites/x.yaml", bytes: Array("title: x\n".utf8)) == .site)
    #expect(SpecKind.of(file: "notifiers/x.yaml", bytes: Array("title: x\n".utf8)) == .notifier)
    #expect(SpecKind.of(file: "x.yaml", bytes: []) == .configuration)
  }

  @Test func `null is a value where a value of any kind may stand`() {
    let text = """
      site: shop
      title: Shop
      timezone: UTC
      steps:
        - step: list
          get: https://shop.example/
          outcomes: [ { empty: { json: $.slots, equals: null } }, { unreadable: { json: $.x, not: ~ } } ]
          rows: { each: "$.slots[*]", fields: { id: $.id } }
      items: { key: [id], expect: { count: 0..10 } }
      alert: { title: { en: "x" }, line: { en: "{id}" } }
      """
    let found = SpecReader(catalog: catalog).readSite(file: "sites/shop.yaml", text: text)
    #expect(found.diagnostics == [])
    #expect(found.spec?.steps[0].outcomes.count == 2)
    let empty = SpecReader(catalog: catalog).readSite(
      file: "sites/shop.yaml", text: text.replacing("equals: null", with: "equals: "))
    #expect(empty.diagnostics.map(\.message) == ["'equals' has no value"])
  }
}

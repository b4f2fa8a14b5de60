import Language
import PluginHost
import Testing

@testable import Extractors

struct CSSTests {
  private let page = """
    <div id="a" class="card big"><h2 id="h">one</h2><p id="p1">x <b id="b">bold</b></p><p id="p2" lang="fa-IR">y</p></div>
    <div id="c" class="card"><a id="l" href="/u" title="Go">go</a><ul id="u"><li id="i1">1</li><li id="i2">2</li>
    <li id="i3">3</li></ul></div>
    """

  @Test(arguments: [
    ("p", ["p1", "p2"]), ("DIV P", ["p1", "p2"]), (".card > p", ["p1", "p2"]), ("div.card.big p + p", ["p2"]),
    ("h2 ~ p", ["p1", "p2"]), ("#u li:nth-child(odd)", ["i1", "i3"]), ("li:nth-last-child(-n+2)", ["i2", "i3"]),
    ("li:nth-child(2 of #i1, #i3)", ["i3"]), ("div:has(> a)", ["c"]), ("div:has(li + li) a", ["l"]),
    ("p:has(b):not(:has(a))", ["p1"]), ("li:not(:first-child):not(:last-child)", ["i2"]), ("a[href^='/']", ["l"]),
    ("[title='go']", []), ("[title='go' i]", ["l"]), (":is(h2, a)", ["h", "l"]), ("p:lang(fa)", ["p2"]),
    ("li, p", ["p1", "p2", "i1", "i2", "i3"]), (":root > body > div", ["a", "c"]), (".ca\\72 d", ["a", "c"]),
    ("p:contains('bold')", ["p1"]), ("#i1 ~ li:last-of-type", ["i3"]), ("a:link", ["l"]), (":empty", []),
  ])
  func `selectors find what CSS says`(_ selector: String, _ expected: [String]) throws {
    #expect(try css(selector, html(page)).ids == expected)
  }

  @Test func `text and attributes are given at the end`() throws {
    let page = try html(page)
    #expect(try css("p::text", page).texts == ["x ", "y"])
    #expect(try css("p ::text", page).texts == ["bold"])
    #expect(try css("a::attr(HREF)", page).texts == ["/u"])
    #expect(try css("a::attr(rel), b::text", page).texts == ["bold"])
  }

  @Test func `a selector is scoped to its row`() throws {
    let row = try css("#c", html(page))[0]
    #expect(try css("li", row).ids == ["i1", "i2", "i3"])
    #expect(try css("p", row).isEmpty)
    #expect(try css(":scope > a", row).ids == ["l"])
    #expect(try css("#c", row).isEmpty)
    #expect(try css(".card li:first-child", row).ids == ["i1"])
  }

  @Test(arguments: [
    ("", 0), ("li[[", 3), ("p:frist-child", 1), ("p::texts", 1), ("> p", 0), ("a,", 2), ("ns|a", 0), ("a:not()", 6),
    (":nth-child(x)", 11), ("p:first-child(2)", 1), ("p:nth-child", 1), ("#5", 1), ("a b >", 5), ("p:is(a::text)", 6),
    ("[a=b c]", 5), ("p /* x", 2), ("a{}", 1), ("p:target", 1), ("[a='x]", 3), (":nth-child(99999999999999999999)", 11),
  ])
  func `mistakes are found when the spec is read`(_ selector: String, _ offset: Int) {
    let found = mistake(try CSSExtractor().compile(selector))
    #expect(found?.offset == offset, "\(selector): \(String(describing: found))")
  }

  @Test func `a misspelt pseudo-class gets a suggestion`() throws {
    let found = try #require(mistake(try CSSExtractor().compile("p:frist-child")))
    #expect(found.help?.hasPrefix("did you mean 'first-child'? pseudo-classes: ") == true)
    #expect(mistake(try CSSExtractor().compile("> p"))?.help == "write ':scope > …'")
  }

  @Test(arguments: [
    "p ~ p", "p:nth-child(odd)", "p:nth-last-child(3n)", "p:nth-of-type(2n+1)", "div div div div div p", "p:has(~ p.x)",
    "*:has(*:has(p.x))", "p:not(p ~ p ~ p ~ p)", "p:nth-child(2 of p)", "p:contains('y')", "*:contains('y')",
    "p:last-child",
  ])
  func `costly selectors on a large page end, by the budget where need be`(_ selector: String) throws {
    let wide = String(repeating: "<p>x</p>", count: 5_000)
    for page in [try html(wide), try html(String(repeating: "<div>", count: 300) + wide)] {
      // Without the limit on steps some take hours.
      do { _ = try css(selector, page) } catch let error as ExtractError { #expect(error.reason == .budget) }
    }
  }
}

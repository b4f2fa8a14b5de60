import PluginHost
import Testing

@testable import Extractors

/// Which selectors need no tree, and that the others are answered all the same.
struct StreamSelectorTests {
  @Test(arguments: [
    "//div[@class='slot']", "./span[1]", ".", "@href", "//a/@href", "//p/text()", "(//a)[2]", "//li[last()]",
    "//tr[td[contains(., 'x')]]", "a | b", "string(//h1)", "count(//a)", "//dt/following-sibling::dd[1]",
    "//script[@id='__NEXT_DATA__']", "normalize-space(//h1)", "../@id", "//b/ancestor::div[1]", "//div[.//a]",
  ])
  func `an XPath that specs use needs no tree`(_ path: String) throws {
    #expect(try XPathExtractor().compile(path).needsTree == nil)
  }

  @Test(arguments: [
    ("//a/following::b", "the axis following"), ("//comment()", "comment()"), ("//@*", "@*"), ("id('a')", "id()"),
    ("sum(//a)", "sum()"), ("//a[. > 3]", "'>'"), ("//a[@x = 3]", "'=' of these kinds"),
    ("not(//a)", "it is true or false"),
    ("//a[position() mod 2 = 0]", "'mod'"), ("translate(//a, 'x', 'y')", "translate()"),
    ("//text()/..", "a step behind text()"),
    ("//a[@b = @c]", "'=' of these kinds"), ("//a[1.5]", "a fraction"),
  ])
  func `an XPath that needs the tree says why`(_ path: String, _ reason: String) throws {
    #expect(try XPathExtractor().compile(path).needsTree == reason)
  }

  @Test(arguments: [
    "div.slot", "#a > b", "a::attr(href)", "li::text", "[data-x=\"1\" i]", "a:not(.b)", "tr:nth-child(2)",
    "h1 + h2, h3 ~ p",
    ":is(a, b)", "li:first-of-type",
  ])
  func `a CSS selector that specs use needs no tree`(_ selector: String) throws {
    #expect(try CSSExtractor().compile(selector).needsTree == nil)
  }

  @Test(arguments: [("a:has(b)", ":has()"), ("p:contains('x')", ":contains()"), ("a:not(:has(b))", ":has()")])
  func `a CSS selector that needs the tree says why`(_ selector: String, _ reason: String) throws {
    #expect(try CSSExtractor().compile(selector).needsTree == reason)
  }

  @Test func `patterns need the tree, JSONPath does not`() throws {
    #expect(try PatternExtractor().compile("a").needsTree != nil)
    #expect(try TextExtractor().compile("a").needsTree != nil)
    #expect(try JSONExtractor().compile("$.a").needsTree == nil)
  }

  /// The tree is made then, from the same bytes, and the place found in it.
  @Test func `what needs the tree is answered on a page without one`() throws {
    let page = "<div id=a><p>x<b>1</b>y<!-- c --><i title='t u'>2</i></p></div><p>z"
    let streamed = try HTMLReader().readWithoutTree(Array(page.utf8), contentType: nil)
    let tree = try html(page)
    #expect(streamed.isStreamed)
    for selector in ["//comment()", "//b/following::i", "//i/@*", "sum(//b | //i)"] {
      #expect(try xpath(selector, streamed).texts == xpath(selector, tree).texts, "\(selector)")
    }
    let texts = try xpath("//p/text()", streamed)
    #expect(try texts.map { try xpath("..", $0).texts } == xpath("//p/text()", tree).map { try xpath("..", $0).texts })
    let title = try #require(try xpath("//i/@title", streamed).first)
    #expect(try xpath("..", title).texts == ["2"])
    #expect(try css("p:has(b)", streamed).texts == ["x1y2"])
    let pattern = try PatternExtractor().compile("<b>(.)</b>")
    #expect(try pattern.select(from: #require(try css("p", streamed).first)).texts == ["1"])
    let visible = try TextExtractor().compile("x.y")
    #expect(try visible.select(from: streamed).texts == ["x1y"])
  }

  /// A tag is mostly `<span class="date">`, and what is written otherwise must be read the same.
  @Test(arguments: [
    "class=\"date\"", "class='date'", "class=date", "CLASS=\"date\"", "class = \"date\"", "class=\"d&#97;te\"",
    "class=\"dates\"", "class=\"dat\"", "class=\"\"", "class", "id=\"date\"", "id=x class=\"date\"",
    "class=\"x\" class=\"date\"", "class=\"date\" class=\"x\"", "classes=\"date\"", "data-class=\"date\"",
    "class=\"date \"", "class=\"date&amp;\"", "class=\"Date\"", "x.y:z-1=\"1\" class=\"date\"",
    "averylongnameindeed=\"1\" class=\"date\"", "class=\"a<b>c\"", "class=\"date\"id=\"x\"", "class=\"تاریخ\"",
  ])
  func `an attribute is found however it is written`(_ attribute: String) throws {
    let paths = [
      "span[@class='date']", "span[@class='']", "span[@class='dat']", "span[@class='date&']", "span[@id='x']",
      "span[@class='تاریخ']", "span[@class='a<b>c']", "span[@class=\"date\" and @id]", "*[@class='date'][1]",
      "span[@averylongnameindeed='1']", "span[@class!='date']",
    ]
    for page in [
      "<html><body><div><span \(attribute)>۱ </span><SPAN \(attribute)> 2</SPAN></div></body></html>",
      "<div><span \(attribute)>",
    ] {
      let streamed = try HTMLReader().readWithoutTree(Array(page.utf8), contentType: nil)
      let tree = try html(page)
      for path in paths {
        let selector = try XPathExtractor().compile(path)
        let (here, there) = try (xpath("//div", streamed), xpath("//div", tree))
        try #require(here.count == 1 && there.count == 1)
        #expect(
          try selector.firstValue(from: here[0]) == selector.firstValue(from: there[0]), "\(path) on \(page)")
        #expect(try selector.select(from: here[0]).texts == selector.select(from: there[0]).texts, "\(path) on \(page)")
      }
    }
  }

  /// Names and end tags are compared eight letters at a time.
  @Test(arguments: [
    "<DIV>a</div>b", "<div>a</DIV>b", "<div>a</div >b", "<div>a</div\n>b", "<div>a</divx>b</div>", "<div>a</di>b</div>",
    "<section>a</section>b", "<textarea>a</textarea>b", "<fieldset>a<b>c</fieldset>d", "<my-tag>a</my-tag>b",
    "</s><!doctype ></y><n>", "</s><!doctype html></y><n>x", "</s> <!doctype html><p>a", "<h1>a</h1>b",
    "<h1>a</h2>b</h1>", "<p>a<p>b</p>c", "<b><i>a</b>c</i>d", "<blockquote>a</blockquote>b",
    "<abcdefgh>a</abcdefgh>b", "<abcdefghi>a</abcdefghi>b", "<a1>b</a1>c", "<div>a</div/>b", "<li>1<li>2</li>3",
  ])
  func `a tag is read however long its name is`(_ part: String) throws {
    for page in [part, "<html><body>\(part)<p>end</p></body></html>", "<body><div><p>\(part)</div>"] {
      let streamed = try HTMLReader().readWithoutTree(Array(page.utf8), contentType: nil)
      let tree = try html(page)
      let (found, wanted) = try (xpath("//*", streamed).markup, xpath("//*", tree).markup)
      #expect(found.map(\.name) == wanted.map(\.name), "\(page)")
      #expect(found.map(\.text) == wanted.map(\.text), "\(page)")
    }
  }

  @Test func `markup, names and lines of a page without a tree are those of the tree`() throws {
    let page = "<ul>\n<li class=a>x &amp; y\n<li>z</ul>"
    let streamed = try HTMLReader().readWithoutTree(Array(page.utf8), contentType: nil)
    let tree = try html(page)
    for selector in ["//li", "//li/@class", "//li/text()", "//ul"] {
      let (found, wanted) = try (xpath(selector, streamed).markup, xpath(selector, tree).markup)
      #expect(found.map(\.outerMarkup) == wanted.map(\.outerMarkup))
      #expect(found.map(\.name) == wanted.map(\.name))
      #expect(found.map(\.line) == wanted.map(\.line))
    }
    #expect([streamed].markup.map(\.outerMarkup) == [page])
  }

  @Test func `a page that costs a selector much is given to libxml2, whose limits then hold`() throws {
    let page = "<div>" + String(repeating: "<p class=a>x</p>", count: 3000) + "</div>"
    let streamed = try HTMLReader().readWithoutTree(Array(page.utf8), contentType: nil)
    #expect(streamed.isStreamed)
    let selector = try XPathExtractor().compile("//p[following-sibling::p]")
    let document = try html(page)
    let tree = Result { () throws(ExtractError) in try selector.select(from: document).count }
    let bare = Result { () throws(ExtractError) in try selector.select(from: streamed).count }
    #expect(tree == bare)
  }
}

extension [DocumentNode] {
  fileprivate var markup: [any MarkupNode] {
    compactMap { if case .markup(let node) = $0 { node } else { nil } }
  }
}

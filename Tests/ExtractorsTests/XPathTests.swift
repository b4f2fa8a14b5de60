import Language
import PluginHost
import TestSupport
import Testing

@testable import Extractors

struct XPathTests {
  private let page = """
    <html><body><div id="a" class="card">one<p id="p1">x</p><div id="b"><p id="p2">y</p><a id="l" href="/u">go</a></div>
    </div><ul id="u"><li id="i1">1</li><li id="i2">2</li><li id="i3">3</li></ul></body></html>
    """

  @Test(arguments: [
    ("//div//p", ["p1", "p2"]), ("//div//div//p/..", []), ("//p/..", ["a", "b"]),
    ("(//div//p)[2]", ["p2"]), ("(//p | //li)[last()]", ["i3"]), ("//li | //p", ["p1", "p2", "i1", "i2", "i3"]),
    ("//li[1]/following-sibling::li", ["i2", "i3"]), ("//p/ancestor::div", ["a", "b"]),
    ("//li/preceding-sibling::li[1]", ["i1", "i2"]), ("//div // p", ["p1", "p2"]),
    ("//div[.//a]//p[1]", ["p1", "p2"]), ("(//div)[2] // p", ["p2"]), ("//div//p[position() = 1]", ["p1", "p2"]),
    ("/html/body//div/descendant::p[1]", ["p1", "p2"]), ("id('a')/p", ["p1"]), ("//*[@id='u']/li[2]", ["i2"]),
  ])
  func `a path in stretches gives what the whole path means`(_ expression: String, _ expected: [String]) throws {
    if expected.isEmpty {
      #expect(mistake(try XPathExtractor().compile(expression)) != nil)
      return
    }
    #expect(try xpath(expression, html(page)).ids == expected)
  }

  @Test func `a path is relative to its row`() throws {
    let rows = try xpath("//li", html(page))
    #expect(try rows.flatMap { try xpath(".", $0) }.texts == ["1", "2", "3"])
    #expect(try xpath("./a", xpath("//div[@id='b']", html(page))[0]).texts == ["go"])
    #expect(try xpath("a/@href", xpath("//div[@id='b']", html(page))[0]).texts == ["/u"])
    #expect(try xpath("//a", rows[0]).ids == ["l"])
  }

  @Test func `texts, numbers and booleans keep their type`() throws {
    let page = try html(page)
    guard case .text("x") = try xpath("string(//p)", page)[0] else { return #expect(Bool(false), "a text") }
    let values: [(String, JSON)] = [
      ("count(//li)", .integer(3)), ("1 div 4", .number(0.25, lexeme: "0.25")), ("number('x')", .null),
      ("boolean(//p)", .bool(true)), ("count(//li) > 3", .bool(false)),
    ]
    for (expression, expected) in values {
      guard case .json(let json) = try xpath(expression, page)[0] else { return #expect(Bool(false), "\(expression)") }
      #expect(json == expected)
    }
  }

  @Test(arguments: [
    ("", 0), ("//p[", 4), ("//p]", 3), ("$x", 0), ("//ns:p", 2), ("//p\0", 3), ("document('x')", 0),
    ("//p[contain(., 'x')]", 4), ("count(//p, 1)", 0), ("//chld::p", 2), ("'x", 0), ("//p[@]", 5), ("//p/", 4),
    ("1 | 2", 2), ("'a'/b", 3), ("unparsed-text('file:///x')", 0), ("doc('x')", 0), ("//p[//p[//p[.='y']]]", 10),
    ("//*//*//*//*", 8), ("//*//*//*", 8), ("//a//b//c", 8), ("//دکتر[foo()]", 7), ("//namespace::x", 2),
    ("//a/following::b/preceding::c", 17), ("key('a', 'b')", 0), ("/html/text", -1), ("//text", -1),
  ])
  func `mistakes are found when the spec is read`(_ expression: String, _ offset: Int) {
    let found = mistake(try XPathExtractor().compile(expression))
    #expect(found?.offset == (offset < 0 ? nil : offset), "\(expression): \(String(describing: found))")
  }

  @Test func `a misspelt function gets a suggestion`() throws {
    let found = try #require(mistake(try XPathExtractor().compile("//p[contain(., 'x')]")))
    #expect(found.help?.hasPrefix("did you mean 'contains'? functions of XPath 1.0: ") == true)
    let prefix = try #require(mistake(try XPathExtractor().compile("//dc:date")))
    #expect(prefix.help == "write *[local-name()='date']")
  }

  @Test func `a long expression is refused`() {
    let long = "//p" + String(repeating: "[1]", count: 2_000)
    #expect(mistake(try XPathExtractor().compile(long))?.message.contains("4096 bytes") == true)
    let deep = String(repeating: "(", count: 200) + "1" + String(repeating: ")", count: 200)
    #expect(mistake(try XPathExtractor().compile(deep))?.message.contains("deeper") == true)
  }

  @Test(arguments: [
    "//p[. = //p]", "//p/following-sibling::p", "count(//p[count(preceding-sibling::p) > 1])",
    "//div//p/ancestor::div", "//*//*", "string(//*//*)", "//p/preceding::p", "//*/ancestor::*",
    "//p[following-sibling::p[following-sibling::p = 'y']]", "//*[.//*[.//p = 'y'] = 'z']",
  ])
  func `costly paths on a large page end, by the budget where need be`(_ expression: String) throws {
    let wide = String(repeating: "<p>x</p>", count: 20_000)
    let nested = String(repeating: "<div>", count: 300) + wide
    for page in [try html(wide), try html(nested)] {
      // libxml2 alone takes minutes for most of these.
      do { _ = try xpath(expression, page) } catch let error as ExtractError { #expect(error.reason == .budget) }
    }
  }

  @Test(.enabled(if: shared("suites/hostile/xpath.json") != nil, "needs ../shared/suites/hostile"))
  func `the hostile expressions are refused or stopped`() throws {
    let path = try #require(shared("suites/hostile/xpath.json"))
    let cases = try JSON(parsing: bytes(of: path))["cases"].items
    #expect(cases.count >= 15)
    for item in cases {
      guard let expression = item["expr"].string, item["doc"] == .null else { continue }
      #expect(mistake(try XPathExtractor().compile(expression)) != nil, "\(expression.prefix(80))")
    }
  }

  @Test func `one compiled path serves many threads`() async throws {
    let selector = try XPathExtractor().compile("//li[contains(., '2')]/following-sibling::li[position() < 9]")
    let page = page
    let found = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<64 {
        group.addTask {
          (0..<20).reduce(0) { sum, _ in sum + ((try? selector.select(from: html(page)).count) ?? 0) }
        }
      }
      return await group.reduce(0, +)
    }
    #expect(found == 64 * 20)
  }
}

import Language
import PluginHost
import Testing

@testable import Extractors

struct PatternTests {
  private func pattern(_ source: String, _ node: DocumentNode) throws -> [String] {
    try PatternExtractor().compile(source).select(from: node).texts
  }

  private func text(_ source: String, _ node: DocumentNode) throws -> [String] {
    try TextExtractor().compile(source).select(from: node).texts
  }

  private let page = "<title>Just a moment</title><script>captcha()</script><p data-x=\"12\">a <b>b</b> 7</p>"

  @Test func `the group named value is given, else group 1, else the match`() throws {
    let node = DocumentNode.text("a=1 b=2")
    #expect(try pattern("[ab]=\\d", node) == ["a=1", "b=2"])
    #expect(try pattern("([ab])=\\d", node) == ["a", "b"])
    #expect(try pattern("([ab])=(?<value>\\d)", node) == ["1", "2"])
    #expect(try pattern("a=(\\d)|b", node) == ["1"])
  }

  @Test func `pattern reads the source and text what is shown`() throws {
    let page = try html(page)
    #expect(try pattern("data-x=\"(\\d+)\"", page) == ["12"])
    #expect(try pattern("captcha", page) == ["captcha"])
    #expect(try text("captcha|Just a moment", page) == ["Just a moment"])
    #expect(try text("a b (\\d)", xpath("//p", page)[0]) == ["7"])
    #expect(try pattern("<b>.*?</b>", xpath("//p", page)[0]) == ["<b>b</b>"])
    #expect(try text("cap", xpath("//script", page)[0]) == ["cap"])
    #expect(try pattern("\"a\":1", .json(JSON(parsing: "{ \"a\" : 1 }"))) == ["\"a\":1"])
    #expect(try pattern("^x", .json(.string("xy"))) == ["x"])
  }

  @Test func `mistakes have their place`() {
    #expect(mistake(try PatternExtractor().compile("(a"))?.offset == 2)
    #expect(mistake(try TextExtractor().compile(""))?.offset == 0)
  }

  @Test func `a pattern that backtracks is stopped, and a whole page is searched`() throws {
    let bad = problem(try pattern("^(a+)+$", .text(String(repeating: "a", count: 40) + "!")))
    #expect(bad?.reason == .budget)
    let long = String(repeating: "x", count: 1_000_000) + "needle"
    #expect(try pattern("needle", .text(long)) == ["needle"])
  }

  @Test func `JSON documents are asked with JSONPath`() throws {
    let node = try JSONReader().read(Array("{\"a\": [1, 2]}".utf8), contentType: nil)
    #expect(try JSONExtractor().compile("$.a[*]").select(from: node).count == 2)
    #expect(mistake(try JSONExtractor().compile("$.a[")) != nil)
    #expect(try JSONExtractor().compile("$").select(from: .text("{}")).isEmpty)
    #expect(try xpath("//a", node).isEmpty && (try css("a", node)).isEmpty)
  }
}

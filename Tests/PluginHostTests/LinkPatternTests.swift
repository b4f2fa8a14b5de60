import Language
import PluginHost
import Testing

struct LinkPatternTests {
  private func pattern(_ source: String) throws -> LinkPattern { try LinkPattern(source) }

  @Test(arguments: [
    "https://www.shop.example/dr/دکتر-نمونه/", "https://www.shop.example/dr/دکتر-نمونه",
    "http://shop.example/dr/دکتر-نمونه//",
    "HTTPS://Shop.Example:443/dr/%D8%AF%DA%A9%D8%AA%D8%B1-%D9%86%D9%85%D9%88%D9%86%D9%87/?utm_source=x#top",
  ])
  func `forms of one link give one set of parameters`(link: String) throws {
    #expect(try pattern("https://www.shop.example/dr/{slug}/").match(link) == ["slug": "دکتر-نمونه"])
  }

  @Test(arguments: [
    "https://other.example/dr/x", "https://shop.example/dr", "https://shop.example/dr/x/y", "https://shop.example/DR/x",
    "https://shop.example:8443/dr/x", "ftp://shop.example/dr/x", "https://me@shop.example/dr/x", "shop.example/dr/x",
    "",
    "https://shop.example/dr/..", "https://shop.example/dr/%2e%2e", "https://shop.example/dr/a%2Fb",
    "https://shop.example/dr/%FF", "https://shop.example/dr/a%00b", "https://shop.example\\@evil.example/dr/x",
    "https://shop.example.evil.example/dr/x", "https://shop.example/dr/" + String(repeating: "a", count: 513),
  ])
  func `another page's link gives nothing`(link: String) throws {
    #expect(try pattern("https://shop.example/dr/{slug}").match(link) == nil)
  }

  @Test func `values of the query are parameters too`() throws {
    let link = try pattern("https://shop.example/search?q={words}&lang=fa")
    #expect(link.parameters == ["words"])
    #expect(link.match("https://shop.example/search?lang=fa&q=a+b%20c&page=2") == ["words": "a b c"])
    #expect(link.match("https://shop.example/search?q=a") == nil)
    #expect(link.match("https://shop.example/search?q=&lang=fa") == nil)
  }

  @Test func `a slug keeps every letter it has`() throws {
    let slug = "دکتر--فاطمه-آذرمِه"
    #expect(try pattern("https://shop.example/{slug}").match("https://shop.example/\(slug)") == ["slug": slug])
  }

  @Test func `a pattern without names is one page`() throws {
    #expect(try pattern("https://shop.example/").match("https://shop.example") == [:])
  }

  @Test(arguments: [
    ("shop.example/{slug}", 0), ("ftp://shop.example/{slug}", 0), ("https://{host}/x", 8),
    ("https://shop.example/a-{slug}", 21),
    ("https://shop.example/{slug}.html", 21), ("https://shop.example/{Slug}", 21), ("https://shop.example/{a}/{a}", 25),
    ("https://shop.example/?q=x{a}", 24), ("https://shop.example/{}", 21), ("https:///x", 0),
  ])
  func `what is no pattern is refused at its place`(source: String, offset: Int) {
    let mistake = #expect(throws: SyntaxError.self) { try LinkPattern(source) }
    #expect(mistake?.offset == offset)
  }

  @Test(arguments: [("a%20b", "a b"), ("50%", "50%"), ("a+b", "a+b"), ("%D8%AF", "د")])
  func `parameters are kept percent-decoded`(text: String, value: String) {
    #expect(LinkPattern.canonicalValue(text) == value)
  }
}

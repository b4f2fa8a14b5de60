/// Selectors as specs write them, to be asked of every page: forty on the document and within rows.
public struct PageProbe: Sendable {
  /// `xpath` or `css`.
  public var kind: String
  public var selector: String
  /// Selectors from each node that the first one finds; of the same kind.
  public var fields: [String] = []

  init(_ kind: String, _ selector: String, _ fields: [String] = []) {
    self.kind = kind
    self.selector = selector
    self.fields = fields
  }

  public static let all: [PageProbe] =
    [
      PageProbe(
        "xpath", "//div[@class=\"slot\"]",
        ["./span[@class='date']", "span[@class='time']/text()", ".//span[3]", "@data-id", "."]),
      PageProbe(
        "xpath", "//ul/li",
        [
          "./a/@href", "normalize-space(.)", "text()", "a[contains(@class,'slot')]", "..", "preceding-sibling::li",
          "ancestor::*/@class",
        ]),
      PageProbe(
        "xpath", "//table//tr",
        [
          "td[1]", "td[last()]", "./th", ".//a/@href", "td[2]/text()[1]", "descendant::a[1]",
          "preceding-sibling::*[2]/td",
        ]),
      PageProbe(
        "xpath", "//section | //article",
        [
          ".//p", "*[1]", "ancestor::*[1]", "following-sibling::div[1]", "(.//a)[1]", ".//li[2]",
          "descendant-or-self::*/@id", "..//h1",
        ]),
      PageProbe("css", "div.slot", ["span.date", ".time::text", "::attr(data-id)", "span + span"]),
      PageProbe("css", "ul > li", ["a::attr(href)", "span.x", ":scope > a", "::text"]),
    ]
    + [
      "//script[@id=\"__NEXT_DATA__\"]", "//title", "/html/head/meta/@content", "//*[@id='booking']", "//div[@id]",
      "//a[contains(@href, '/s/')]/@href", "//a[starts-with(@href,'/s/3')]", "//p/text()", "//div//p[2]", "(//a)[1]",
      "(//div[@class='slot'])[last()]/span", "//span[normalize-space(@class)='date'][position()<=2]",
      "//li[not(@class)]", "//div[@class='card' and @id]", "//div[@class='card' or @data-v]",
      "//p[text()='a']", "//div[span]", "//div[count(span)=3]", "//dl/dt/following-sibling::dd[1]",
      "//dd/preceding-sibling::dt[1]", "string(//title)", "normalize-space(//h1)", "count(//a)",
      "concat(//title, ' - ', //h1)", "//b/parent::*", "//td[string-length(.) > 3]", "//@href",
      "//DIV", "//option[@selected]", "substring-before(//title, ' ')", "/html/body/*[1]", "//body//text()",
      "//div[.//a]", "//ul[li//b]/@class", "//tr[.//td[2]]",
    ].map { PageProbe("xpath", $0) }
    + [
      "#booking", "p:first-child", "li:nth-child(2n+1)", "td:last-child::text", "h1, h2", "[data-v]", "[data-v=\"3\"]",
      "a[href^=\"/s/\"]::attr(href)", "[class*=\"slo\"]", "p:not(.slot)", "div > span.date", "dt + dd", "h1 ~ h2",
      "tr:nth-of-type(2) td", "input[type=\"HIDDEN\"]", "[class~=\"free\"]", ":root > body", "custom-card-list",
      "li:nth-last-child(1)", "button[disabled]",
    ].map { PageProbe("css", $0) }
}

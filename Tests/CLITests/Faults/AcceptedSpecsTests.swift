import Diagnostics
import Engine
import Fetchers
import Language
import PluginHost
import SiteSpecs
import TestSupport
import Testing

@testable import CLI

/// Nothing that `check` accepts fails at run time for a reason that was visible in the file: specs put together by
/// chance from parts of every kind are checked, and those that are accepted read a page on which everything is there.
struct AcceptedSpecsTests {
  private static let page = """
    <html><head><title>Shop</title></head><body><main id="m"><h1 class="t">سلام</h1><ul>
    <li class="o" id="a"><b class="n">1</b><i title="x">۱۲۳</i><a rel="next" href="/p/2">y</a><time>2026-12-01</time></li>
    <li class="o" id="b"><b class="n">2</b><i title="y">۴۵۶</i><a rel="next" href="/p/3">z</a><time>2026-12-02</time></li>
    </ul></main></body></html>
    """
  private static let json = """
    {"ok":true,"list":[{"id":1,"name":"a","at":1791232200,"day":"2026-12-01","price":"12 تومان","on":true},
    {"id":2,"name":"b","at":1791235800,"day":"2026-12-02","price":"13 تومان","on":false}],"map":{"k":{"v":1}}}
    """

  /// One spec by chance; about half are wrong somewhere.
  private static func spec(_ dice: inout SplitMix) -> String {
    let isJSON = dice.next(below: 2) == 0
    let each =
      isJSON
      ? [
        "each: $.list[*]", "each: \"$.list[?@.id > 0]\"", "entries: $.map", "entries: { css: li }", "each: $..list[*]",
      ]
      : [
        "each: { css: li.o }", "each: //li", "each: { css: \"li::attr(id)\" }", "each: //li/@id",
        "each: \"//li/b/text()\"",
        "each: (//li)", "each: { css: \"ul > li\" }", "each: { pattern: '[a-z]+' }", "entries: //li",
      ]
    let field =
      isJSON
      ? [
        "$.id", "$.name", "{ json: $.at, as: instant }", "{ json: $.day, as: date }", "{ json: $.price, as: money }",
        "{ json: $.on, as: boolean }", "{ join: [$.id, $.name] }", "{ json: $.name, then: 'trim | upper' }",
        "{ json: $.day, as: date, format: yyyy-MM-dd }", "$.key", "$.value.v",
        "{ json: $.id, as: integer, unit: rial }",
      ]
      : [
        "./@id", "{ css: b }", "{ css: i, as: integer }", "{ css: time, as: date }", "{ xpath: \"string(.)\" }", ".",
        "{ css: \"a::attr(href)\", as: url }", "{ pattern: '[0-9]+' }", "{ css: [b, i] }", "{ xpath: ./i/@title }",
        "{ css: b, as: integer, format: HH }",
      ]
    let url = ["https://shop.example/p", "https://shop.example/p/{sku}", "https://shop.example:8443/p?q={sku}"]
    let odd = ["https://shop..example/p", "http://10.0.0.7/p", "https://shop.example:1/p", "https://[::1/p", url[0]]
    let pages = [
      "", "", "    pages: { page: { from: 1, by: 1 }, at_most: 1 }\n    query: { page: \"{page}\" }\n",
      "    pages: { day: { from: \"{now | date}\", by: 1d }, at_most: 1 }\n    query: { day: \"{day}\" }\n",
      "    pages: { day: { from: \"{sku}\", by: 1d }, at_most: 1 }\n    query: { day: \"{day}\" }\n",
      "    pages: { day: { from: \"{now | time}\", by: 1d }, at_most: 1 }\n    query: { day: \"{day}\" }\n",
      "    pages: { page: { from: 1, by: 1 }, at_most: 1 }\n",
    ]
    let keep = ["", "", "      keep: x != null\n", "      keep: x == y\n", "      keep: x > 1\n"]
    return """
      site: shop
      title: Shop
      timezone: Asia/Tehran
      links: [ "https://shop.example/p/{sku}" ]
      steps:
        - step: page
          get: \(dice.next(below: 6) == 0 ? dice.one(of: odd) : dice.one(of: url))
      \(dice.one(of: pages))    anchor: \(isJSON ? "$.list" : "{ css: main }")
          rows:
            \(dice.one(of: each))
      \(dice.one(of: keep))      fields: { x: \(dice.one(of: field)), y: \(dice.one(of: field)) }
      items: { key: [x, y], expect: { count: 0..50 } }
      alert:
        title: { en: "{sku}" }
        line: { en: "\(dice.one(of: ["{x}", "{x} {y}", "{x | truncate: 3}", "{x | default: '-'}", "{z}"]))" }
        link: https://shop.example/p/{sku}
      """
  }

  @Test(arguments: 1...6)
  func `what is accepted is read where everything is there`(seed: Int) async throws {
    var dice = SplitMix(seed: UInt64(seed))
    var accepted = 0
    for number in 0..<250 {
      let text = Self.spec(&dice)
      let (spec, found) = SpecReader(catalog: Builtins.catalog, isLinting: true).readSite(
        file: "sites/shop.yaml", text: text)
      guard let spec, !found.contains(where: { $0.severity == .error }), RequestLint.check(spec, allowed: []).isEmpty
      else {
        continue
      }
      accepted += 1
      let result = await Self.run(spec, text.contains("anchor: $.list"))
      for branch in result.branches {
        let detail = branch.detail ?? ""
        // A value that this page does not have is the page's fault; that none was asked for in a way that could ever
        // give one is the file's.
        let isData = ["key field", "is no ", "items, expected"].contains(where: detail.contains)
        #expect(branch.verdict.isGood || isData, "seed \(seed), spec \(number): \(branch.verdict): \(detail)\n\(text)")
      }
    }
    #expect(accepted >= 20, "seed \(seed): \(accepted)")
  }

  private static func run(_ spec: SiteSpec, _ isJSON: Bool) async -> RunResult {
    let time = SystemTime()
    let runner = WatchRunner(
      catalog: Builtins.catalog,
      sender: RequestSender(fetcher: OnePage(body: isJSON ? json : page, isJSON: isJSON), governor: nil, time: time),
      time: time, userAgent: "test")
    let watch = Watch(spec: spec, params: ["sku": "7"], every: .seconds(60), subscriptions: [])
    return await runner.run(watch, now: Instant(seconds: 1_791_232_200))
  }
}

/// Answers every request that the gate lets through with the same page.
private struct OnePage: Fetcher {
  static let kind = "one_page"
  static let summary = "The same page for every request."
  var body: String
  var isJSON: Bool

  func exchange(_ request: Request) async throws(FetchFailure) -> Response {
    try AddressGate().check(url: request.url)
    return Response(
      status: 200, headers: [.init("Content-Type", isJSON ? "application/json" : "text/html; charset=utf-8")],
      body: Array(body.utf8), url: request.url)
  }
}

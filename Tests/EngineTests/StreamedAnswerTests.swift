import Extractors
import Language
import PluginHost
import SiteSpecs
import TestSupport
import Testing

@testable import Engine

/// Verdicts, rows and messages of a step are the same whether its pages are read into trees or not.
struct StreamedAnswerTests {
  static let seed: UInt64 = 1406

  static let spec = """
    site: fixture
    title: Fixture
    timezone: Asia/Tehran
    steps:
      - step: page
        get: https://fixture.example/{slug}
        anchor: { css: title }
        outcomes:
          - gone: { xpath: "//section[@id='booking'][not(*)]" }
          - unreadable: { css: "p.card > b" }
        fields:
          title: { xpath: //title, required: true }
        rows:
          - each: //div[@class="slot"]
            fields:
              date: { xpath: "./span[@class='date']", required: true }
              time: { css: "span.time" }
              price: { xpath: "span[last()]/text()", as: integer }
              id: ./@data-id
          - each: { css: "ul > li" }
            fields:
              date: { xpath: "normalize-space(.)", required: true }
              link: { css: "a::attr(href)", as: url }
    items: { key: [date] }
    alert: { title: { en: A }, line: { en: "{date}" }, link: https://fixture.example/, useful_for: 1h }
    """

  private static func step(_ text: String = spec) throws -> Step {
    let (spec, problems) = SpecReader(catalog: Builtins.catalog).readSite(file: "sites/fixture.yaml", text: text)
    guard let spec else { throw Bench.BadSpec(text: problems.map { "\($0)" }.joined(separator: "\n")) }
    return spec.steps[0]
  }

  private static func answer(_ page: [UInt8], _ step: Step, streams: Bool) -> Answer {
    var catalog = Builtins.catalog
    catalog.readers = catalog.readers.map { type(of: $0).kind == .html ? HTMLReader(streams: streams) : $0 }
    let reader = AnswerReader(
      step: step, isLast: true, catalog: catalog, context: RenderContext(zone: .utc, now: Instant(seconds: 0)),
      scope: Scope([("slug", .text("x"))]))
    return reader.read(
      Response(
        status: 200, headers: [Request.Header("Content-Type", "text/html")], body: page,
        url: "https://fixture.example/x"))
  }

  @Test func `no selector of the fixture's spec needs a tree`() throws {
    #expect(try Self.step().treeNeeds == [])
  }

  @Test func `answers are the same with the matcher and without, on good and broken pages`() throws {
    let step = try Self.step()
    var verdicts: [Verdict: Int] = [:]
    for number in 0..<300 {
      let page = StreamPages.page(number, seed: Self.seed).bytes
      let (streamed, tree) = (Self.answer(page, step, streams: true), Self.answer(page, step, streams: false))
      #expect(streamed.verdict == tree.verdict, "seed \(Self.seed), page \(number)")
      #expect(streamed.detail == tree.detail, "seed \(Self.seed), page \(number)")
      #expect(streamed.rule == tree.rule && streamed.selector == tree.selector)
      #expect(streamed.rows == tree.rows, "seed \(Self.seed), page \(number)")
      verdicts[tree.verdict, default: 0] += 1
    }
    // Or the pages would not say much.
    #expect(verdicts[.items, default: 0] > 50 && verdicts.count >= 4, "\(verdicts)")
  }

  @Test func `entries on markup are refused with the same words`() throws {
    let text = Self.spec.replacing("- each: //div[@class=\"slot\"]", with: "- entries: //div[@class=\"slot\"]")
    let step = try Self.step(text)
    let page = Array("<title>a</title><div class=slot data-id=1><b>x</div>".utf8)
    let (streamed, tree) = (Self.answer(page, step, streams: true), Self.answer(page, step, streams: false))
    #expect(tree.verdict == .layoutBroken)
    #expect(streamed.detail == tree.detail)
  }

  @Test func `one selector that needs the tree is named, with its place and reason`() throws {
    let text = Self.spec.replacing("{ css: title }", with: "{ css: 'head:has(title)' }")
    #expect(
      try Self.step(text).treeNeeds == [
        TreeNeed(keyPath: "steps[0].anchor", selector: "head:has(title)", reason: ":has()")
      ])
  }

  @Test func `the shipped site that reads a page needs no tree for it`() throws {
    let spec = try Bench.shippedSpec("paziresh24")
    #expect(spec.steps[0].treeNeeds == [])
    #expect(spec.steps[0].pageSelectors.map(\.keyPath) == ["steps[0].document"])
  }
}

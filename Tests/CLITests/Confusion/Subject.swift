import Engine
import Fetchers
import Language
import PluginHost
import SiteSpecs
import TestSupport

@testable import CLI

/// A healthy site as it was recorded: what is broken, one thing at a time.
struct Subject: Sendable {
  var name: String
  var spec: SiteSpec
  var params: [String: String]
  var now: Instant
  /// By the step that asks for it, in order.
  var exchanges: [(step: String, exchange: RecordedExchange)]

  var steps: [String] { spec.steps.map(\.name).filter { name in exchanges.contains { $0.step == name } } }

  func answers(of step: String) -> [Response] { exchanges.filter { $0.step == step }.map(\.exchange.response) }

  /// The site with a breakage in every answer of a step.
  func broken(_ breakage: Breakage, in step: String) throws -> SampleFetcher {
    try SampleFetcher(
      exchanges.map { place in
        var exchange = place.exchange
        if place.step == step { exchange.response = breakage.apply(exchange.response) }
        exchange.response.url = exchange.url
        return exchange
      })
  }

  func whole() throws -> SampleFetcher { try SampleFetcher(exchanges.map(\.exchange)) }

  /// Every sample of the repository that ends well, but for those of the demo's story, and a page whose rows are markup.
  static func all() throws -> [Subject] {
    let recorded = try SamplesTests.all.filter { !$0.contains("/demo-") }.compactMap { name -> Subject? in
      let folder = packageRoot + "/samples/" + name
      let sample = try SampleCase(folder: folder)
      guard ["items", "empty"].contains(sample.expectedVerdict), let now = sample.now else { return nil }
      let files = try Files.list(folder + "/exchanges").filter { $0.hasSuffix(".request.yaml") }
      let steps = files.map { file in String(file.dropFirst(3).dropLast(".request.yaml".count)) }
      return Subject(
        name: name, spec: try SamplesTests.spec(of: name), params: sample.params, now: now,
        exchanges: Array(zip(steps, sample.exchanges)).map { (step: $0.0, exchange: $0.1) })
    }
    return recorded + [try bazaar(7), try bazaar(2)]
  }

  /// Invented: nothing recorded here has rows of markup.
  static func bazaar(_ count: Int) throws -> Subject {
    let reader = SpecReader(catalog: Builtins.catalog)
    let (spec, diagnostics) = reader.readSite(file: "sites/bazaar.yaml", text: bazaarSpec)
    guard let spec else { throw SpawnProblem(description: "\(diagnostics)") }
    let rows = (1...count).map { number in
      """
      <li class="offer"><a class="link" href="/offer/\(4100 + number)"><h3 class="name">کتاب نمونهٔ \(number)</h3></a>
      <span class="price">۱٬\(number)00 تومان</span></li>
      """
    }
    let page = """
      <!DOCTYPE html><html><head><meta charset="utf-8"><title>بازار</title></head><body>
      <header class="top"><h1>بازار نمونه</h1></header>
      <main id="stall"><ul class="offers">\(rows.joined(separator: "\n"))</ul></main>
      <footer>© 1405</footer></body></html>
      """
    let url = "https://bazaar.example/stall/nemooneh"
    return Subject(
      name: "bazaar/\(count)-offers", spec: spec, params: ["stall": "nemooneh"],
      now: Instant(seconds: 1_791_264_900),
      exchanges: [
        (
          "stall",
          RecordedExchange(
            method: .get, url: url,
            response: Response(
              status: 200, headers: [.init("Content-Type", "text/html; charset=utf-8")], body: Array(page.utf8),
              url: url))
        )
      ])
  }

  private static let bazaarSpec = """
    site: bazaar
    title: بازار
    timezone: Asia/Tehran
    request:
      outcomes: [ { blocked: { missing: anchor, text: "(?i)captcha|just a moment|attention required" } } ]
    steps:
      - step: stall
        get: https://bazaar.example/stall/{stall}
        anchor: { css: "main#stall" }
        rows:
          each: { css: ".offers > .offer" }
          fields:
            id: { xpath: './/a[@class="link"]/@href', required: true }
            name: { css: "h3.name" }
            price: { css: ".price", as: money, unit: toman }
    items: { key: [id], track: [price], expect: { count: 0..100 } }
    alert: { title: { en: "New" }, line: { en: "{name}" } }
    """
}

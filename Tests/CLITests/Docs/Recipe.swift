import Fetchers
import Language
import PluginHost
import SiteSpecs
import TestSupport
import Testing

@testable import CLI
@testable import Engine

/// A recipe of the cookbook: what stands under one heading, run as `slothunter try` would run it.
struct Recipe: Sendable, CustomTestStringConvertible {
  var heading: String
  var blocks: [DocBlock]

  var testDescription: String { heading }

  /// Recipes with a site and what it must come to, in the page's order.
  static let all: [Recipe] = {
    guard let blocks = try? DocBlock.read("docs/cookbook.md") else { return [] }
    var recipes: [Recipe] = []
    for block in blocks where block.info.last != "frame" {
      if recipes.last?.heading != block.heading { recipes.append(Recipe(heading: block.heading, blocks: [])) }
      recipes[recipes.count - 1].blocks.append(block)
    }
    return recipes
  }()

  static let ofSites = all.filter { $0.block("expect") != nil && $0.block("site") != nil }
  static let ofNotifiers = all.filter { $0.block("sent") != nil }

  /// What `{now}` is in every recipe: the page says so.
  static let now = Instant(seconds: 1_791_264_600)

  func block(_ role: String) -> DocBlock? { blocks.first { $0.role == role } }

  private func spec() throws -> SiteSpec {
    let text = try DocsYAMLTests.frames.get().site.completed(by: try #require(block("site")).text)
    let (spec, diagnostics) = SpecReader(catalog: Builtins.catalog).readSite(file: "sites/shop.yaml", text: text)
    return try #require(spec, "\(diagnostics.map { $0.rendered() })")
  }

  /// `html answer`, with further words where it is not the answer to GET https://shop.example/: a method, a URL, a
  /// status, in this order, each only where it differs.
  private func exchanges() throws -> [RecordedExchange] {
    let types = ["html": "text/html; charset=utf-8", "json": "application/json", "xml": "application/xml"]
    return try blocks.filter { $0.role == "answer" }.map { block in
      var (method, url, status) = (Request.Method.get, "https://shop.example/", 200)
      for word in block.info.dropFirst(2) {
        if let given = Request.Method(rawValue: word) {
          method = given
        } else if word.hasPrefix("https://") {
          url = word
        } else {
          status = try #require(Int(word), "\(block): '\(word)'")
        }
      }
      let type = types[block.language] ?? "text/plain; charset=utf-8"
      return RecordedExchange(
        method: method, url: url,
        response: Response(
          status: status, headers: [.init("Content-Type", type)], body: Array(block.text.utf8), url: url))
    }
  }

  struct Outcome {
    var result: RunResult
    var items: [Item]
    var watch: Watch
    var unused: [String]

    var spec: SiteSpec { watch.spec }
  }

  func run() async throws -> Outcome {
    let spec = try spec()
    var params: [String: String] = [:]
    if let link = block("link") {
      let pasted = link.text.split(separator: "\n").joined()
      params = try #require(spec.links.lazy.compactMap { $0.match(pasted) }.first, "\(link): no link of the site")
    }
    let time = SystemTime()
    let fetcher = try SampleFetcher(try exchanges())
    let runner = WatchRunner(
      catalog: Builtins.catalog, sender: RequestSender(fetcher: fetcher, governor: nil, time: time), time: time,
      userAgent: "test")
    let watch = Watch(spec: spec, params: params, every: .seconds(60), subscriptions: [])
    let result = await runner.run(watch, now: Self.now)
    let context = RenderContext(zone: spec.zone, now: Self.now)
    let items = result.branches.flatMap(\.items).filter { spec.items.drop?.holds(in: $0.scope, context) != true }
    return Outcome(result: result, items: items, watch: watch, unused: fetcher.unused)
  }

  /// The lines of the alert that all items would make, in a language.
  func alert(_ outcome: Outcome, language: String) -> [String] {
    let context = RenderContext(zone: outcome.spec.zone, now: Self.now, language: language)
    guard let first = outcome.items.first else { return [] }
    func scope(_ item: Item) -> Scope { outcome.watch.scope.adding(item.fields.map { ($0.name, $0.value) }) }
    let title = outcome.spec.alert.title.template(for: language)?.text(in: scope(first), context) ?? ""
    let lines = outcome.items.map { item in
      outcome.spec.alert.line.template(for: language)?.text(in: scope(item), context) ?? ""
    }
    return [title] + lines
  }
}

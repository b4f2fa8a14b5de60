import PluginHost
import TestSupport
import Testing

@testable import Engine
@testable import Extractors
@testable import Fetchers
@testable import Language
@testable import Notifying
@testable import Patterns
@testable import SiteSpecs

/// docs/limits.md has the code's values, all of them, and every row is held by tests that exist.
struct LimitDocsTests {
  private static func size(_ bytes: Int) -> String {
    bytes >= 1 << 20 ? "\(bytes >> 20) MiB" : "\(bytes >> 10) KiB"
  }

  private static func time(_ duration: Duration) -> String {
    duration < .seconds(1)
      ? "\(duration / .milliseconds(1)) ms".replacing(".0", with: "") : "\(duration.components.seconds) s"
  }

  private static func values() throws -> [String: String] {
    let request = Request(url: "https://site.example/")
    let network = try CurlFetcher.Configuration().settings
    let (yaml, json, pattern) = (YAMLReader.Budget(), JSONLimits(), Pattern.Limits())
    return [
      "URL": size(ParsedURL.maxLength), "response headers": size(ResponseHead.maxBytes),
      "body after decompression": size(request.maxBody), "content codings": "\(ContentDecoding.maxCodings)",
      "redirects": "\(request.maxRedirects)", "time of a request, redirects included": time(request.timeout),
      "time to connect, TLS included": time(request.connectTimeout),
      "slowest answer": "\(network.slowBytesPerSecond) B/s over \(network.slowSeconds) s",
      "requests a run": "\(RunMemo.maxRequests)", "proxies tried for a request": "\(ProxyRotation.tries)",
      "HTML and XML, depth": "\(MarkupLimits.depth)", "HTML and XML, nodes": "\(MarkupLimits.nodes)",
      "attributes of a page": "\(MarkupLimits.attributes)", "one start tag": size(MarkupLimits.startTagBytes),
      "attributes of one element": "\(MarkupLimits.attributesOfOneElement)", "JSON, depth": "\(json.depth)",
      "JSON, values": "\(json.nodes)", "matches of one selector": "\(MarkupLimits.matches)",
      "XPath steps": "\(XPathEvaluator.stepLimit)", "CSS steps": "\(CSSMatcher.stepLimit)",
      "text that a pattern searches": size(pattern.inputBytes), "steps of a pattern from one place": "\(pattern.steps)",
      "processor time of a pattern": time(pattern.time), "rows of a document": "\(RowReader.maxRows)",
      "one field": size(RowReader.maxFieldBytes), "processor time of one reading": time(ExtractionPool.budget),
      "threads stuck in readings": "\(ExtractionPool.Settings().maxStuck)", "a YAML file": size(yaml.size),
      "YAML, depth": "\(yaml.depth)", "YAML, values": "\(yaml.nodes)", "YAML, aliases": "\(yaml.aliases)",
      "YAML, anchors": "\(yaml.anchors)", "one selector": size(MarkupLimits.selectorBytes),
      "searches in one XPath path": "\(XPathCost.maxCostlySteps)", "searches within searches": "\(XPathCost.maxNested)",
      "a rendered text": size(Template.outputLimit), "a message": "`max_length` of its notifier",
      "sends in flight, of a channel": "\(WorkerTuning().concurrency)",
      "lease of a delivery": time(WorkerTuning().lease),
      "tries that fail by the delivery's own fault": "\(Backoff.tries)",
    ]
  }

  @Test func `every limit is listed with the code's value and with tests that hold it`() throws {
    let names = try DeskDocsTests.testNames()
    let values = try Self.values()
    let rows = try text(of: packageRoot + "/docs/limits.md").split(separator: "\n")
      .filter { $0.hasPrefix("| ") && !$0.hasPrefix("| limit") }.map(DeskDocsTests.cells)
    #expect(Set(rows.map { $0[0] }) == Set(values.keys))
    #expect(rows.count == values.count)
    for row in rows {
      try #require(row.count == 4, "\(row)")
      #expect(row[1] == values[row[0]], "\(row[0])")
      let tests = DeskDocsTests.quoted(row[3])
      #expect(!tests.isEmpty, "\(row[0]): held by no test")
      for test in tests { #expect(names.contains(test), "\(row[0]): no test is called '\(test)'") }
    }
  }

  @Test func `limits that stand in two rooms are one`() {
    #expect(JSONPath.maximumLength == MarkupLimits.selectorBytes)
    #expect(Pattern.Limits().sourceBytes == MarkupLimits.selectorBytes)
    #expect(Pattern.Limits().matches == RowReader.maxRows)
  }
}

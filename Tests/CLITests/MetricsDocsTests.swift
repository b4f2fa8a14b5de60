import Engine
import Glibc
import Metrics
import TestSupport
import Testing

@testable import CLI

/// The page names every metric there is, and none that is not.
struct MetricsDocsTests {
  private static let path = packageRoot + "/docs/metrics.md"
  private static let (begin, end) = ("<!-- metrics: begin -->\n", "<!-- metrics: end -->")

  private static var table: String {
    MeterCatalog.all.sorted { $0.name < $1.name }.reduce(
      "| metric | type | labels | what it says |\n|---|---|---|---|\n"
    ) {
      $0 + "| `\($1.name)` | \($1.kind.rawValue) | \($1.labels.joined(separator: ", ")) | \($1.help) |\n"
    }
  }

  /// `UPDATE_SAMPLES=1` writes it, and fails: look at `git diff`, then run again.
  @Test func `the page's table is the code's`() throws {
    let page = try text(of: Self.path)
    let parts = page.split(separator: Self.begin, omittingEmptySubsequences: false)
    try #require(parts.count == 2)
    let tail = try #require(parts[1].firstRange(of: Self.end))
    let isSame = String(parts[1][..<tail.lowerBound]) == Self.table
    if !isSame, getenv("UPDATE_SAMPLES") != nil, let file = fopen(Self.path, "wb") {
      fputs("\(parts[0])\(Self.begin)\(Self.table)\(parts[1][tail.lowerBound...])", file)
      fclose(file)
    }
    #expect(isSame, "docs/metrics.md is not what MeterCatalog.swift says; UPDATE_SAMPLES=1 rewrites it")
  }

  private static let rules = packageRoot + "/deploy/prometheus-rules.yaml"

  /// An alert rule over a metric that was renamed would be silent for ever.
  @Test(arguments: [path, rules])
  func `every metric that is spoken of exists`(_ path: String) throws {
    let known = Set(
      MeterCatalog.all.flatMap { metric in
        [metric.name] + (metric.kind == .histogram ? ["_bucket", "_sum", "_count"].map { metric.name + $0 } : [])
      })
    let words = try text(of: path).split { !($0.isLetter || $0.isNumber || $0 == "_") }
    let spoken = Set(words.filter { $0.hasPrefix("slothunter_") || $0.hasPrefix("process_") }.map(String.init))
    #expect(spoken.count > 8)
    #expect(spoken.subtracting(known).isEmpty)
  }

  @Test(.enabled(if: promtool != nil, "needs promtool (Debian: prometheus)"))
  func `promtool accepts the rules that are shipped`() async throws {
    let result = try await runProgram(promtool ?? "", ["check", "rules", Self.rules])
    #expect(result.status == 0, "\(result)")
  }
}

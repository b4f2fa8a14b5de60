import Fetchers
import TestSupport
import Testing

/// What the hostile suite is made of, small and made here, so that it is tried wherever the tests run.
@Suite(.timeLimit(.minutes(10)))
struct HostileSmallTests {
  typealias Fate = HostileSuiteTests.Fate

  private static func times(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

  private struct Document {
    var name: String
    var fate: Fate
    var body: String

    init(_ name: String, _ fate: Fate, _ body: String) {
      self.name = name
      self.fate = fate
      self.body = body
    }
  }

  private static let pages: [Document] = [
    Document("at-depth.html", .read("//*[@id='t']", "x"), times("<div>", 990) + "<p id=t>x</p>"),
    Document("too-deep.html", .unread(.overLimit, "deeper than the limit of 1000"), times("<div>", 1_001) + "x"),
    Document("many-nodes.html", .unread(.overLimit, "more nodes than the limit of 200000"), times("<b>x</b>", 100_001)),
    Document("long-tag.html", .unread(.overLimit, "start tag"), "<p a='" + times("x", 257 << 10) + "'>x"),
    Document(
      "many-attributes.html", .unread(.overLimit, "513 attributes"), "<p " + counted(513) { "a\($0)=1 " } + ">x"),
    Document(
      "all-attributes.html", .unread(.overLimit, "more attributes than the limit of 500000"),
      times("<p " + counted(500) { "a\($0)=1 " } + ">", 1_001)),
    Document("cut.html", .unread(.truncated, "ends"), "<div><p>x</p><p cla"),
    Document("siblings.html", .bounded("//p/following-sibling::p"), paragraphs(3_000)),
    Document("equal.html", .bounded("//p[. = //p]"), paragraphs(5_000)),
    Document("counted.html", .bounded("count(//p[count(preceding-sibling::p)>1])"), paragraphs(5_000)),
    Document("laugh.xml", .unread(.malformed, "DOCTYPE"), "<!DOCTYPE l [<!ENTITY a \"lol\">]><l>&a;</l>"),
    Document("outside.xml", .unread(.malformed, "DOCTYPE"), "<!DOCTYPE l [<!ENTITY a SYSTEM \"file:///x\">]><l/>"),
  ]

  private static let data: [Document] = [
    Document("deep.json", .unread(.overLimit, "deeper than 512 levels"), times("[", 513) + times("]", 513)),
    Document("at-depth.json", .read("$..x", "1"), times("[", 511) + "{\"x\":1}" + times("]", 511)),
    Document("deep-object.json", .unread(.overLimit, "512 levels"), times("{\"a\":", 513) + "1" + times("}", 513)),
    Document("wide.json", .bounded("$..*"), "{" + counted(100_001) { "\"k\($0)\":\($0)," } + "\"end\":0}"),
    Document("flow.yaml", .refused("deeper than", line: 1, column: 65), times("[", 65)),
    Document("nodes.yaml", .refused("more values than", line: 1, column: 400_000), "[" + times("x,", 200_001) + "]"),
    Document("anchors.yaml", .refused("more anchors than the limit", line: 101, column: 3), times("- &a x\n", 101)),
    Document("size.yaml", .refused("above the limit of 1048576", line: 1, column: 1), times("#", (1 << 20) + 1)),
    Document("merge.yaml", .refused("merge keys", line: 2, column: 5), "a: &a {x: 1}\nb: {<<: *a, y: 2}\n"),
  ]

  private static func counted(_ count: Int, _ text: (Int) -> String) -> String { (0..<count).map(text).joined() }
  private static func paragraphs(_ count: Int) -> String { "<div>" + times("<p>x</p>", count) + "</div>" }

  @Test func `small hostile documents are refused or bounded like the large ones`() async throws {
    let server = try RecordingServer()
    let fetcher = CurlFetcher(
      configuration: try CurlFetcher.Configuration(
        origins: OriginMap(parsing: ["https://site.example=\(server.origin)"])))
    await Alone.run {
      for document in Self.pages + Self.data {
        await HostileSuiteTests.check(document.name, document.fate, Array(document.body.utf8), server, fetcher)
      }
    }
  }
}

import Extractors
import Fetchers
import Language
import LoopbackServer
import PluginHost
import TestSupport
import Testing

@testable import Engine
@testable import SiteSpecs

/// Every document of the hostile suite on the way it would come: over HTTP, into its reader, under a selector.
@Suite(.timeLimit(.minutes(10)))
struct HostileSuiteTests {
  static var canGenerate: Bool { shared("suites/hostile/gen_hostile.py") != nil && python != nil }
  private static let python = ["/usr/bin/python3", "/usr/local/bin/python3"].first { FileText.exists($0) }

  /// What must become of a document.
  enum Fate: Sendable {
    /// No answer, for this reason.
    case unfetched(FetchFailure.Reason)
    /// No document, for this reason, in words that hold this.
    case unread(ExtractError.Reason, String)
    /// A document, of which a selector gives this first.
    case read(String, String)
    /// A document, which a selector must not be allowed to wander through.
    case bounded(String)
    /// No spec: a problem that holds this, at this line and column.
    case refused(String, line: Int, column: Int)
    /// YAML as it should be: the values of its keys, as they are read.
    case yaml([String])
  }

  /// Names are the suite's, in its order.
  static let fates: [(name: String, fate: Fate)] = [
    ("bomb1g.gz", .unfetched(.tooLarge)),
    ("bomb_nested.gz", .unfetched(.tooLarge)),
    ("gzip_trunc.gz", .unfetched(.garbled)),
    ("gzip_garbage.gz", .unfetched(.garbled)),
    ("not_gzip.gz", .unfetched(.garbled)),
    // Only ours where the generator's Python has brotli.
    ("bomb.br", .unfetched(.tooLarge)),
    ("deep_div_300.html", .read("//*[@id='t']", "x")),
    ("deep_div_100k.html", .unread(.overLimit, "deeper than the limit of 1000")),
    ("attrs_100k.html", .unread(.overLimit, "start tag of 888893 bytes")),
    ("text_12mb.html", .unfetched(.tooLarge)),
    ("siblings_50k.html", .bounded("//p/following-sibling::p")),
    ("nul.html", .read("//*[@id='t']", "c")),
    ("utf16le.html", .read("//*[@id='t']", "سلام")),
    ("win1256.html", .read("//*[@id='t']", "سلام")),
    ("bad_utf8.html", .read("//*[@id='t']", "\u{FFFD}\u{FFFD} ok \u{FFFD}")),
    ("flow_100k.yaml", .refused("deeper than", line: 1, column: 65)),
    ("flow_1m.yaml", .refused("deeper than", line: 1, column: 65)),
    ("dash_100k.yaml", .refused("deeper than", line: 1, column: 129)),
    ("laugh.yaml", .refused("more values than the limit", line: 6, column: 10)),
    ("selfref.yaml", .refused("alias", line: 1, column: 8)),
    ("anchors_50k.yaml", .refused("more anchors than the limit", line: 101, column: 3)),
    ("dupkey.yaml", .refused("twice", line: 2, column: 1)),
    ("tag.yaml", .refused("python/object/apply:os.system", line: 1, column: 4)),
    ("norway.yaml", .yaml(["text no", "integer 15", "text 1_000", "text 12:30:45", "null", "decimal .nan"])),
    ("merge.yaml", .refused("merge keys", line: 2, column: 5)),
    ("tabs.yaml", .refused("a tab can't indent", line: 2, column: 1)),
    ("multi.yaml", .refused("document", line: 2, column: 1)),
    ("bom_crlf.yaml", .yaml(["integer 1", "integer 2"])),
    ("longkey.yaml", .refused("above the limit of 1048576", line: 1, column: 1)),
    ("deep.json", .unread(.overLimit, "deeper than 512 levels")),
    ("deep_obj.json", .unread(.overLimit, "deeper than 512 levels")),
    ("bignum.json", .read("$.b", "123456789012345678901234567890")),
    ("dup.json", .read("$.price", "2")),
    ("lone_surrogate.json", .read("$.a", "\u{FFFD}")),
    ("wide.json", .bounded("$..*")),
    ("laugh.xml", .unread(.malformed, "DOCTYPE")),
    ("quad.xml", .unread(.malformed, "DOCTYPE")),
    ("xxe.xml", .unread(.malformed, "DOCTYPE")),
    ("xxe_param.xml", .unread(.malformed, "DOCTYPE")),
    ("xinclude.xml", .read("string(/l)", "")),
  ]

  private static func generate() async throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let script = try #require(shared("suites/hostile/gen_hostile.py"))
    let made = try await runProgram(try #require(python), [script, folder.path])
    try #require(made.status == 0, "\(made)")
    return folder
  }

  @Test(.enabled(if: HostileSuiteTests.canGenerate, "needs ../shared/suites/hostile and python3"))
  func `each of the 39 hostile documents is refused or bounded as listed`() async throws {
    let folder = try await Self.generate()
    let listed = try JSON(parsing: bytes(of: folder.path + "/EXPECT.json"))
    guard case .object(let listed) = listed else { return fail("no list") }
    let names = Set(Self.fates.map(\.name))
    #expect(listed.names.count >= 39 && Set(listed.names).isSubset(of: names))
    #expect(names.subtracting(listed.names).isSubset(of: ["bomb.br"]))
    let server = try RecordingServer()
    let fetcher = CurlFetcher(
      configuration: try CurlFetcher.Configuration(
        origins: OriginMap(parsing: ["https://site.example=\(server.origin)"])))
    try await Alone.run {
      for (name, fate) in Self.fates where listed.names.contains(name) {
        let body = try bytes(of: folder.path + "/" + name)
        await Self.check(name, fate, body, server, fetcher)
      }
    }
  }

  static func check(
    _ name: String, _ fate: Fate, _ body: [UInt8], _ server: RecordingServer, _ fetcher: CurlFetcher
  ) async {
    switch fate {
    case .refused(let words, let line, let column):
      let found = SpecReader(catalog: Builtins.catalog).readSite(file: "sites/x.yaml", bytes: body)
      #expect(found.spec == nil, "\(name)")
      let said = found.diagnostics.prefix(10).map { "\($0.location.line):\($0.location.column): \($0.message)" }
      // Beside the keys that no site spec has.
      let problem = found.diagnostics.first { $0.severity == .error && $0.message.contains(words) }
      #expect(problem?.location.line == line && problem?.location.column == column, "\(name): \(said)")
    case .yaml(let values):
      let reading = YAMLReader().read(file: "x.yaml", bytes: body)
      #expect(reading.diagnostics.isEmpty, "\(name)")
      let entry = reading.root.map { Entry(root: $0) }
      #expect(entry?.members?.map { Self.words(for: $0) } == values, "\(name)")
    default:
      await checkPage(name, fate, body, server, fetcher)
    }
  }

  private static func words(for entry: Entry) -> String {
    guard let scalar = entry.node.scalar else { return "\(entry.node.kind)" }
    switch scalar.resolved(tag: entry.node.tag) {
    case .null: return "null"
    case .boolean(let value): return "boolean \(value)"
    case .integer(let value): return "integer \(value)"
    case .decimal(_, let lexeme): return "decimal \(lexeme)"
    case .text(let text): return "text \(text)"
    }
  }

  private static func checkPage(
    _ name: String, _ fate: Fate, _ body: [UInt8], _ server: RecordingServer, _ fetcher: CurlFetcher
  ) async {
    let parts = name.split(separator: ".").map(String.init)
    let coding = ["gz": parts[0].hasSuffix("nested") ? "gzip, gzip" : "gzip", "br": "br"][parts[1]]
    server.on(
      "GET", "/" + name,
      ServerResponse(headers: coding.map { [ServerHeader("Content-Encoding", $0)] } ?? [], body: body))
    let response: Response
    do throws(FetchFailure) {
      response = try await fetcher.exchange(Request(url: "https://site.example/" + name))
    } catch {
      guard case .unfetched(let reason) = fate else { return fail("\(name): \(error)") }
      #expect(error.reason == reason, "\(name): \(error)")
      return
    }
    if case .unfetched = fate { return fail("\(name): \(response.body.count) bytes were taken") }
    let readers: [String: any DocumentReader] = ["html": HTMLReader(), "json": JSONReader(), "xml": XMLReader()]
    guard let reader = readers[parts[1]] else { return fail("\(name): no reader") }
    do throws(ExtractError) {
      let document = try reader.read(response.body, contentType: nil)
      try select(name, fate, document)
      try select(name + " without a tree", fate, try reader.readWithoutTree(response.body, contentType: nil))
    } catch {
      guard case .unread(let reason, let words) = fate else { return fail("\(name): \(error)") }
      #expect(error.reason == reason && error.message.contains(words), "\(name): \(error)")
    }
  }

  private static func select(_ name: String, _ fate: Fate, _ document: DocumentNode) throws(ExtractError) {
    func selector(_ text: String) -> (any CompiledSelector)? {
      text.hasPrefix("$") ? try? JSONExtractor().compile(text) : try? XPathExtractor().compile(text)
    }
    switch fate {
    case .read(let path, let text):
      guard let selector = selector(path) else { return fail("\(name): \(path)") }
      #expect(try selector.select(from: document).first?.text == text, "\(name)")
    case .bounded(let path):
      guard let selector = selector(path) else { return }
      do throws(ExtractError) {
        let count = try selector.select(from: document).count
        Issue.record("\(name): \(path) gave \(count) nodes")
      } catch { #expect(error.reason == .budget, "\(name): \(error)") }
    default: Issue.record("\(name): was read")
    }
  }
}

private func fail(_ words: String) { Issue.record("\(words)") }

private enum FileText {
  static func exists(_ path: String) -> Bool { (try? bytes(of: path)) != nil }
}

import Glibc
import Language
import PluginHost
import TestSupport
import Testing

@testable import Extractors

@Suite(.serialized)
struct HostileTests {
  static var canGenerate: Bool {
    shared("suites/hostile/gen_hostile.py") != nil && access("/usr/bin/python3", X_OK) == 0
  }

  @Test(.enabled(if: HostileTests.canGenerate, "needs ../shared/suites/hostile and python3"))
  func `every hostile document ends in a verdict`() async throws {
    try await Alone.run { try endsInAVerdict() }
  }

  private func endsInAVerdict() throws {
    let script = try #require(shared("suites/hostile/gen_hostile.py"))
    var template = Array("/tmp/slothunter-hostile-XXXXXX".utf8CString)
    let folder = String(cString: try #require(mkdtemp(&template)))
    defer { _ = run(["/bin/rm", "-rf", folder]) }
    #expect(run(["/usr/bin/python3", script, folder]) == 0)
    let expected: [(String, ExtractError.Reason?)] = [
      ("deep_div_300.html", nil), ("deep_div_100k.html", .overLimit), ("attrs_100k.html", .overLimit),
      ("text_12mb.html", nil), ("siblings_50k.html", nil), ("nul.html", nil), ("utf16le.html", nil),
      ("win1256.html", nil), ("bad_utf8.html", nil), ("deep.json", .overLimit), ("deep_obj.json", .overLimit),
      ("wide.json", nil), ("dup.json", nil), ("lone_surrogate.json", nil), ("laugh.xml", .malformed),
      ("quad.xml", .malformed), ("xxe.xml", .malformed), ("xxe_param.xml", .malformed), ("xinclude.xml", nil),
    ]
    for (name, reason) in expected {
      let body = try bytes(of: folder + "/" + name)
      let ending = name.split(separator: ".").last.map(String.init) ?? ""
      let readers = ["html": HTMLReader(), "xml": XMLReader(), "json": JSONReader()] as [String: any DocumentReader]
      let reader = try #require(readers[ending])
      let found = problem(try reader.read(body, contentType: nil))
      #expect(found?.reason == reason, "\(name)")
      #expect(problem(try reader.readWithoutTree(body, contentType: nil)) == found, "\(name) without a tree")
    }
    for (name, text) in [
      ("deep_div_300.html", "x"), ("nul.html", "c"), ("utf16le.html", "سلام"), ("win1256.html", "سلام"),
      ("bad_utf8.html", "\u{FFFD}\u{FFFD} ok \u{FFFD}"),
    ] {
      let page = try HTMLReader().read(bytes(of: folder + "/" + name), contentType: nil)
      #expect(try xpath("//*[@id='t']", page).texts == [text], "\(name)")
    }
    let included = try XMLReader().read(bytes(of: folder + "/xinclude.xml"), contentType: nil)
    #expect(included.text.isEmpty)
    let siblings = try HTMLReader().read(bytes(of: folder + "/siblings_50k.html"), contentType: nil)
    #expect(problem(try xpath("//p/following-sibling::p", siblings))?.reason == .budget)
  }

  @Test(.enabled(if: shared("suites/html-injection") != nil, "needs ../shared/suites/html-injection"))
  func `markup made to confuse parsers is read without a crash`() throws {
    let path = try #require(shared("suites/html-injection/dompurify-payloads.json"))
    let payloads = try JSON(parsing: bytes(of: path)).items.compactMap { $0["payload"].string }
    #expect(payloads.count > 200)
    for payload in payloads {
      for page in [payload, "<p>" + payload + "</p>"] {
        if case .different(let what) = StreamAudit.audit(Array(page.utf8)) { Issue.record("\(page): \(what)") }
        guard let document = try? html(page) else { continue }
        for node in try css("*", document) {
          #expect(try #require(node.tree).outerMarkup.utf8.count > 0)
        }
      }
    }
  }

  @Test(.enabled(if: shared("captures") != nil, "needs ../shared/captures"))
  func `captured pages are read whole`() throws {
    for name in [
      "paziresh24/doctor_page_2025-07-09.html", "paziresh24/doctor_page_2025-07-13.html",
      "synthetic/doctoreto_doctor_page.html", "synthetic/nobat_ir_doctor_page.html",
      "synthetic/cdn_challenge_403.html", "synthetic/cdn_gateway_504.html",
    ] {
      guard let path = shared("captures/" + name) else { continue }
      let page = try HTMLReader().read(bytes(of: path), contentType: "text/html; charset=utf-8")
      #expect(!page.isSuspectedCut, "\(name)")
      let data = try xpath("//script[@id='__NEXT_DATA__']", page)
      for script in data { _ = try JSON(parsing: script.text) }
      // Cut anywhere inside its markup it is never read as a whole page.
      let body = try bytes(of: path)
      if let script = data.first?.text.utf8, let found = body.firstRange(of: Array(script.prefix(200))) {
        let cut = Array(body[..<(found.lowerBound + script.count / 2)])
        #expect(problem(try HTMLReader().read(cut, contentType: nil))?.reason == .truncated)
      }
    }
  }

  @Test func `three thousand pages leave no memory behind`() async throws {
    try await Alone.run { try leaveNoMemory() }
  }

  private func leaveNoMemory() throws {
    let card =
      "<div class='card'><h2>عنوان</h2><p class=price data-id='1'>12 &amp; 3</p><a href='/x?a=1'>more</a></div>\n"
    let page = Array(("<html><body>" + String(repeating: card, count: 500) + "</body></html>").utf8)
    #expect(page.count > 55_000)
    let path = try XPathExtractor().compile("//div[@class='card']")
    let field = try XPathExtractor().compile("./p/@data-id")
    let title = try CSSExtractor().compile("h2")
    func once() throws {
      let rows = try path.select(from: HTMLReader().read(page, contentType: nil))
      for row in rows.prefix(20) { _ = try field.select(from: row).texts + title.select(from: row).texts }
      _ = try? HTMLReader().read(Array(page.prefix(page.count - 3)), contentType: nil)
    }
    for _ in 0..<100 { try once() }
    let before = residentBytes()
    for _ in 0..<3_000 { try once() }
    let growth = residentBytes() - before
    #expect(growth < 8 << 20)
  }

  /// The second field of /proc/self/statm, in pages.
  private func residentBytes() -> Int {
    let fields = (try? text(of: "/proc/self/statm"))?.split(separator: " ") ?? []
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
  }

  private func run(_ arguments: [String]) -> Int32 {
    var strings = arguments.map { strdup($0) } + [nil]
    defer { for string in strings { free(string) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    closeInherited(&actions)
    var child = pid_t()
    guard posix_spawn(&child, arguments[0], &actions, nil, &strings, environ) == 0 else { return -1 }
    var status: Int32 = 0
    waitpid(child, &status, 0)
    return status
  }
}

import Language
import PluginHost
import TestSupport
import Testing

@testable import Extractors

struct ReaderTests {
  @Test(
    arguments: [
      ("<p id=t>سلام", "text/html; charset=windows-1256", "windows-1256", "سلام"),
      ("<meta charset=windows-1256><p id=t>سلام پژ", nil, "windows-1256", "سلام پژ"),
      ("<meta http-equiv=Content-Type content='text/html; charset=windows-1256'><p id=t>گچ", nil, "windows-1256", "گچ"),
      ("<!-- <meta charset=big5> --><META CHARSET='utf-8'><p id=t>سلام", nil, "utf-8", "سلام"),
      ("<p id=t>سلام", nil, "utf-8", "سلام"),
      ("<p id=t>café €", nil, "windows-1252", "café €"),
      ("<p id=t>café", "text/html; charset=ISO-8859-1", "windows-1252", "café"),
      ("<p id=t>привет", "text/html;charset=\"koi8-r\"", "koi8-r", "привет"),
      ("<meta charset=utf-16><p id=t>سلام", nil, "utf-8", "سلام"),
      ("<meta charset=nonsense><p id=t>سلام", "text/html; charset=bogus", "utf-8", "سلام"),
    ] as [(String, String?, String, String)])
  func `a page is read in its charset`(_ page: String, _ header: String?, _ charset: String, _ text: String) throws {
    let body = try encoded(page, charset)
    let document = try HTMLReader().read(body, contentType: header)
    #expect(try xpath("//*[@id='t']", document).texts == [text])
  }

  /// Bytes of a text in a charset, by the decoder turned around.
  private func encoded(_ text: String, _ label: String) throws -> [UInt8] {
    let charset = try #require(Charset(label: label))
    if charset == .utf8 { return Array(text.utf8) }
    var bytes: [Unicode.Scalar: UInt8] = [:]
    for byte in UInt8.min...UInt8.max {
      let decoded = String(decoding: charset.decode([byte])?.utf8 ?? [], as: UTF8.self)
      if let scalar = decoded.unicodeScalars.first { bytes[scalar] = byte }
    }
    return try text.unicodeScalars.map { try #require(bytes[$0], "\($0) is not in \(label)") }
  }

  @Test func `a byte order mark beats the header`() throws {
    let body = [0xEF, 0xBB, 0xBF] + Array("<p>سلام".utf8)
    let page = try HTMLReader().read(body, contentType: "text/html; charset=windows-1256")
    #expect(try xpath("//p", page).texts == ["سلام"])
    let wide: [UInt8] = [0xFF, 0xFE] + "<p>سلام".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    #expect(try xpath("//p", HTMLReader().read(wide, contentType: nil)).texts == ["سلام"])
    guard case .text("سلام") = try TextReader().read([0xEF, 0xBB, 0xBF] + Array("سلام".utf8), contentType: nil) else {
      return #expect(Bool(false), "text without its mark")
    }
  }

  @Test func `bytes that are no text survive in HTML and nowhere else`() throws {
    let broken = Array("<p>a".utf8) + [0xFF, 0] + Array("b</p><p id=t>c</p>".utf8)
    let page = try HTMLReader().read(broken, contentType: "text/html; charset=utf-8")
    #expect(try xpath("//p", page).texts == ["a\u{FFFD}\u{FFFD}b", "c"])
    #expect(
      problem(try XMLReader().read(Array("<p>".utf8) + [0xFF] + Array("</p>".utf8), contentType: nil))?.reason
        == .charset)
    #expect(problem(try JSONReader().read([0x22, 0xFF, 0x22], contentType: nil))?.reason == .charset)
    let persian = try JSONReader().read(
      [0x22, 0xD3, 0xE1, 0x22], contentType: "application/json; charset=windows-1256")
    #expect(persian.text == "سل" || persian.text.isEmpty)
  }

  @Test(arguments: [
    "<p>a</p><div class=\"x", "<p>a</p><div class=x", "<p>a</p><!-- cut", "<html><body><script>var a = '</p>'",
    "<style>p {", "<title>A page", "<textarea>x</p>", "<p>a</", "<p>a<", "<p>a</p", "<!doctype htm", "<a href='x>y</a>",
  ])
  func `a page cut inside markup is truncated`(_ page: String) {
    #expect(problem(try html(page))?.reason == .truncated)
  }

  @Test(arguments: [
    "<p>a", "<p>a < b", "<p>1<2</p>", "<ul><li>a<li>b", "<script>if (a<b) x('<p>')</script>", "<!--><p>x", "<!---><p>x",
    "<p title=\"a>b\">x", "<p =x y=>x", "<script/><p>x", "<title>a<b</title>", "<!-- a -- b --!><p>x", "plain text",
    "<SCRIPT>a</Script><p>", "<br/><img src=a/>", "<p a='1'b='2'>x", "a</html>b", "<svg><title/></svg>x",
  ])
  func `a whole page is not truncated`(_ page: String) {
    #expect(problem(try html(page)) == nil)
  }

  @Test(arguments: ["<!--><p>x</p><!-- y -->", "<!---><p>x</p>", "<!-- a -- b --!><p>x</p>", "<p>x</p><!-->"])
  func `a comment ends where HTML says`(_ page: String) throws {
    #expect(try css("p", html(page)).texts == ["x"])
  }

  @Test func `a page that never closes what it opened is suspected`() throws {
    #expect(try html("<html><body><p>a").isSuspectedCut)
    #expect(try !html("<html><body><p>a</body>").isSuspectedCut)
    #expect(try !html("<p>a").isSuspectedCut)
    #expect(try !html("<header><p>a").isSuspectedCut)
  }

  @Test func `nothing is lost up to the limits, and beyond them the limit is named`() throws {
    // html and body come on top of it.
    let deep = String(repeating: "<div>", count: MarkupLimits.depth - 3) + "<p>x"
    #expect(try xpath("//p", html(deep)).texts == ["x"])
    let tooDeep = problem(try html(String(repeating: "<div>", count: MarkupLimits.depth) + "<p>x"))
    #expect(tooDeep == ExtractError(.overLimit, "elements nested deeper than the limit of 1000"))
    let wide = String(repeating: "<b>x</b>", count: 99_000)
    #expect(try xpath("count(//b)", html(wide)).texts == ["integer(99000)"])
    let tooWide = problem(try html(String(repeating: "<b>x</b>", count: 101_000)))
    #expect(tooWide == ExtractError(.overLimit, "more nodes than the limit of 200000"))
    let longText = String(repeating: "x", count: 12_000_000)
    #expect(try xpath("string-length(//p)", html("<p>" + longText)).texts == ["integer(12000000)"])
    let longTag = problem(try html("<p title='" + String(repeating: "x", count: 300_000) + "'>"))
    #expect(longTag?.message.contains("262144") == true)
    let many = (0...512).map { "a\($0)=1" }.joined(separator: " ")
    #expect(problem(try html("<p \(many)>"))?.message == "an element with 513 attributes; at most 512 are read")
  }

  @Test(arguments: [
    ("", ExtractError.Reason.malformed), ("<a>", .truncated), ("<a><b></b>", .truncated), ("<a><b></a>", .malformed),
    ("<a", .truncated), ("<a/>x", .malformed), ("<a>&nbsp;</a>", .malformed), ("x", .malformed),
    ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", .malformed), ("<a><![CDATA[x</a>", .truncated),
    ("<a b='c", .truncated),
    (String(repeating: "<a>", count: 500) + String(repeating: "</a>", count: 500), .overLimit),
  ])
  func `XML that is not whole is refused`(_ text: String, _ reason: ExtractError.Reason) {
    let found = problem(try xml(text))
    #expect(found?.reason == reason, "\(String(describing: found))")
  }

  @Test func `a feed is read`() throws {
    let feed = try xml(
      """
      <?xml version="1.0" encoding="UTF-8"?><!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd">
      <rss xmlns:dc="urn:dc"><item><title>a &amp; b</title><dc:title><![CDATA[<c>]]></dc:title></item></rss>
      """)
    #expect(try xpath("//item/title", feed).texts == ["a & b"])
    #expect(try css("item > title", feed).texts == ["a & b", "<c>"])
    #expect(try css("|title", feed).texts == ["a & b"])
    #expect(try css("Title", feed).isEmpty)
    #expect(try xpath("//*[local-name()='title'][2]", feed).texts == ["<c>"])
  }

  @Test func `empty bodies and half JSON say so`() {
    for reader in [HTMLReader(), XMLReader(), JSONReader(), TextReader()] as [any DocumentReader] {
      #expect(problem(try reader.read([], contentType: nil)) == ExtractError(.malformed, "the body is empty"))
    }
    #expect(problem(try html(" \n "))?.reason == .malformed)
    #expect(problem(try html("<!-- nothing -->"))?.reason == .malformed)
    func json(_ text: String) -> ExtractError.Reason? {
      problem(try JSONReader().read(Array(text.utf8), contentType: nil))?.reason
    }
    #expect(json("{\"a\": [1,") == .truncated)
    #expect(json("<html>") == .malformed)
    #expect(json(String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000)) == .overLimit)
  }

  @Test func `a node knows its place`() throws {
    let page = try html("<html>\n<body>\n<div>a</div><div>\n<p class='x y' title='&lt;'>b<br>c</p></div></body></html>")
    let node = try #require(xpath("//p", page).first?.tree)
    #expect(node.name == "p" && node.line == 4 && node.path == "/html/body/div[2]/p")
    #expect(node.attribute("CLASS") == "x y" && node.attribute("id") == nil)
    #expect(node.outerMarkup == "<p class=\"x y\" title=\"&lt;\">b<br>c</p>")
    #expect(try xpath(node.path, page).first?.tree == node)
    for other in try xpath("//node() | //@*", page) {
      let tree = try #require(other.tree)
      #expect(try xpath(tree.path, page).first?.tree == tree, "\(tree.path)")
    }
    #expect(try #require(page.tree).name.isEmpty && page.tree?.path == "/")
  }

  @Test func `a node outlives everything else`() throws {
    func first() throws -> DocumentNode { try css("p", html("<p>x<b>y</b></p>"))[0] }
    let node = try first()
    #expect(node.text == "xy")
    #expect(try xpath("b", node).texts == ["y"])
  }
}

import PluginHost
import Testing

@testable import Extractors

/// Constructs that libxml2 reads in ways of its own: imitated, or left to it.
struct PageScannerTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var page: String
    var doubt: StreamDoubt?
    var testDescription: String { page }

    init(_ page: String, _ doubt: StreamDoubt? = nil) {
      self.page = page
      self.doubt = doubt
    }
  }

  static let cases: [Case] = [
    Case("<p>a<p>b"), Case("<ul><li>a<li>b</ul>c"), Case("<table><tr><td>a<td>b<tr><td>c</table>"),
    Case("<div><p>a</div>b</p>c"), Case("<b><i>a</b>b</i>"), Case("<td>a</div>b"), Case("<div><td>a</div>b</td>"),
    Case("<title>a</title><p>b"), Case("<html><head></head><meta name=a><body>b</body></html>\n"),
    Case("<html><body>a</body>\n<script>b</script>\n</html>"), Case("<p>a &amp; b &copy &nosuch; &#65 &#x42; &#0; c"),
    Case("<p>&#0;"), Case("<p>&#0;</nothing>a"), Case("<p>a</nothing>b"), Case("<p>a<!-- c -->b"),
    Case("<p a b=c d='e' f=\"g\">x"),
    Case("<input checked value><option selected>a"), Case("<p a=1 a=2 A=3>x"), Case("<div/>a<br/>b"),
    Case("<p title=\"a>b\">c"), Case("<p><script>a</b></script>c"), Case("<p><script><!-- </p> --></script>c"),
    Case("<style>a > b{}</style><p>c"), Case("<P CLASS=A>b</P>"), Case("<p>1 < 2 <3 <= 4"),
    Case("<blockquote-x>a</blockquote-y>b"),
    Case("<custom-card-list-a>a<custom-card-list-b>b</custom-card-list-a>c"), Case("<!doctype html><!-- a --><p>b"),
    Case("<?xml version=\"1.0\"?><p>b"), Case("<p><?php a ?>b"), Case("<p>a\r\nb\tc"),
    Case("<p xlink:href=a xml:lang=b>c"),
    Case("<h1>a<h2>b"), Case("<p>a<h1>b"), Case("<form><form>a"), Case("<a>a<a>b"), Case("<svg><path/></svg>a"),
    Case("<frameset><frame>"), Case("<p>&amp"), Case("<p>&amp;"), Case("<p>&#x110000;&#xD800;a&#xFFFE;b"),
    Case("<p a='&#0;b'>c"), Case("<p a='x&#0;b' c=\"&lt;&bad;&#10\">c"), Case("<p>\u{7F}\u{80}a"),
    Case("<p a=b\"c>d"), Case("<p a = b c= d e =f>g"), Case("<p a=>b"), Case("<p a= >b"), Case("<p a=''b=\"\">c"),
    Case("<body><p>a</body></html><!-- b -->\n"), Case("<p>a</p>  "),
    // What is left to libxml2.
    Case("a<p>b", .looseText), Case("<html>a", .looseText), Case("<html><head>a", .looseText),
    Case("<p>a</p></html>b", .trailing), Case("<p>a</html><p>b", .trailing), Case("<p @click=\"a\">b", .attributes),
    Case("<p a=/b/>c", .attributes), Case("<p / a>b", .attributes), Case("<p \"a\">b", .attributes),
    Case("<x:y>a", .markup), Case("<a.b>a", .markup), Case("<p>a</>b", .markup), Case("<p>a<![CDATA[b]]>c", .markup),
    Case("<p>a<!b>c", .markup), Case("<!--> a --><p>b", .markup), Case("<!---> a --><p>b", .markup),
    Case("<p><_a>b", .markup), Case("<p>a<é>b", .markup), Case("<p>a</p b>c", .markup), Case("<p><? a>b", .markup),
    Case("<title>a<b>c</b></title>d", .rawText), Case("<textarea><p></textarea>", .rawText),
    Case("<script></</script>a", .rawText), Case("<script><noscript>a</script>b", .rawText),
    Case("<script>a</scripts></script>b", .rawText), Case("<style><body>a</style>b", .rawText),
    Case("<body><body>a", .structure), Case("<p>a<head>b", .structure), Case("<p>a<html>b", .structure),
    Case("<p>a<!DOCTYPE html>b", .markup), Case("<p>a\u{C}b", .characters), Case("<p>a\u{1}b", .characters),
    Case("<p>a\u{FFFE}b", .characters),
    Case(String(repeating: "<div>", count: 300) + "a", .size),
    Case("<p " + String(repeating: "a", count: 120) + "=1>b", .attributes),
    Case("<html><head>" + String(repeating: " ", count: 1200) + "</head><body>a", .looseText),
  ]

  @Test(arguments: cases)
  func `a page is read as libxml2 reads it, or the doubt is named`(_ page: Case) {
    let expected: StreamAudit.Finding = page.doubt.map { .doubted($0) } ?? .same
    #expect(StreamAudit.audit(Array(page.page.utf8)) == expected)
  }

  @Test(arguments: [
    "<p>a<b", "<p>a<!-- b", "<script>a", "<p a=\"b", "<p>a</p", "<title>a", "<p>a<", "<p a", "<p a=", "<?xml",
    "<!-- a -->",
  ])
  func `a page that is cut off or empty is refused as it is with a tree`(_ page: String) {
    #expect(throws: ExtractError.self) { try HTMLReader().read(Array(page.utf8), contentType: nil) }
    #expect(throws: ExtractError.self) { try HTMLReader().readWithoutTree(Array(page.utf8), contentType: nil) }
  }

  /// What is on no tape counts too: a page within the tape's limits may be beyond the tree's.
  @Test func `a page beyond the limits of trees is refused as it is with a tree`() throws {
    let tag = "<p" + (0..<200).map { " a\($0)" }.joined() + ">"
    for page in [
      "<p>" + String(repeating: "<!---->", count: MarkupLimits.nodes + 1), String(repeating: tag, count: 2600),
      String(repeating: "<b>", count: MarkupLimits.depth + 1),
      "<p a=\"" + String(repeating: "x", count: 260 << 10) + "\">",
      String(repeating: "<i>a</i>", count: MarkupLimits.nodes),
    ] {
      let error = #expect(throws: ExtractError.self) { try HTMLReader().read(Array(page.utf8), contentType: nil) }
      let bare = #expect(throws: ExtractError.self) {
        try HTMLReader().readWithoutTree(Array(page.utf8), contentType: nil)
      }
      #expect(error == bare && error?.reason == .overLimit)
    }
  }

  @Test func `a page without a body's end is suspected of being cut, without a tree too`() throws {
    for page in ["<html><body><p>a", "<html><body><p>a</body>", "<p>a", "<html><body>a</html>"] {
      let streamed = try HTMLReader().readWithoutTree(Array(page.utf8), contentType: nil)
      #expect(streamed.isStreamed)
      #expect(try streamed.isSuspectedCut == html(page).isSuspectedCut)
    }
  }

  @Test func `the switch builds trees for all pages`() throws {
    let page = Array("<p>a".utf8)
    #expect(try HTMLReader().readWithoutTree(page, contentType: nil).isStreamed)
    #expect(try !HTMLReader(streams: false).readWithoutTree(page, contentType: nil).isStreamed)
    #expect(try !HTMLReader().read(page, contentType: nil).isStreamed)
  }
}

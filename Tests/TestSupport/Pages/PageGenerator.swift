/// Makes HTML pages such as sites send, from a seed.
///
/// The names, classes and ids come from a small stock, so that ``PageProbes`` find something on most pages.
public struct PageGenerator {
  public enum Style: Int, Sendable, CaseIterable {
    /// Every tag closed, every value quoted.
    case wellFormed
    /// As people write: end tags, `tbody`, `head` and quotes left out, capitals, bare `&`.
    case sloppy
  }

  private var draw: PageDraw
  private let style: Style
  private var out = ""
  private var left: Int

  private init(_ draw: PageDraw, _ style: Style) {
    self.draw = draw
    self.style = style
    left = 0
  }

  public static func page(seed: UInt64, style: Style) -> [UInt8] {
    var generator = PageGenerator(PageDraw(seed: seed), style)
    generator.writePage()
    return Array(generator.out.utf8)
  }

  private var isSloppy: Bool { style == .sloppy }

  private mutating func writePage() {
    left = 10 + draw(70)
    if draw.percent(90) { out += draw.one(of: Self.doctypes) }
    if draw.percent(5) { out += "<!-- made by a program -->\n" }
    let hasShell = !isSloppy || draw.percent(70)
    if hasShell { out += draw.percent(50) ? "<html lang=\"fa\" dir=\"rtl\">\n" : "<html>" }
    if hasShell || draw.percent(50) { writeHead() }
    if hasShell { out += draw.percent(60) ? "\n<body class=\"page\">\n" : "<body>" }
    while left > 0 { writeBlock(depth: 0) }
    if hasShell {
      if draw.percent(30) { out += "<script>var a = {b: \"<p>\", c: 1 && 2};</script>\n" }
      if !isSloppy || draw.percent(70) { out += "</body>" + (draw.percent(50) ? "\n" : "") + "</html>\n" }
    }
  }

  private mutating func writeHead() {
    out += "<head>\n<meta charset=\"utf-8\">\n"
    out += "<title>\(text())</title>"
    if draw.percent(60) { out += "\n<link rel=\"stylesheet\" href=\"/a.css?v=1&amp;w=2\">" }
    if draw.percent(60) { out += "<style>.slot > p{color:#\(draw(10))00}</style>" }
    if draw.percent(60) {
      out += "<script id=\"__NEXT_DATA__\" type=\"application/json\">{\"a\":[1,\"</b>\",\"&amp;\"]}</script>"
    }
    if draw.percent(30) { out += "<meta name=\"generated\" content=\"\(draw(1000))\" />" }
    if !isSloppy || draw.percent(50) { out += "\n</head>" }
  }

  private mutating func writeBlock(depth: Int) {
    left -= 1
    if depth > 8 { return out += text() }
    switch draw(11) {
    case 0: writeList(depth)
    case 1: writeTable(depth)
    case 2: writeParagraph()
    case 3: writeSlots()
    case 4: writeForm()
    case 5: out += draw.one(of: Self.oddities)
    case 6:
      out += "<dl>"
      for _ in 0...draw(3) {
        out += "<dt>\(text())" + end("dt") + "<dd>"
        writeInline()
        out += end("dd")
      }
      out += "</dl>"
    default:
      let name = draw.one(of: ["div", "div", "section", "article", "main", "span", "blockquote", "custom-card-list"])
      out += open(name)
      for _ in 0...draw(4) where left > 0 { writeBlock(depth: depth + 1) }
      out += "</\(name)>" + (draw.percent(40) ? "\n  " : "")
    }
  }

  private mutating func writeSlots() {
    for _ in 0...draw(4) {
      out += "<div class=\"slot\" data-id=\"\(draw(1000))\"><span class=\"date\">1405/09/\(draw(30))</span>"
      out += "<span class=\"time\">\(draw(24)):15</span><span class=\"price\">۳۰۰٬۰۰\(draw(10))</span></div>\n"
    }
  }

  private mutating func writeList(_ depth: Int) {
    out += open(draw.one(of: ["ul", "ol"]))
    for _ in 0...draw(5) {
      out += open("li")
      writeInline()
      if draw.percent(15), left > 0 { writeBlock(depth: depth + 2) }
      out += end("li") + (draw.percent(30) ? "\n" : "")
    }
    out += "</ul>"
  }

  private mutating func writeTable(_ depth: Int) {
    let hasBody = !isSloppy || draw.percent(50)
    out += open("table") + (draw.percent(30) ? "<caption>\(text())</caption>" : "")
    out += hasBody ? "<tbody>" : ""
    for _ in 0...draw(4) {
      out += "<tr>"
      for _ in 0...draw(3) {
        out += open(draw.one(of: ["td", "td", "th"]))
        writeInline()
        if draw.percent(8), left > 0 { writeBlock(depth: depth + 3) }
        out += isSloppy && draw.percent(50) ? "" : draw.percent(50) ? "</td>" : "</th>"
      }
      out += end("tr") + "\n"
    }
    out += (hasBody ? end("tbody") : "") + "</table>"
  }

  private mutating func writeParagraph() {
    out += open("p")
    for _ in 0...draw(4) { writeInline() }
    out += end("p") + "\n"
  }

  private mutating func writeForm() {
    out += "<form action=\"/search\"><input type=\"hidden\" name=\"t\" value=\"\(draw(99))\"><input \(bareAttribute())>"
    out += "<select name=s>"
    for _ in 0...draw(4) { out += "<option \(draw.percent(20) ? "selected" : "value=\"a\"")>\(text())" + end("option") }
    out += "</select><textarea>\(text())</textarea><button disabled>\(text())</button></form>"
  }

  private mutating func writeInline() {
    switch draw(9) {
    case 0: out += "<a class=\"\(draw.one(of: Self.classes))\" href=\"/s/\(draw(9))?a=1&amp;b=2\">\(text())</a>"
    case 1: out += "<b>\(text())</b> <i>\(text())</i>"
    case 2: out += "<br>" + text() + "<br/>"
    case 3: out += "<img src=/i/\(draw(9)).jpg alt=\"\(text())\">"
    case 4: out += "<span class=\"\(draw.one(of: Self.classes)) x\">\(text())</span>"
    case 5: out += "<time datetime=\"2026-11-2\(draw(9))\">\(text())</time>"
    case 6: out += "<!-- \(draw(99)) -->"
    default: out += text()
    }
  }
}

extension PageGenerator {
  private mutating func open(_ name: String) -> String {
    var tag = "<" + (isSloppy && draw.percent(10) ? name.uppercased() : name)
    if draw.percent(50) { tag += " class=\"\(draw.one(of: Self.classes))\"" }
    if draw.percent(20) { tag += isSloppy ? " id=\(draw.one(of: Self.ids))" : " id=\"\(draw.one(of: Self.ids))\"" }
    if draw.percent(15) { tag += " data-v='\(draw(20))'" }
    if isSloppy, draw.percent(4) { tag += " class=twice" }
    return tag + (draw.percent(10) ? " >" : ">")
  }

  /// Left out by the sloppy, where HTML allows it.
  private mutating func end(_ name: String) -> String { isSloppy && draw.percent(60) ? "" : "</\(name)>" }

  private mutating func bareAttribute() -> String {
    draw.one(of: ["name=q", "CHECKED", "checked", "required name='q'", "value", "type=text   value = \"a\""])
  }

  private mutating func text() -> String {
    var words: [String] = []
    for _ in 0...draw(4) { words.append(draw.one(of: Self.words)) }
    if draw.percent(8) { words.append(draw.one(of: isSloppy ? Self.entities + Self.bareEntities : Self.entities)) }
    return (draw.percent(10) ? " \n" : "") + words.joined(separator: " ")
  }

  private static let doctypes = [
    "<!DOCTYPE html>\n", "<!doctype html>",
    "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\">\n",
    "<?xml version=\"1.0\"?>\n<!DOCTYPE html>\n",
  ]
  private static let classes = [
    "slot", "slot free", "free slot", "card", "date", "time", "price", "slots", "a&amp;b", "",
  ]
  private static let ids = ["booking", "srv", "ad-top", "main", "x1"]
  private static let words = [
    "نوبت", "دکتر", "تهران", "۱۲:۳۰", "free", "12:30", "Montag", "آزاد", "a", "zwischen", "هزینه", "  ", "تمام",
  ]
  private static let entities = ["&amp;", "&nbsp;", "&lt;b&gt;", "&#1586;", "&#x646;", "&copy;", "&quot;", "&zwnj;"]
  private static let bareEntities = [
    "&", "&b=2", "&copy", "&#65 ", "&unknown;", "&#x41g", "a < b", "&&amp;", "&#0;", "5 <6",
  ]
  private static let oddities = [
    "<hr>", "<br/>", "<noscript><img src=\"/p.gif\"></noscript>", "<svg viewBox=\"0 0 1 1\"><path d=\"M0\"/></svg>",
    "<script>if (a < b && c > d) { e(\"<div class='slot'>\") }</script>", "<style>p > a {}</style>",
    "<iframe src=\"/f\"></iframe>", "<h1>A</h1><h2>B</h2>", "<p>a<div>b</div>c</p>", "<a href=\"#\"><b>x</a></b>",
    "<center><font color=red>x</font></center>", "<pre>\n a\n</pre>", "<!--[if IE]><p>x</p><![endif]-->",
  ]
}

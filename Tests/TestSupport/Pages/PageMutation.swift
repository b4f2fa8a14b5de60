/// Breaks pages in the ways that pages are broken: by templates, by transfers, by encodings.
public enum PageMutation {
  /// The page with a few breaks in it.
  public static func mutate(_ page: [UInt8], _ draw: inout PageDraw) -> [UInt8] {
    var page = page
    for _ in 0...draw(4) { once(&page, &draw) }
    return page
  }

  private static func once(_ page: inout [UInt8], _ draw: inout PageDraw) {
    guard page.count > 8 else { return page = Array("<p>a</p>".utf8) }
    let place = draw(page.count)
    switch draw(10) {
    case 0, 1: page.insert(contentsOf: Array(draw.one(of: pieces).utf8), at: nextTag(page, place))
    case 2: page.insert(contentsOf: Array(draw.one(of: pieces).utf8), at: place)
    case 3: removeTag(&page, nextTag(page, place))
    case 4:
      let end = min(page.count, place + 1 + draw(60))
      page.insert(contentsOf: Array(page[place..<end]), at: draw(page.count))
    case 5: page.removeSubrange(place..<min(page.count, place + 1 + draw(30)))
    case 6: page[place] = draw.one(of: bytes)
    case 7: swapTags(&page, &draw)
    case 8: if draw.percent(25) { page = Array(page[..<place]) }
    default: page.insert(draw.one(of: bytes), at: place)
    }
  }

  private static func nextTag(_ page: [UInt8], _ from: Int) -> Int {
    page[from...].firstIndex(of: UInt8(ascii: "<")) ?? from
  }

  private static func removeTag(_ page: inout [UInt8], _ start: Int) {
    guard let end = page[start...].firstIndex(of: UInt8(ascii: ">")) else { return }
    page.removeSubrange(start...end)
  }

  private static func swapTags(_ page: inout [UInt8], _ draw: inout PageDraw) {
    let first = nextTag(page, draw(page.count))
    guard let end = page[first...].firstIndex(of: UInt8(ascii: ">")) else { return }
    let tag = Array(page[first...end])
    page.removeSubrange(first...end)
    guard !page.isEmpty else { return }
    page.insert(contentsOf: tag, at: nextTag(page, draw(page.count)))
  }

  private static let bytes: [UInt8] = [
    0, 0x0C, 0x0B, 0x1F, 0x7F, 0x80, 0xC0, 0xFF, 0xEF, 0x3C, 0x3E, 0x26, 0x22, 0x27, 0x2F, 0x3D, 0x20, 0x0D, 0x21,
  ]

  static let pieces = [
    "<", "</", ">", "<!", "<!-- a", "-->", "<!-->", "<!--->", "<!--a--!>", "<!---->", "&", "&amp", "&#0;", "&#x110000;",
    "&#x41", "&lt;", "&nosuch;", "&#", "&#x;", "<![CDATA[ x ]]>", "<script>", "</script>", "</scripts>", "<style>",
    "</style >", "<script src=a/>", "<?php x ?>", "<?", "<p>", "</p>", "</P>", "<td>", "<tr>", "<li>", "<option>",
    "</table>", "<table>", "</div>", "<div>", "</span>", "<b>", "</b>", "<a>", "</a>", "<form>", "</form>", "<html>",
    "<head>", "<body>", "</body>", "</html>", "<title>", "</title>", "<textarea>", "<h1>", "</h1>", "<ul>", "</ul>",
    "<br/>", "<br / >", "<div/>", "<p a=1/>", "<p a='x' a=\"y\" b>", "<p a = b c= d e =f>", "<p @click=\"x\">",
    "<p a=\"b\"c='d'>", "<p \"a\">", "<p a=b\"c>", "<x:y z:w=1>", "<a.b>", "<_a>", "<1>", "< p>", "<é>", "a<b",
    "\u{FFFE}",
    "\u{FEFF}", "text", "  ", "\r\n", "<!DOCTYPE html>", "<frameset>", "<noframes>", "<meta charset=utf-16>", "<base>",
    "<dd>", "<dt>", "<tbody>", "<thead>", "<colgroup>", "<col>", "<caption>", "<object>", "<noscript>", "<legend>",
    "<input checked=>", "<p class=>", "<p class>", "<select>", "<blockquote>", "</blockquote>", "<h2>", "<i>", "</i>",
  ]
}

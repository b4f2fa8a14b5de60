import PluginHost

/// Telegram's HTML mode: the title bold, lines as they are, links as links.
///
/// Only `b` and `a` are ever written; `< > &` in text and also `"` in addresses are escaped, which are all the names
/// that Telegram decodes. Its limit counts what is shown, so tags are free and an entity counts as one.
public struct TelegramHTMLFormat: MessageFormat {
  public static let kind = "telegram_html"
  public static let summary = "Telegram's HTML mode: bold title, one line per change, a link under words"
  public static let lengthUnit = "UTF-16 units shown, tags not counted"

  public init() {}

  public func render(_ message: Message, limit: Int?) -> RenderedMessage {
    let layout = TextLayout(message, limit: limit) { _ in Wording.linkLabel(message.language) }
    let plain = TextLayout(message, limit: limit) { $0 }
    return RenderedMessage(body: .text(html(layout)), plain: plain.shown, omitted: layout.omitted)
  }

  private func html(_ layout: TextLayout) -> String {
    var pieces = layout.title.isEmpty ? [] : ["<b>" + escaped(layout.title) + "</b>"]
    pieces += layout.lines.map { anchor($0.link, $0.text) }
    if let note = layout.note { pieces.append(escaped(note)) }
    if let words = layout.linkText { pieces.append(anchor(layout.link, words)) }
    return pieces.joined(separator: "\n")
  }

  private func anchor(_ link: String?, _ words: String) -> String {
    guard let link, !words.isEmpty else { return escaped(words) }
    return "<a href=\"" + escaped(link, inAttribute: true) + "\">" + escaped(words) + "</a>"
  }
}

/// Text as HTML shows it.
///
/// By scalars, not characters: a combining mark after `<` makes another grapheme of it, and the parser reads code units.
func escaped(_ text: String, inAttribute: Bool = false) -> String {
  var html = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": html.append(contentsOf: "&amp;".unicodeScalars)
    case "<": html.append(contentsOf: "&lt;".unicodeScalars)
    case ">": html.append(contentsOf: "&gt;".unicodeScalars)
    case "\"" where inAttribute: html.append(contentsOf: "&quot;".unicodeScalars)
    default: html.append(scalar)
    }
  }
  return String(html)
}

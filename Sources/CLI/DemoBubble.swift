import Language
import Notifying

/// A message as its receiver has it before them, in lines of plain text.
struct DemoBubble: Sendable, Hashable {
  var caption: String
  var lines: [String]
  /// Whether the receiver sees the first line bold.
  var hasTitle: Bool

  init(_ message: DemoMessage) {
    switch message.channel {
    case .telegram:
      caption = "Telegram, chat \(message.to)"
      lines = DemoBubble.shown(message.content).split(separator: "\n").map(String.init)
      hasTitle = message.content.hasPrefix("<b>")
    case .sms:
      let parts = SMSParts.count(message.content)
      caption = "SMS to \(message.to), \(parts.parts) \(parts.parts == 1 ? "part" : "parts")"
      lines = message.content.split(separator: "\n").map(String.init)
      hasTitle = false
    case .ops:
      caption = "Webhook to \(message.to), signature verified"
      lines = DemoBubble.webhook(message.content)
      hasTitle = true
    }
  }

  /// What Telegram shows of its HTML: no tags, and the four entities it knows as characters.
  static func shown(_ html: String) -> String {
    var text = ""
    var rest = html[...]
    while let open = rest.firstIndex(of: "<") {
      text += rest[..<open]
      guard let close = rest[open...].firstIndex(of: ">") else { break }
      // Words that lead somewhere are underlined there.
      if rest[open...].hasPrefix("</a") { text += " ↗" }
      rest = rest[rest.index(after: close)...]
    }
    text += rest
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")]
    return entities.reduce(text) { $0.replacing($1.0, with: $1.1) }
  }

  /// The title and the lines of a webhook's JSON.
  private static func webhook(_ content: String) -> [String] {
    guard case .object(let object)? = try? JSON(parsing: content), case .object(let data)? = object["data"],
      case .array(let changes)? = data["changes"]
    else { return [content] }
    func text(_ json: JSON?) -> String { json.map { Value(json: $0).plainText } ?? "" }
    return [text(data["title"])]
      + changes.map { change in
        if case .object(let line) = change { text(line["text"]) } else { text(change) }
      }
  }
}

import PluginHost

/// Plain text: ntfy, Bale, Slack, Gotify, the console. Nothing is escaped because nothing is markup.
public struct TextFormat: MessageFormat {
  public static let kind = "text"
  public static let summary = "plain text, one line per change, the link last"
  public static let lengthUnit = "UTF-16 units"

  public init() {}

  public func render(_ message: Message, limit: Int?) -> RenderedMessage {
    let layout = TextLayout(message, limit: limit) { $0 }
    return RenderedMessage(body: .text(layout.shown), plain: layout.shown, omitted: layout.omitted)
  }
}

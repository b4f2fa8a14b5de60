import PluginHost

/// Text for a phone: as short as it goes, paid by the part.
public struct SMSFormat: MessageFormat {
  public static let kind = "sms"
  public static let summary = "plain text for SMS, within 4 parts unless `max_length` says otherwise"
  public static let lengthUnit = "UTF-16 units, as UCS-2 parts count them"

  /// Four parts of Persian text: 4 × 67.
  public static let defaultLimit = 268

  public init() {}

  public func render(_ message: Message, limit: Int?) -> RenderedMessage {
    var message = message
    message.link = message.link.map(readableLink)
    let layout = TextLayout(message, limit: limit ?? SMSFormat.defaultLimit) { $0 }
    return RenderedMessage(body: .text(layout.shown), plain: layout.shown, omitted: layout.omitted)
  }
}

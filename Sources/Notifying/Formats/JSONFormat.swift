import Language
import PluginHost

/// An object for machines: webhooks. `{message}` is the object itself, not its text.
///
/// `type` and `timestamp` as Standard Webhooks advises; `data` holds everything a person would be told and the items.
public struct JSONFormat: MessageFormat {
  public static let kind = "json"
  public static let summary = "a JSON object with type, timestamp and data (site, watch, title, link, changes)"
  public static let lengthUnit = "bytes of JSON"

  /// 64 KiB, the limit of a webhook body.
  public static let defaultLimit = 65_536

  public init() {}

  public func render(_ message: Message, limit: Int?) -> RenderedMessage {
    let limit = limit ?? JSONFormat.defaultLimit
    let title = cleanLine(message.title)
    let changes = message.lines.map(change)
    let kept = fitting(changes, frame: size(object(message, title: title, changes: [], omitted: changes.count)), limit)
    let whole = object(message, title: title, changes: Array(changes.prefix(kept)), omitted: changes.count - kept)
    let body = size(whole) <= limit ? whole : shortened(message, title: title, over: size(whole) - limit)
    return RenderedMessage(
      body: .json(body), plain: TextFormat().render(message, limit: limit / 4).plain, omitted: changes.count - kept)
  }

  private func change(_ line: Message.Line) -> JSON {
    .object(
      JSONObject([
        ("change", line.change.map { .string($0.rawValue) } ?? .null), ("text", .string(cleanLine(line.text))),
        ("key", line.itemKey.map { .string($0) } ?? .null), ("item", line.item),
        ("link", safeLink(line.link).map { .string($0) } ?? .null),
      ]))
  }

  private func object(_ message: Message, title: String, changes: [JSON], omitted: Int) -> JSON {
    let data = JSONObject([
      ("site", .string(message.site)), ("watch", .string(message.watch)), ("language", .string(message.language)),
      ("title", .string(title)), ("link", safeLink(message.link).map { .string($0) } ?? .null),
      ("changes", .array(changes)), ("omitted", .integer(Int64(omitted))),
    ])
    return .object(
      JSONObject([
        ("type", .string("slot." + message.kind.rawValue)), ("timestamp", .string(Value.instant(message.at).plainText)),
        ("data", .object(data)),
      ]))
  }

  /// How many changes fit beside a frame of so many bytes; each costs its comma.
  private func fitting(_ changes: [JSON], frame: Int, _ limit: Int) -> Int {
    var used = frame
    for (index, change) in changes.enumerated() {
      used += size(change) + 1
      if used > limit { return index }
    }
    return changes.count
  }

  /// Without changes and still too long: title, watch and link are the only long texts left.
  private func shortened(_ message: Message, title: String, over: Int) -> JSON {
    var message = message
    message.link = nil
    message.watch = cut(message.watch, to: 200)
    // A UTF-16 unit is at least one byte of JSON, so this is enough.
    let title = cut(title, to: max(1, min(title.utf16.count - over, 1000)))
    return object(message, title: title, changes: [], omitted: message.lines.count)
  }

  private func size(_ json: JSON) -> Int { json.text.utf8.count }
}

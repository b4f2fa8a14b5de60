import Language

/// Messages as the store keeps them; `init(json:)` reads back what `json` wrote, and nothing else.
extension Message {
  public var json: JSON {
    var object = JSONObject()
    object["kind"] = .string(kind.rawValue)
    object["site"] = .string(site)
    object["watch"] = .string(watch)
    object["language"] = .string(language)
    object["title"] = .string(title)
    object["lines"] = .array(lines.map(\.json))
    object["link"] = link.map(JSON.string)
    object["at_ms"] = .integer(at.milliseconds)
    return .object(object)
  }

  public init?(json: JSON) {
    guard case .object(let object) = json, let kind = object.text("kind").flatMap(Kind.init(rawValue:)),
      let site = object.text("site"), let watch = object.text("watch"), let language = object.text("language"),
      let title = object.text("title"), case .array(let written)? = object["lines"],
      case .integer(let at)? = object["at_ms"]
    else { return nil }
    let lines = written.compactMap(Line.init(json:))
    guard lines.count == written.count else { return nil }
    self.init(
      kind: kind, site: site, watch: watch, language: language, title: title, lines: lines, link: object.text("link"),
      at: Instant(milliseconds: at))
  }
}

extension Message.Line {
  var json: JSON {
    var object = JSONObject()
    object["text"] = .string(text)
    object["change"] = change.map { .string($0.rawValue) }
    object["item_key"] = itemKey.map(JSON.string)
    if item != .null { object["item"] = item }
    object["link"] = link.map(JSON.string)
    return .object(object)
  }

  init?(json: JSON) {
    guard case .object(let object) = json, let text = object.text("text") else { return nil }
    let change = object.text("change").map(Change.Kind.init(rawValue:))
    if case .some(nil) = change { return nil }
    self.init(
      change: change ?? nil, text: text, itemKey: object.text("item_key"), item: object["item"] ?? .null,
      link: object.text("link"))
  }
}

extension JSONObject {
  fileprivate func text(_ name: String) -> String? {
    if case .string(let text)? = self[name] { text } else { nil }
  }
}

import Language
import PluginHost

/// A body as text that can be broken: JSON, a page that holds JSON, or markup.
struct PageText {
  private let text: String
  private let isJSON: Bool

  init(_ answer: Response) {
    text = String(decoding: answer.body, as: UTF8.self)
    isJSON = answer.header("Content-Type")?.contains("json") == true
  }

  private var holdsJSON: Bool { isJSON || text.contains("application/json") }

  /// Class names and ids, or the keys of objects.
  var names: Set<String> {
    var found: Set<String> = []
    if holdsJSON {
      collect(json, &found)
    } else {
      for mark in ["class=\"", "id=\""] {
        for part in text.split(separator: mark).dropFirst() {
          found.formUnion(part.prefix { $0 != "\"" }.split(separator: " ").map(String.init))
        }
      }
    }
    return found.filter { $0.count > 1 }
  }

  private func collect(_ json: JSON, _ found: inout Set<String>) {
    switch json {
    case .object(let object):
      // Names that are data stand in no spec.
      found.formUnion(object.names)
      for value in object.values { collect(value, &found) }
    case .array(let all): for value in all { collect(value, &found) }
    default: break
    }
  }

  func renaming(_ name: String) -> String {
    guard holdsJSON else {
      return text.replacing("\"\(name)\"", with: "\"\(name)-v2\"").replacing("\"\(name) ", with: "\"\(name)-v2 ")
        .replacing(" \(name)\"", with: " \(name)-v2\"")
    }
    // A value that reads the same keeps its place: only what stands before a colon is a key.
    return text.replacing("\"\(name)\":", with: "\"\(name)_v2\":").replacing("\"\(name)\" :", with: "\"\(name)_v2\":")
  }

  var wrapped: String {
    if holdsJSON { return with(.object(JSONObject([("data", json)]))) }
    return text.replacing("<body>", with: "<body><div class=\"shell\">").replacing("</body>", with: "</div></body>")
  }

  /// Every row one level deeper.
  var rowsWrapped: String {
    if holdsJSON {
      return with(
        changed { value in
          guard case .array(let all) = value, case .object? = all.first else { return value }
          return .array(all.map { .object(JSONObject([("node", $0)])) })
        })
    }
    return text.replacing("<li ", with: "<div class=\"cell\"><li ").replacing("</li>", with: "</li></div>")
      .replacing("<ul class=\"offers\">", with: "<div class=\"offers\">").replacing("</ul>", with: "</div>")
  }

  /// What the first level holds goes below a new one; of a page the list goes out of its place to the end.
  var moved: String {
    if holdsJSON {
      guard case .object(let object) = json else { return with(.object(JSONObject([("content", json)]))) }
      var (rest, moved) = (JSONObject(), JSONObject())
      for (name, value) in zip(object.names, object.values) {
        switch value {
        case .object, .array: moved[name] = value
        default: rest[name] = value
        }
      }
      rest["content"] = .object(moved)
      return with(.object(rest))
    }
    guard let list = list else { return text }
    return text.replacing(list, with: "<ul class=\"offers\"></ul>")
      .replacing("</body>", with: "<section class=\"new\">\(list.replacing("offers", with: "tiles"))</section></body>")
  }

  var emptied: String {
    if holdsJSON {
      return with(
        changed { value in
          guard case .array(let all) = value, case .object? = all.first else { return value }
          return .array([])
        })
    }
    return list.map { text.replacing($0, with: "<ul class=\"offers\"></ul>") } ?? text
  }

  private var list: String? {
    guard let start = text.firstRange(of: "<ul class=\"offers\">"), let end = text.firstRange(of: "</ul>") else {
      return nil
    }
    return String(text[start.lowerBound..<end.upperBound])
  }

  // MARK: JSON, alone or in a script

  private var script: Range<String.Index>? {
    guard let mark = text.firstRange(of: "application/json"),
      let open = text[mark.upperBound...].firstIndex(of: ">"),
      let close = text[open...].firstRange(of: "</script>")
    else { return nil }
    return text.index(after: open)..<close.lowerBound
  }

  private var json: JSON {
    let source = isJSON ? text : script.map { String(text[$0]) } ?? "null"
    return (try? JSON(parsing: source)) ?? .null
  }

  private func with(_ json: JSON) -> String {
    guard !isJSON else { return json.text }
    guard let script else { return text }
    return text[..<script.lowerBound] + json.text + text[script.upperBound...]
  }

  private func changed(_ change: (JSON) -> JSON) -> JSON {
    func go(_ value: JSON) -> JSON {
      switch change(value) {
      case .array(let all): return .array(all.map(go))
      case .object(let object):
        var result = JSONObject()
        for (name, value) in zip(object.names, object.values) { result[name] = go(value) }
        return .object(result)
      case let other: return other
      }
    }
    return go(json)
  }
}

import Language

/// JSON columns.
enum JSONText {
  /// Wider than for pages: what was within the limits there is stored inside an object or two of ours.
  private static let limits = JSONLimits(depth: 600, nodes: 10_000_000)

  /// nil for what is no JSON: a damaged store.
  static func read(_ text: String) -> JSON? { try? JSON(parsing: text, limits: limits) }

  static func write(_ json: JSON) -> String {
    switch json {
    case .null: "null"
    case .bool(let flag): flag ? "true" : "false"
    case .integer(let number): String(number)
    case .number(_, let lexeme): lexeme
    case .string(let text): quote(text)
    case .array(let values): "[" + values.map(write).joined(separator: ",") + "]"
    case .object(let object):
      "{" + zip(object.names, object.values).map { quote($0) + ":" + write($1) }.joined(separator: ",") + "}"
    }
  }

  private static func quote(_ text: String) -> String {
    var result = "\""
    for c in text.unicodeScalars {
      switch c {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where c.value < 0x20:
        let hex = String(c.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: result.unicodeScalars.append(c)
      }
    }
    return result + "\""
  }
}

import Language
import PluginHost

/// Fields as the store keeps them: an object in the spec's order of ``Value/encoded`` values.
enum ItemJSON {
  static func text(of fields: [Item.Field]) -> String {
    JSONText.write(.object(JSONObject(fields.map { ($0.name, $0.value.encoded) })))
  }

  /// - Throws: ``StoreError`` `damaged` for text that ``text(of:)`` never makes.
  static func fields(in text: String, path: String) throws -> [Item.Field] {
    guard case .object(let object)? = JSONText.read(text) else { throw damage(path) }
    return try zip(object.names, object.values).map { name, encoded in
      guard let value = Value(encoded: encoded) else { throw damage(path) }
      return Item.Field(name, value)
    }
  }

  static func damage(_ path: String) -> StoreError {
    StoreError(path: path, reason: .damaged, detail: "a stored value is not what this version writes")
  }
}

extension BranchName {
  /// Reads ``text`` back.
  init(text: String) {
    self.init(
      text.split(separator: "&").map { part in
        let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(BranchName.decoded)
        return Part(field: sides[0], value: sides.count > 1 ? sides[1] : "")
      })
  }

  /// Undoes the three escapes of ``text`` in one pass.
  private static func decoded(_ text: Substring) -> String {
    var result = ""
    var rest = text
    while let c = rest.first {
      if c == "%", let plain = ["%25": "%", "%26": "&", "%3D": "="][String(rest.prefix(3))] {
        result += plain
        rest = rest.dropFirst(3)
      } else {
        result.append(c)
        rest = rest.dropFirst()
      }
    }
    return result
  }
}

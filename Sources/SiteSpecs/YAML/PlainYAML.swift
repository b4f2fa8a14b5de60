import Diagnostics
import Language

/// YAML without a schema of its own, as the request files of samples: read within the same budgets as a spec.
public enum PlainYAML {
  /// - Returns: nil where the file holds nothing or can't be read; the diagnostics say why.
  public static func read(file: String, bytes: [UInt8]) -> (value: JSON?, diagnostics: [Diagnostic]) {
    let reading = YAMLReader().read(file: file, bytes: bytes)
    return (reading.root.map(\.json), reading.diagnostics)
  }
}

extension YAMLNode {
  fileprivate var json: JSON {
    switch content {
    case .sequence(let elements): .array(elements.map(\.json))
    case .mapping(let members): .object(JSONObject(members.map { ($0.name, $0.value.json) }))
    case .scalar(let scalar):
      switch scalar.resolved(tag: tag) {
      case .null: .null
      case .boolean(let value): .bool(value)
      case .integer(let value): .integer(value)
      case .decimal(let value, let text): .number(value, lexeme: text)
      case .text(let text): .string(text)
      }
    }
  }
}

import Language
import TestSupport

/// Walks a value together with its schema.
enum SchemaPlaces {
  static let kinds = ["css", "json", "pattern", "text", "xpath"]

  struct Place {
    var path: [Step]
    /// The definition's name; empty for the file itself.
    var table: String
    var properties: [String]?
    /// Whether names of the author's choice are taken.
    var isOpen: Bool
    var takesSelectors: Bool { kinds.allSatisfy { properties?.contains($0) == true } }

    /// The value with the members of this mapping changed.
    func replaced(in root: JSON, _ change: ([(String, JSON)]) -> [(String, JSON)]) -> JSON {
      root.changed(at: path[...]) { value in
        guard case .object(let members) = value else { return value }
        return .object(JSONObject(change(Array(zip(members.names, members.values)))))
      }
    }
  }

  enum Step: Hashable, CustomStringConvertible {
    case name(String)
    case index(Int)
    var description: String {
      switch self {
      case .name(let name): name
      case .index(let index): "\(index)"
      }
    }
  }

  /// Every mapping of `value` that the schema has a definition for.
  static func mappings(of value: JSON, _ root: JSON) -> [Place] {
    var places: [Place] = []
    walk(value, root, root, table: "", [], &places)
    return places
  }

  private static func walk(
    _ value: JSON, _ schema: JSON, _ root: JSON, table: String, _ path: [Step], _ places: inout [Place]
  ) {
    guard case .object(let words) = schema else { return }
    if case .string(let reference)? = words["$ref"] {
      let name = reference.split(separator: "/").last.map(String.init) ?? ""
      if name == "selector" { return }
      let target = root.member("definitions")?.member(name)
      return walk(value, target ?? .null, root, table: name, path, &places)
    }
    for word in ["anyOf", "allOf"] {
      guard case .array(let schemas)? = words[word] else { continue }
      for schema in schemas { walk(value, schema, root, table: table, path, &places) }
    }
    switch value {
    case .array(let items):
      guard let item = words["items"] else { return }
      for (index, value) in items.enumerated() { walk(value, item, root, table: "", path + [.index(index)], &places) }
    case .object(let members):
      guard words["type"] == .string("object") else { return }
      let properties = words["properties"]
      let others = words["additionalProperties"]
      if !table.isEmpty || path.isEmpty {
        let names: [String]? = if case .object(let object)? = properties { object.names } else { nil }
        places.append(
          Place(
            path: path, table: path.isEmpty ? places.isEmpty ? rootTable(root) : table : table,
            properties: names, isOpen: others != .bool(false)))
      }
      for (name, value) in zip(members.names, members.values) {
        guard let schema = properties?.member(name) ?? others else { continue }
        walk(value, schema, root, table: "", path + [.name(name)], &places)
      }
    default: break
    }
  }

  /// The file's own table: not among the definitions.
  private static func rootTable(_ root: JSON) -> String {
    guard case .string(let title)? = root.member("title") else { return "" }
    return title.split(separator: " ").last.map(String.init) ?? ""
  }
}

extension JSON {
  func member(_ name: String) -> JSON? { if case .object(let members) = self { members[name] } else { nil } }

  /// The value with what stands at `path` changed.
  func changed(at path: ArraySlice<SchemaPlaces.Step>, _ change: (JSON) -> JSON) -> JSON {
    guard let step = path.first else { return change(self) }
    let rest = path.dropFirst()
    switch (self, step) {
    case (.array(var items), .index(let index)) where items.indices.contains(index):
      items[index] = items[index].changed(at: rest, change)
      return .array(items)
    case (.object(let members), .name(let wanted)):
      return .object(
        JSONObject(
          zip(members.names, members.values).map { name, value in
            (name, name == wanted ? value.changed(at: rest, change) : value)
          }))
    default: return self
    }
  }
}

import Language

/// A request chain, named by the key fields it supplies: `service_id=81`. Empty where one request gives every item.
public struct BranchName: Sendable, Hashable, Comparable {
  public struct Part: Sendable, Hashable {
    public var field: String
    /// ``Value/keyText`` of the field.
    public var value: String
    public init(field: String, value: String) {
      self.field = field
      self.value = value
    }
  }

  /// In the order of the spec's `key`.
  public var parts: [Part]

  public init(_ parts: [Part] = []) { self.parts = parts }

  public static let root = BranchName()

  /// `center_id=5532&service_id=81`, with `%`, `&` and `=` in values percent-encoded; `` for the root.
  public var text: String {
    parts.map { part in
      part.field + "="
        + part.value.reduce(into: "") { text, c in
          switch c {
          case "%": text += "%25"
          case "&": text += "%26"
          case "=": text += "%3D"
          default: text.append(c)
          }
        }
    }.joined(separator: "&")
  }

  /// Whether every part of this name is a part of `other`: `other` is this branch or lies below it.
  public func contains(_ other: BranchName) -> Bool { parts.allSatisfy(other.parts.contains) }

  public static func < (a: BranchName, b: BranchName) -> Bool { a.text < b.text }
}

/// Something that appears and vanishes on a site. Identified by site + ``key``.
public struct Item: Sendable, Hashable {
  /// ``Value/keyText`` of each key field in the spec's order, joined by U+001F.
  public var key: String
  public var branch: BranchName
  /// Every visible field by name, in the spec's order, typed.
  public var fields: [Field]

  public struct Field: Sendable, Hashable {
    public var name: String
    public var value: Value
    public init(_ name: String, _ value: Value) {
      self.name = name
      self.value = value
    }
  }

  public init(key: String, branch: BranchName, fields: [Field]) {
    self.key = key
    self.branch = branch
    self.fields = fields
  }

  public subscript(name: String) -> Value? { fields.first { $0.name == name }?.value }

  public var scope: Scope { Scope(fields.map { ($0.name, $0.value) }) }
}

/// What happened to one item between two good readings.
public struct Change: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable { case added, removed, updated }

  public var kind: Kind
  /// As it is now; for `removed`, as it was last seen.
  public var item: Item
  /// For `updated`, the tracked fields as they were.
  public var before: [Item.Field]

  public init(_ kind: Kind, _ item: Item, before: [Item.Field] = []) {
    self.kind = kind
    self.item = item
    self.before = before
  }
}

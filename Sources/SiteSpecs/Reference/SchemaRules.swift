import Language

/// ``KeyRule``s in the words of JSON Schema, chosen so that an editor marks the key that is too much, not the mapping.
struct SchemaRules {
  private let selectors: [String]
  private let keys: [String]
  /// By key: what its presence forbids.
  private var forbidden: [(key: String, others: [String])] = []
  /// By key: what its presence asks for.
  private var asked: [(key: String, schema: JSON)] = []
  private var all: [JSON] = []

  /// - Parameters:
  ///   - selectors: What ``KeyRule/selector`` stands for, where they are no keys of the table.
  ///   - keys: The table's own.
  init(_ rules: [KeyRule], selectors: [String], keys: [String]) {
    self.selectors = selectors.filter { !keys.contains($0) }
    self.keys = keys
    for rule in rules { add(rule) }
  }

  /// To be put beside `properties`.
  var members: [(String, JSON)] {
    var members: [(String, JSON)] = []
    var dependencies: [(String, JSON)] = []
    var names: [String] = []
    for key in forbidden.map(\.key) + asked.map(\.key) where !names.contains(key) { names.append(key) }
    for name in names { dependencies.append((name, dependency(name))) }
    if !dependencies.isEmpty { members.append(("dependencies", .object(dependencies))) }
    if !all.isEmpty { members.append(("allOf", .array(all))) }
    return members
  }

  private func dependency(_ name: String) -> JSON {
    let others = forbidden.filter { $0.key == name }.flatMap(\.others)
    let schemas = asked.filter { $0.key == name }.map(\.schema)
    let properties = JSON.object([("properties", .object(others.map { ($0, JSON.bool(false)) }))])
    if schemas.isEmpty { return properties }
    if schemas.count == 1, others.isEmpty { return schemas[0] }
    return .object([("allOf", .array((others.isEmpty ? [] : [properties]) + schemas))])
  }

  private mutating func add(_ rule: KeyRule) {
    switch rule {
    case .exactlyOne(let names):
      all.append(anyOf(expanded(names)))
      exclude(expanded(names))
    case .atMostOne(let names): exclude(expanded(names))
    case .atLeastOne(let names): all.append(anyOf(expanded(names)))
    case .needs(let name, let others): asked.append((name, anyOf(expanded(others))))
    case .excludes(let name, let others): forbidden.append((name, others))
    case .falseBeside(let name, let others):
      let isFalse = JSON.object([("enum", .array([.bool(false)]))])
      asked.append((name, .object([("properties", .object(others.map { ($0, isFalse) }))])))
    case .belongs(let name, let other, let words):
      let value = JSON.object([("properties", .object([(other, .object([("enum", .strings(words))]))]))])
      asked.append((name, .object([("allOf", .array([required([other]), value]))])))
    case .exactlyOneName(let other): addNames(or: other)
    }
  }

  func expanded(_ names: [String]) -> [String] {
    names.flatMap { $0 == KeyRule.selector ? selectors : [$0] }
  }

  func anyOf(_ names: [String]) -> JSON {
    if names.count == 1 { return required(names) }
    return .object([("anyOf", .array(names.map { required([$0]) }))])
  }

  private func required(_ names: [String]) -> JSON { .object([("required", .strings(names))]) }

  /// Of two that stand together, the later one of the list is too much.
  private mutating func exclude(_ names: [String]) {
    for (index, name) in names.enumerated() where index + 1 < names.count {
      forbidden.append((name, Array(names[(index + 1)...])))
    }
  }

  /// Beside the table's own keys one more, or none where `other` is there: counted, as its name is free.
  private mutating func addNames(or other: String) {
    let own = keys.filter { $0 != other }
    let onlyOwn = JSON.object([("propertyNames", .object([("enum", .strings(keys))]))])
    all.append(.object([("if", required([other])), ("then", onlyOwn), ("else", exactly(1, beside: own[...]))]))
  }

  private func exactly(_ count: Int64, beside own: ArraySlice<String>) -> JSON {
    guard let first = own.first else {
      return .object([("minProperties", .integer(count)), ("maxProperties", .integer(count))])
    }
    return .object([
      ("if", required([first])), ("then", exactly(count + 1, beside: own.dropFirst())),
      ("else", exactly(count, beside: own.dropFirst())),
    ])
  }
}

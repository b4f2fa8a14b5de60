import Diagnostics

/// One key of a mapping: declared once, with its name, its help and how its value is read.
struct Key<Target>: Sendable {
  let name: String
  /// One sentence for the reference.
  let help: String
  let shape: Shape
  let isRequired: Bool
  /// What holds where the key is not given, as it would be written.
  let standard: String?
  let read: @Sendable (Entry, inout Target, SpecContext) -> Void

  /// A key whose reading needs what was read before it.
  init(
    _ name: String, _ help: String, _ shape: Shape, required: Bool = false, default standard: String? = nil,
    read: @escaping @Sendable (Entry, inout Target, SpecContext) -> Void
  ) {
    self.name = name
    self.help = help
    self.shape = shape
    isRequired = required
    self.standard = standard
    self.read = read
  }

  /// A key that fills one property.
  init<Value>(
    _ name: String, _ help: String, _ reading: Reading<Value>, required: Bool = false,
    default standard: String? = nil, into property: any WritableKeyPath<Target, Value> & Sendable
  ) {
    self.init(name, help, reading.shape, required: required, default: standard) { entry, target, context in
      if let value = reading(entry, context) { target[keyPath: property] = value }
    }
  }

  /// A key that fills one optional property.
  init<Value>(
    _ name: String, _ help: String, _ reading: Reading<Value>, required: Bool = false,
    default standard: String? = nil, into property: any WritableKeyPath<Target, Value?> & Sendable
  ) {
    self.init(name, help, reading.shape, required: required, default: standard) { entry, target, context in
      if let value = reading(entry, context) { target[keyPath: property] = value }
    }
  }
}

/// The keys that a mapping may have.
///
/// Keys are read in the table's order, not the file's, so what a key needs (the names that `fields` defines, for
/// `keep`) stands before it.
struct KeyTable<Target>: Sendable {
  /// Names the table in the reference: `step`.
  let name: String
  let keys: [Key<Target>]
  let rules: [KeyRule]
  /// What ``others`` takes; nil where there are none.
  let further: FurtherKeys?
  /// Reads keys of the author's choice; without it they are errors.
  let others: (@Sendable (Entry, inout Target, SpecContext) -> Void)?

  init(
    _ name: String, _ keys: [Key<Target>], rules: [KeyRule] = [], further: FurtherKeys? = nil,
    others: (@Sendable (Entry, inout Target, SpecContext) -> Void)? = nil
  ) {
    self.name = name
    self.keys = keys
    self.rules = rules
    self.further = further
    self.others = others
  }

  /// The members that are given, by name; a mistyped one also by the name that was meant.
  typealias Given = [String: Entry]

  /// Reads a mapping into `target`; nil for what is no mapping.
  @discardableResult
  func read(_ entry: Entry, into target: inout Target, _ context: SpecContext) -> Given? {
    guard let members = entry.members else { return context.mismatch("a mapping", entry, help: accepted) }
    let given = Given(members.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var mistyped = Given()
    for member in members where !keys.contains(where: { $0.name == member.name }) {
      if let others {
        others(member, &target, context)
      } else if let meant = refuse(member, given, context) {
        mistyped[meant] = member
      }
    }
    for key in keys {
      if let member = given[key.name] {
        if member.node.isNull {
          context.error("'\(key.name)' has no value", at: member.atKey, help: "expected \(key.shape.text)")
        } else {
          key.read(member, &target, context)
        }
      } else if key.isRequired, mistyped[key.name] == nil {
        let place = Entry(node: entry.key ?? entry.node, key: entry.key, path: entry.path)
        context.error("the key '\(key.name)' is missing", at: place, help: "\(key.name): \(key.help)")
      }
    }
    return given.merging(mistyped) { first, _ in first }
  }

  /// - Returns: The key that was probably meant, so that it is not told to be missing too.
  private func refuse(_ member: Entry, _ given: Given, _ context: SpecContext) -> String? {
    context.error(
      "unknown key \(quoted(member.name))", at: member.atKey,
      help: suggestion(for: member.name, among: keys.map(\.name), calling: "keys here"))
    return didYouMean(member.name, among: keys.map(\.name).filter { given[$0] == nil })
  }

  private var accepted: String { "keys here: \(keys.map(\.name).joined(separator: ", "))" }
}

/// A table as the reference pages and the JSON Schema show it.
public struct TableReference: Sendable, Hashable {
  public struct Key: Sendable, Hashable {
    public var name: String
    public var help: String
    public var shape: Shape
    public var isRequired: Bool
    /// What holds where the key is not given, as it would be written.
    public var standard: String?
  }

  public var name: String
  public var keys: [Key]
  public var rules: [KeyRule]
  /// Keys that may stand beside these; nil where there are no others.
  public var further: FurtherKeys?
}

extension KeyTable {
  var reference: TableReference {
    TableReference(
      name: name,
      keys: keys.map {
        TableReference.Key(
          name: $0.name, help: $0.help, shape: $0.shape, isRequired: $0.isRequired, standard: $0.standard)
      }, rules: rules, further: further)
  }
}

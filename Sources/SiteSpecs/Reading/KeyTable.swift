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
  /// Of ``keys``, by name.
  private let positions: [String: Int]

  init(
    _ name: String, _ keys: [Key<Target>], rules: [KeyRule] = [], further: FurtherKeys? = nil,
    others: (@Sendable (Entry, inout Target, SpecContext) -> Void)? = nil
  ) {
    self.name = name
    self.keys = keys
    self.rules = rules
    self.further = further
    self.others = others
    positions = Dictionary(keys.enumerated().map { ($1.name, $0) }) { first, _ in first }
  }

  /// The members that are given, by name; a mistyped one also by the name that was meant.
  struct Given {
    fileprivate let members: [Entry]
    fileprivate var meant: [(name: String, entry: Entry)] = []

    subscript(name: String) -> Entry? {
      members.first { $0.name == name } ?? meant.first { $0.name == name }?.entry
    }

    var keys: [String] { members.map(\.name) + meant.map(\.name) }
  }

  /// Reads a mapping into `target`; nil for what is no mapping.
  ///
  /// A key that was surely meant is read as such, so that one slip of the pen is told once and hides nothing below it.
  @discardableResult
  func read(_ entry: Entry, into target: inout Target, _ context: SpecContext) -> Given? {
    guard let members = entry.members else { return context.mismatch("a mapping", entry, help: accepted) }
    var given = Given(members: members)
    // Which member each key has: looked up once a member, as most keys are not given in most mappings.
    var places = [Int](repeating: -1, count: keys.count)
    var strangers: [Int] = []
    for (index, member) in members.enumerated() {
      if let position = positions[member.name] { places[position] = index } else { strangers.append(index) }
    }
    for index in strangers {
      let member = members[index]
      if let meant = take(member, given, context) {
        given.meant.append((meant, member))
        if let position = positions[meant] { places[position] = index }
      } else {
        others?(member, &target, context)
      }
    }
    for index in keys.indices {
      guard places[index] >= 0 else {
        if keys[index].isRequired { tellMissing(keys[index], in: entry, context) }
        continue
      }
      let member = members[places[index]]
      let key = keys[index]
      if member.node.isNull, !(key.shape == .literal && member.node.scalar?.text.isEmpty == false) {
        context.error(
          .missingValue, "'\(key.name)' has no value", at: member.atKey, help: "expected \(key.shape.text)")
      } else {
        key.read(member, &target, context)
      }
    }
    return given
  }

  private func tellMissing(_ key: Key<Target>, in entry: Entry, _ context: SpecContext) {
    var place = entry
    place.node = entry.key ?? entry.node
    context.error(.missingKey, "the key '\(key.name)' is missing", at: place, help: "\(key.name): \(key.help)")
  }

  /// Refuses a key that is none here.
  ///
  /// - Returns: The key it was meant to be, where that can be told; then it is read as such.
  private func take(_ member: Entry, _ given: Given, _ context: SpecContext) -> String? {
    let missing = keys.filter { given[$0.name] == nil }
    if others != nil {
      // Further keys are the author's own, unless one is missing that must be there.
      guard let meant = surelyMeant(member.name, among: missing.filter(\.isRequired).map(\.name)) else { return nil }
      context.refuseKey(member, meant: meant, among: keys.map(\.name), table: name)
      return meant
    }
    let fitting = missing.filter { $0.shape.fits(member.node) }.map(\.name)
    let meant =
      fitting.named(alsoAs: member.name) ?? didYouMean(member.name, among: fitting)
      ?? didYouMean(member.name, among: missing.map(\.name))
    context.refuseKey(member, meant: meant, among: keys.map(\.name), table: name)
    return meant
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

extension SpecContext {
  /// - Parameters:
  ///   - meant: What it was probably meant to be.
  ///   - table: The table that it stands in, which is not its home.
  func refuseKey(_ member: Entry, meant: String?, among accepted: [String], table: String) {
    let guess = meant ?? didYouMean(member.name, among: accepted)
    var help = suggestion(guess, among: accepted, calling: "keys here")
    if member.name.unicodeScalars.contains(where: { "“”„«»".unicodeScalars.contains($0) }) {
      help = "YAML's quotes are plain: \" or '; " + help
    } else if member.name.hasPrefix("_") {
      help = "write remarks behind a '#'; " + help
    } else if guess == nil, let home = KeyHomes.help(for: member.name, notIn: table) {
      help = home + "; " + help
    }
    let isSure = meant.map { surelyMeant(member.name, among: accepted) == $0 || synonyms[member.name] == [$0] } ?? false
    error(
      .unknownKey, "unknown key \(quoted(member.name))", at: member.atKey, help: help,
      fix: isSure ? meant.flatMap { self.fix("write '\($0)'", member.atKey, $0) } : nil)
  }
}

import Diagnostics
import Language

/// The names that templates and expressions may use at some point of a file, in the order in which they were defined.
struct NameScope: Sendable {
  enum Origin: Sendable, Hashable {
    /// `site`, and what every notifier is given.
    case builtin
    case parameter
    /// Of `pages`, in a step counted from 0.
    case page(step: Int)
    /// Of a row or document, in a step counted from 0.
    case field(step: Int)
    case option(isSecret: Bool)

    var word: String {
      switch self {
      case .builtin: "a name that is always there"
      case .parameter: "a parameter of the watch"
      case .page: "a page's name"
      case .field: "a field"
      case .option: "an option"
      }
    }
  }

  struct Name: Sendable, Hashable {
    var type: ValueType
    var origin: Origin
    var location: SpecLocation?
    /// What it is read from, of a field without `as:`.
    var untyped: Untyped?
  }

  /// Where a value of no type of its own comes from.
  enum Untyped: Sendable, Hashable {
    /// Always text.
    case markup
    /// Text, a number or a boolean, never a day or money.
    case json
  }

  private(set) var order: [String] = []
  private var table: [String: Name] = [:]

  subscript(name: String) -> Name? { table[name] }

  mutating func set(
    _ name: String, _ type: ValueType, _ origin: Origin, at location: SpecLocation? = nil, untyped: Untyped? = nil
  ) {
    let entry = Name(type: type, origin: origin, location: location, untyped: untyped)
    if table.updateValue(entry, forKey: name) == nil {
      order.append(name)
    }
  }

  /// For ``Expression``.
  var types: [String: ValueType] { table.mapValues(\.type) }

  /// Names whose type nobody said, with what they are read from.
  var untyped: [String: Untyped] { table.compactMapValues(\.untyped) }

  /// Names that rows and pages define: what an item can be told apart by.
  var fields: [String] {
    order.filter { name in
      switch table[name]?.origin {
      case .field, .page: true
      default: false
      }
    }
  }

  /// Adds what `other` defines beyond this: the scope after a list of alternatives. Types that differ become unknown.
  mutating func formUnion(_ other: NameScope) {
    for name in other.order {
      guard let theirs = other.table[name] else { continue }
      if let mine = table[name] {
        if mine.type != theirs.type { table[name]?.type = .unknown }
        if mine.untyped != theirs.untyped { table[name]?.untyped = nil }
      } else {
        set(name, theirs.type, theirs.origin, at: theirs.location, untyped: theirs.untyped)
      }
    }
  }
}

extension SpecContext {
  /// Defines a field or page name at `entry` (whose key is the name), unless that is an error.
  func define(
    _ type: ValueType, _ origin: NameScope.Origin, at entry: Entry, untyped: NameScope.Untyped? = nil
  ) {
    let name = entry.name
    let place = entry.atKey
    guard isNameWellFormed(name) else {
      if refuseHiddenCharacter(name, at: place) { return }
      error(
        .badName, "\(quoted(name)) can't be a name", at: place,
        help: "names are small letters, digits and '_', at most 64, beginning with a letter or '_'")
      return defineMeant(name, type, origin, at: place)
    }
    if reservedWords.contains(name) {
      error(
        .badName, "'\(name)' is a word of expressions and can't be a name", at: place,
        help: "give it another name")
      return
    }
    guard let old = names[name] else {
      return names.set(name, type, origin, at: location(of: place), untyped: untyped)
    }
    if case .field(let mine) = origin, case .field(let theirs) = old.origin, theirs < mine {
      // A later step fills the field where it is null.
      names.set(
        name, old.type == type ? type : .unknown, .field(step: mine), at: location(of: place),
        untyped: old.untyped == untyped ? untyped : nil)
      return
    }
    error(
      .duplicateName, "the name '\(name)' is defined already: it is \(old.origin.word)", at: place,
      help: "give one of them another name",
      notes: old.location.map { [Diagnostic.Note("the first definition is", at: $0)] } ?? [])
  }
}

extension SpecContext {
  /// The name as it would be well formed, so that its uses are not told too.
  private func defineMeant(_ name: String, _ type: ValueType, _ origin: NameScope.Origin, at place: Entry) {
    for meant in [name, name.lowercased().replacing("-", with: "_")] where names[meant] == nil {
      names.set(meant, type, origin, at: location(of: place))
    }
  }
}

/// `center_id`, `_x1`.
func isNameWellFormed(_ name: String) -> Bool {
  guard let first = name.utf8.first, name.utf8.count <= 64, first < UInt8(ascii: "0") || first > UInt8(ascii: "9")
  else {
    return false
  }
  return name.utf8.allSatisfy { byte in
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || byte == UInt8(ascii: "_")
  }
}

/// Words that mean something in expressions.
let reservedWords: Set<String> = ["or", "and", "not", "in", "matches", "now", "true", "false", "null"]

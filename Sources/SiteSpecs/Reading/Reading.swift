import Diagnostics

/// How one kind of value is read, with its description.
///
/// Reading gives nil after it has reported a problem: the file is read on, so that all are found in one pass.
struct Reading<Value>: Sendable {
  let shape: Shape
  private let body: @Sendable (Entry, SpecContext) -> Value?

  init(_ shape: Shape, _ body: @escaping @Sendable (Entry, SpecContext) -> Value?) {
    self.shape = shape
    self.body = body
  }

  func callAsFunction(_ entry: Entry, _ context: SpecContext) -> Value? { body(entry, context) }
}

extension Reading {
  /// The same, described otherwise: as what its keys say of each other.
  func described(as shape: Shape) -> Reading<Value> { Reading(shape, body) }
}

extension Reading where Value: Sendable {
  func map<Other>(_ transform: @escaping @Sendable (Value) -> Other) -> Reading<Other> {
    Reading<Other>(shape) { entry, context in self(entry, context).map(transform) }
  }
}

extension Reading {
  /// A list; what can't be read is left out.
  func list(atLeast least: Int = 0) -> Reading<[Value]> {
    Reading<[Value]>(.list(shape, atLeast: least)) { entry, context in
      guard let elements = entry.elements else { return context.mismatch("a list", entry, help: "write it as [ … ]") }
      if elements.count < least {
        let help =
          least > 1 ? "one alone needs no list: write it as 'json', 'css' or 'xpath'" : "expected \(shape.text)"
        return context.mismatch("at least \(least) in the list", entry, help: help)
      }
      return elements.compactMap { self($0, context) }
    }
  }

  /// A list, or a value that is not one for a list of one.
  var oneOrMany: Reading<[Value]> {
    Reading<[Value]>(.oneOrMany(shape)) { entry, context in
      guard let elements = entry.elements else {
        if entry.members != nil, !shape.fits(entry.node), context.unquotedTemplate(entry.node) == nil {
          return context.mismatch(shape.text, entry, help: "write one of them, or a list: [ …, … ]")
        }
        return self(entry, context).map { [$0] }
      }
      if elements.isEmpty { return context.mismatch("at least one in the list", entry, help: "expected \(shape.text)") }
      return elements.compactMap { self($0, context) }
    }
  }

  /// A mapping with free names, in file order.
  func map(names: String) -> Reading<[(Entry, Value)]> {
    Reading<[(Entry, Value)]>(.map(names: names, shape)) { entry, context in
      guard let members = entry.members else { return context.mismatch("a mapping", entry) }
      return members.compactMap { member in self(member, context).map { (member, $0) } }
    }
  }
}

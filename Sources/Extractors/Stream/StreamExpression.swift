/// An XPath that is answered from a ``PageTape``.
///
/// The part of XPath 1.0 that specs use and that is exact without libxml2's arithmetic: paths, conditions on attributes,
/// texts and positions, and functions of texts. ``StreamCompiler`` says why where an expression is not of it.
indirect enum StreamExpression: Sendable {
  case path(StreamPath)
  /// `@name`, `@name='…'` and the like as a condition: by far the most frequent, and answered on the tag itself.
  case attribute(TapeName, AttributeTest)
  case union([StreamPath])
  case literal([UInt8])
  case number(Int)
  case position
  case last
  case count(StreamPath)
  case stringLength(StreamExpression)
  case string(StreamExpression)
  case normalizeSpace(StreamExpression)
  case concat([StreamExpression])
  case substringBefore(StreamExpression, StreamExpression)
  case substringAfter(StreamExpression, StreamExpression)
  case contains(StreamExpression, StreamExpression)
  case startsWith(StreamExpression, StreamExpression)
  case truth(Bool)
  case not(StreamExpression)
  case and([StreamExpression])
  case or([StreamExpression])
  case equal(StreamExpression, StreamExpression, isNegated: Bool)
  case order(StreamExpression, StreamExpression, Order)

  enum Order: String, Sendable { case less = "<", atMost = "<=", more = ">", atLeast = ">=" }

  enum AttributeTest: Sendable {
    case exists
    case equals([UInt8])
    case differs([UInt8])
    case contains([UInt8])
    case startsWith([UInt8])
  }

  /// XPath's four kinds of values.
  enum Kind { case nodes, text, number, truth }

  var kind: Kind {
    switch self {
    case .path, .union: .nodes
    case .literal, .string, .normalizeSpace, .concat, .substringBefore, .substringAfter: .text
    case .number, .position, .last, .count, .stringLength: .number
    case .attribute, .contains, .startsWith, .truth, .not, .and, .or, .equal, .order: .truth
    }
  }

  /// Whether `position()` or `last()` is asked here, outside of the paths' own predicates.
  var asksPosition: Bool {
    switch self {
    case .position, .last: true
    case .path, .attribute, .union, .literal, .number, .count, .truth: false
    case .stringLength(let a), .string(let a), .normalizeSpace(let a), .not(let a): a.asksPosition
    case .concat(let all), .and(let all), .or(let all): all.contains { $0.asksPosition }
    case .substringBefore(let a, let b), .substringAfter(let a, let b), .contains(let a, let b),
      .startsWith(let a, let b), .equal(let a, let b, _), .order(let a, let b, _):
      a.asksPosition || b.asksPosition
    }
  }
}

struct StreamPath: Sendable {
  indirect enum Start: Sendable {
    case context
    case root
    /// `(…)[1]/a`
    case filter([StreamPath], predicates: [StreamPredicate])
  }

  var start: Start
  var steps: [StreamStep]
}

/// A class, as ``StreamPredicate``: steps are run far more often than they are made, and lending a reference is cheaper
/// than copying what a step holds.
final class StreamStep: Sendable {
  enum Axis: Sendable {
    case child, descendant, descendantOrSelf, `self`, parent, ancestor, ancestorOrSelf, followingSibling,
      precedingSibling, attribute
  }

  enum Test: Sendable {
    /// A name that no element of HTML has in libxml2's tree, such as one in capitals, is never met.
    case name(TapeName)
    case anyElement
    case text
    /// Of `.` and `..` only.
    case node
    case never
  }

  let axis: Axis
  let test: Test
  let predicates: [StreamPredicate]
  /// Whether `//` stands before it.
  let isDeep: Bool
  let asksPosition: Bool
  /// ``test``, where it is a name that its key tells from all others.
  let nameKey: NameKey?
  /// The one predicate, where that asks for an attribute.
  let condition: StreamPredicate.AttributeCondition?

  init(axis: Axis, test: Test, predicates: [StreamPredicate], isDeep: Bool) {
    self.axis = axis
    self.test = test
    self.predicates = predicates
    self.isDeep = isDeep
    asksPosition = predicates.contains { $0.asksPosition }
    nameKey = if case .name(let name) = test, !name.key.isLong { name.key } else { nil }
    condition = predicates.count == 1 ? predicates[0].attribute : nil
  }
}

final class StreamPredicate: Sendable {
  let condition: StreamExpression
  /// The condition, where it is one of an attribute only.
  let attribute: AttributeCondition?
  /// Whether it depends on the place among the nodes of its step.
  let asksPosition: Bool

  final class AttributeCondition: Sendable {
    let name: TapeName
    let test: StreamExpression.AttributeTest
    /// What the value must be, where that is the test.
    let wanted: [UInt8]?
    /// `name="`, where that fits into a word and the value is all that is asked.
    let opening: (word: UInt64, length: Int)?
    /// The value, and the quote behind it.
    let closing: [UInt8]

    init(_ name: TapeName, _ test: StreamExpression.AttributeTest) {
      self.name = name
      self.test = test
      wanted = if case .equals(let text) = test { text } else { nil }
      let start = name.bytes + Array("=\"".utf8)
      let isPlain = wanted.map { !$0.contains(UInt8(ascii: "&")) && !$0.contains(UInt8(ascii: "\"")) } ?? false
      opening = isPlain && start.count <= 8 ? (ASCIIWord.word(of: start), start.count) : nil
      closing = (wanted ?? []) + [UInt8(ascii: "\"")]
    }
  }

  init(_ condition: StreamExpression) {
    self.condition = condition
    if case .attribute(let name, let test) = condition {
      attribute = AttributeCondition(name, test)
    } else {
      attribute = nil
    }
    asksPosition = condition.kind == .number || condition.asksPosition
  }
}

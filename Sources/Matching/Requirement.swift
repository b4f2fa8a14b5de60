import Language

/// Something that must be so for a condition to hold, and that can be looked up.
struct Lookup: Sendable, Hashable {
  enum Test: Sendable, Hashable {
    case keys([EqualKey])
    case span(Axis, Span)
  }
  var subject: Int32
  var test: Test
}

/// What a condition needs at least: one of the alternatives, of which each asks for all of its look-ups.
///
/// Only ever too wide, never too narrow: whoever is found this way is judged by the whole condition.
struct Requirement {
  /// An `or` of more alternatives than this is not looked up: found by judgement, nobody writes so many by hand.
  static let maxAlternatives = 8
  /// Of an `in`, likewise; each costs an entry.
  static let maxKeys = 256

  /// nil: nothing that can be looked up. Empty: it can't hold.
  var alternatives: [[Lookup]]?

  /// - Parameter subject: The number of a subject.
  init(_ shape: ExpressionShape, zone: TimeZoneRules, subject: (ExpressionSubject) -> Int32) {
    alternatives = Requirement.alternatives(shape, zone, subject)
  }

  private static func alternatives(
    _ shape: ExpressionShape, _ zone: TimeZoneRules, _ subject: (ExpressionSubject) -> Int32
  ) -> [[Lookup]]? {
    switch shape {
    case .opaque: return nil
    case .term(let term):
      return test(term, zone).map { [[Lookup(subject: subject(term.subject), test: $0)]] }
    case .any(let parts):
      var all: [[Lookup]] = []
      for part in parts {
        guard let some = alternatives(part, zone, subject) else { return nil }
        all += some
      }
      return all.count > maxAlternatives ? nil : all
    case .all(let parts):
      let known = parts.compactMap { alternatives($0, zone, subject) }
      if known.contains(where: \.isEmpty) { return [] }
      let needed = known.filter { $0.count == 1 }.flatMap { $0[0] }
      // Of what is left one would do; the first is as good as any.
      return needed.isEmpty ? known.first : [merged(needed)]
    }
  }

  /// Spans of one field on one axis are one span.
  private static func merged(_ lookups: [Lookup]) -> [Lookup] {
    var merged: [Lookup] = []
    for lookup in lookups {
      if case .span(let axis, let span) = lookup.test,
        let index = merged.firstIndex(where: { other in
          if case .span(axis, _) = other.test { other.subject == lookup.subject } else { false }
        }), case .span(_, let other) = merged[index].test
      {
        merged[index].test = .span(axis, span.intersection(other))
      } else {
        merged.append(lookup)
      }
    }
    return merged
  }

  private static func test(_ term: ExpressionTerm, _ zone: TimeZoneRules) -> Lookup.Test? {
    switch term.test {
    case .isNull(true): .keys([.null])
    case .isNull(false): nil
    case .equal(let operand): isIn([operand], zone)
    case .isIn(let operands): isIn(operands, zone)
    case .less(let operand, _):
      Axis.place(of: operand, in: zone).map { .span($0.axis, .upTo($0.at)) }
    case .greater(let operand, _):
      Axis.place(of: operand, in: zone).map { .span($0.axis, .from($0.at)) }
    }
  }

  private static func isIn(_ operands: [ExpressionTerm.Operand], _ zone: TimeZoneRules) -> Lookup.Test? {
    guard operands.count <= maxKeys else { return nil }
    let keys = operands.compactMap { operand in
      if case .value(let value) = operand { EqualKey(value) } else { nil }
    }
    if keys.count == operands.count { return .keys(Array(Set(keys))) }
    let places = operands.compactMap { Axis.place(of: $0, in: zone) }
    guard places.count == operands.count, let first = places.first, places.allSatisfy({ $0.axis == first.axis }) else {
      return nil
    }
    return .span(first.axis, places.reduce(.at(first.at)) { $0.union(.at($1.at)) })
  }
}

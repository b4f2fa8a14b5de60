/// What an expression asks of which field, as far as that can be said without a value: for whoever keeps very many
/// expressions and wants to know which of them a value could fulfil.
public indirect enum ExpressionShape: Sendable, Hashable {
  case term(ExpressionTerm)
  /// Every part; always true where there is none.
  case all([ExpressionShape])
  /// One part at least; never true where there is none.
  case any([ExpressionShape])
  /// Nothing can be said: only ``Expression/holds(in:_:)`` tells.
  case opaque

  /// Whether ``holds(_:)`` says exactly what the expression would.
  public var isExact: Bool {
    switch self {
    case .term: true
    case .all(let parts), .any(let parts): parts.allSatisfy(\.isExact)
    case .opaque: false
    }
  }

  /// - Parameter term: Whether a term holds; asked in order, and no more than needed.
  public func holds(_ term: (ExpressionTerm) -> Bool) -> Bool {
    switch self {
    case .term(let own): term(own)
    case .all(let parts): parts.allSatisfy { $0.holds(term) }
    case .any(let parts): parts.contains { $0.holds(term) }
    case .opaque: true
    }
  }
}

/// A field, or one member of it: `start`, `start.hour`.
public struct ExpressionSubject: Sendable, Hashable {
  public let name: String
  let member: ExpressionMember?

  public var text: String { member.map { "\(name).\($0.rawValue)" } ?? name }

  public func value(in scope: Scope, _ context: RenderContext) -> Value {
    let base = scope[name] ?? .null
    guard let member else { return base }
    return ExpressionEvaluator(scope: scope, context: context).member(member, of: base)
  }
}

/// One comparison of a field with something that no item changes.
public struct ExpressionTerm: Sendable, Hashable {
  public enum Operand: Sendable, Hashable {
    case value(Value)
    /// Day and time on the wall of the zone.
    case local(CivilDate, CivilTime)
    /// So much after `now`; before it where negative.
    case now(plus: Duration)
  }

  public enum Test: Sendable, Hashable {
    case equal(Operand)
    case less(Operand, orEqual: Bool)
    case greater(Operand, orEqual: Bool)
    case isIn([Operand])
    case isNull(Bool)
  }

  public let subject: ExpressionSubject
  public let test: Test

  /// What the comparison gives for the field's `value`: the same as in the whole expression.
  public func holds(for value: Value, _ context: RenderContext) -> Bool {
    switch test {
    case .isNull(let wanted): value.isNull == wanted
    case .isIn(let operands): operands.contains { ExpressionComparison.equal.holds(compare(value, $0, context)) }
    case .equal(let operand): ExpressionComparison.equal.holds(compare(value, operand, context))
    case .less(let operand, let orEqual):
      (orEqual ? ExpressionComparison.lessOrEqual : .less).holds(compare(value, operand, context))
    case .greater(let operand, let orEqual):
      (orEqual ? ExpressionComparison.greaterOrEqual : .greater).holds(compare(value, operand, context))
    }
  }

  private func compare(_ value: Value, _ operand: Operand, _ context: RenderContext) -> Comparison {
    value.compared(to: operand.value(context), zone: context.zone)
  }
}

extension ExpressionTerm.Operand {
  public func value(_ context: RenderContext) -> Value {
    switch self {
    case .value(let value): value
    case .local(let date, let time): .instant(context.zone.instant(of: date, time))
    case .now(let plus): .instant(context.now + plus)
    }
  }
}

extension Expression {
  public var shape: ExpressionShape { root.shape }
}

extension ExpressionNode {
  fileprivate var shape: ExpressionShape {
    switch self {
    case .literal(let value): value == .boolean(true) ? .all([]) : .any([])
    case .all(let parts): .all(parts.map(\.shape))
    case .any(let parts): .any(parts.map(\.shape))
    case .isNull(let operand, let wanted): Self.term(operand, .isNull(wanted))
    case .compare(let left, let comparison, let right): Self.comparison(left, comparison, right)
    case .within(let left, .list(let items)):
      Self.operands(items).map { Self.term(left, .isIn($0)) } ?? .opaque
    // A boolean that stands alone.
    case .name, .member: Self.term(self, .equal(.value(.boolean(true))))
    default: .opaque
    }
  }

  private static func term(_ node: ExpressionNode, _ test: ExpressionTerm.Test) -> ExpressionShape {
    switch node {
    case .name(let name):
      .term(ExpressionTerm(subject: ExpressionSubject(name: name, member: nil), test: test))
    case .member(.name(let name), let member):
      .term(ExpressionTerm(subject: ExpressionSubject(name: name, member: member), test: test))
    default: .opaque
    }
  }

  private static func comparison(
    _ left: ExpressionNode, _ comparison: ExpressionComparison, _ right: ExpressionNode
  ) -> ExpressionShape {
    if let operand = right.operand { return term(left, comparison, operand) }
    if let operand = left.operand { return term(right, comparison.mirrored, operand) }
    return .opaque
  }

  private static func term(
    _ node: ExpressionNode, _ comparison: ExpressionComparison, _ operand: ExpressionTerm.Operand
  ) -> ExpressionShape {
    switch comparison {
    case .equal: term(node, .equal(operand))
    // True of nearly everything: nothing to look up.
    case .unequal: .opaque
    case .less: term(node, .less(operand, orEqual: false))
    case .lessOrEqual: term(node, .less(operand, orEqual: true))
    case .greater: term(node, .greater(operand, orEqual: false))
    case .greaterOrEqual: term(node, .greater(operand, orEqual: true))
    }
  }

  private static func operands(_ nodes: [ExpressionNode]) -> [ExpressionTerm.Operand]? {
    let operands = nodes.compactMap(\.operand)
    return operands.count == nodes.count ? operands : nil
  }

  /// nil for what depends on the item.
  private var operand: ExpressionTerm.Operand? {
    switch self {
    case .literal(let value): return .value(value)
    case .now: return .now(plus: .zero)
    case .local(let date, let time): return .local(date, time)
    case .sum(.now, .literal(.duration(let by)), let negative):
      return .now(plus: negative ? .zero - by : by)
    case .sum(.literal(.duration(let by)), .now, negative: false): return .now(plus: by)
    default: return nil
    }
  }
}

extension ExpressionComparison {
  /// `12 > x` is `x < 12`.
  fileprivate var mirrored: ExpressionComparison {
    switch self {
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    case .equal, .unequal: self
    }
  }
}

extension Expression {
  /// The conjunction of some terms: for whoever kept them and the text, and not the parsed form.
  public init(source: String, terms: [ExpressionTerm]) {
    self.source = source
    names = Set(terms.map(\.subject.name))
    type = .boolean
    root = terms.count == 1 ? terms[0].node : .all(terms.map(\.node))
  }
}

extension ExpressionTerm {
  fileprivate var node: ExpressionNode {
    let name = ExpressionNode.name(subject.name)
    let left = subject.member.map { ExpressionNode.member(name, $0) } ?? name
    return switch test {
    case .equal(let operand): .compare(left, .equal, operand.node)
    case .less(let operand, let orEqual): .compare(left, orEqual ? .lessOrEqual : .less, operand.node)
    case .greater(let operand, let orEqual): .compare(left, orEqual ? .greaterOrEqual : .greater, operand.node)
    case .isIn(let operands): .within(left, .list(operands.map(\.node)))
    case .isNull(let wanted): .isNull(left, wanted)
    }
  }
}

extension ExpressionTerm.Operand {
  fileprivate var node: ExpressionNode {
    switch self {
    case .value(let value): .literal(value)
    case .local(let date, let time): .local(date, time)
    case .now(let plus): .sum(.now, .literal(.duration(plus)), negative: false)
    }
  }
}

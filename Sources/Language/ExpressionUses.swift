extension Expression {
  /// A name that stands where only a value of some type makes sense.
  public struct TypedUse: Sendable, Hashable {
    public var name: String
    /// What it is held against.
    public var type: ValueType
    /// Whether a JSON value, too, is never of that kind: it is ordered against money, an instant, a day or a time.
    public var isOfJSON: Bool
  }

  /// Names ordered against money, days, times, instants and durations, and names whose `.hour` and the like is asked for.
  public var temporalUses: [TypedUse] {
    var uses: [TypedUse] = []
    root.collectUses(into: &uses)
    return uses
  }
}

extension ExpressionNode {
  fileprivate func collectUses(into uses: inout [Expression.TypedUse]) {
    switch self {
    case .literal, .name, .now, .local, .isNull: break
    case .list(let nodes), .all(let nodes), .any(let nodes):
      for node in nodes { node.collectUses(into: &uses) }
    case .not(let node), .matches(let node, _): node.collectUses(into: &uses)
    case .member(let node, _):
      if case .name(let name) = node {
        uses.append(Expression.TypedUse(name: name, type: .instant, isOfJSON: false))
      } else {
        node.collectUses(into: &uses)
      }
    case .within(let left, let right), .sum(let left, let right, negative: _):
      left.collectUses(into: &uses)
      right.collectUses(into: &uses)
    case .compare(let left, let comparison, let right):
      for (one, other) in [(left, right), (right, left)] {
        if case .name(let name) = one {
          if comparison.isOrdering, let type = other.orderedType {
            uses.append(Expression.TypedUse(name: name, type: type, isOfJSON: type != .duration))
          }
        } else {
          one.collectUses(into: &uses)
        }
      }
    }
  }

  /// Of what spells its type out: literals, `now`, and members and sums of those.
  private var orderedType: ValueType? {
    switch self {
    case .literal(let value):
      [.money, .instant, .date, .time, .duration].contains(value.type) ? value.type : nil
    case .now, .local: .instant
    case .member(_, .date): .date
    case .member(_, .time): .time
    case .sum(let left, let right, let isNegative):
      switch (left.orderedType, right.orderedType) {
      case (.instant, .duration): .instant
      case (.date, .duration): .date
      case (.duration, .instant) where !isNegative: .instant
      default: nil
      }
    default: nil
    }
  }
}

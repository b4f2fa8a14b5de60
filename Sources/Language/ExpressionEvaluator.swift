/// Computes a parsed expression. Never fails: what can't be computed is null.
struct ExpressionEvaluator {
  let scope: Scope
  let context: RenderContext

  func value(of node: ExpressionNode) -> Value {
    switch node {
    case .literal(let value): return value
    case .name(let name): return scope[name] ?? .null
    case .now: return .instant(context.now)
    case .local(let date, let time): return .instant(context.zone.instant(of: date, time))
    case .list(let items): return .list(items.map(value(of:)))
    case .member(let base, let member): return self.member(member, of: value(of: base))
    case .sum(let left, let right, let negative): return sum(value(of: left), value(of: right), negative)
    default: return .boolean(holds(node))
    }
  }

  private func holds(_ node: ExpressionNode) -> Bool {
    switch node {
    case .not(let operand): return !holds(operand)
    case .all(let operands): return operands.allSatisfy(holds)
    case .any(let operands): return operands.contains(where: holds)
    case .isNull(let operand, let wanted): return value(of: operand).isNull == wanted
    case .compare(let left, let comparison, let right):
      return comparison.holds(value(of: left).compared(to: value(of: right), zone: context.zone))
    case .within(let left, let right):
      let wanted = value(of: left)
      return value(of: right).elements?.contains { wanted.equals($0, zone: context.zone) == true } ?? false
    case .matches(let operand, let pattern):
      let text = value(of: operand)
      return !text.isNull && pattern.matches(foldedForComparing(text.plainText))
    default: return value(of: node) == .boolean(true)
    }
  }

  func member(_ member: ExpressionMember, of value: Value) -> Value {
    let date: CivilDate?
    let time: CivilTime?
    switch value {
    case .instant(let instant):
      let civil = context.zone.civil(of: instant)
      (date, time) = (civil.date, civil.time)
    case .date(let day): (date, time) = (day, nil)
    case .time(let clock): (date, time) = (nil, clock)
    default: return .null
    }
    let result: Value? =
      switch member {
      case .date: date.map(Value.date)
      case .time: time.map(Value.time)
      case .hour: time.map { .integer(Int64($0.hour)) }
      case .minute: time.map { .integer(Int64($0.minute)) }
      case .weekday: date.map { .integer(Int64($0.weekday)) }
      }
    return result ?? .null
  }

  private func sum(_ left: Value, _ right: Value, _ negative: Bool) -> Value {
    switch (left, right) {
    case (.instant(let instant), .duration(let by)): return .instant(negative ? instant - by : instant + by)
    case (.date(let date), .duration(let by)):
      return by.wholeDays.map { .date(date.adding(days: negative ? -$0 : $0)) } ?? .null
    case (.duration(let a), .duration(let b)):
      let (x, y) = (a.inMilliseconds, b.inMilliseconds)
      return .duration(.milliseconds(negative ? x.subtractedSaturating(y) : x.addedSaturating(y)))
    case (.instant(let a), .instant(let b)) where negative: return .duration(a - b)
    case (.date(let a), .date(let b)) where negative: return .duration(.seconds(86_400 * (a.dayNumber - b.dayNumber)))
    case (.duration, .instant) where !negative, (.duration, .date) where !negative: return sum(right, left, false)
    default: return .null
    }
  }
}

/// How two values stand to each other.
public enum Comparison: Sendable, Hashable {
  case less, equal, greater
  /// Comparable for equality only, and not equal: booleans, lists, JSON.
  case different
  /// Of kinds that say nothing about each other, or one is null.
  case incomparable
}

extension Value {
  /// Compares as expressions and outcomes do.
  ///
  /// Numbers by amount, money after conversion, texts folded (by scalar values, not in any language's order), an instant
  /// with a day by the day it falls on in `zone`. A text compares with a number if it is one, with a URL as it stands.
  public func compared(to other: Value, zone: TimeZoneRules) -> Comparison {
    if let a = number, let b = other.number { return .init(a.compare(b)) }
    switch (self, other) {
    case (.text(let a), .text(let b)): return .init(foldedForComparing(a), foldedForComparing(b))
    case (.url(let a), .url(let b)), (.url(let a), .text(let b)), (.text(let a), .url(let b)): return .init(a, b)
    case (.text(let text), _) where other.number != nil:
      return DecimalNumber(foldedForComparing(text)).map { Value.decimal($0).compared(to: other, zone: zone) }
        ?? .incomparable
    case (_, .text) where number != nil: return other.compared(to: self, zone: zone).reversed
    case (.boolean(let a), .boolean(let b)): return a == b ? .equal : .different
    case (.instant(let a), .instant(let b)): return .init(a, b)
    case (.date(let a), .date(let b)): return .init(a, b)
    case (.instant(let a), .date(let b)): return .init(zone.civil(of: a).date, b)
    case (.date(let a), .instant(let b)): return .init(a, zone.civil(of: b).date)
    case (.time(let a), .time(let b)): return .init(a, b)
    case (.duration(let a), .duration(let b)): return .init(a, b)
    case (.money(let a, let unit), .money(let b, let otherUnit)):
      return .init(a.compare(b, shift: otherUnit.power - unit.power))
    default: return compareElements(other, zone)
    }
  }

  /// Whether the two are equal, nil where they can't be compared (null compares with nothing).
  public func equals(_ other: Value, zone: TimeZoneRules = .utc) -> Bool? {
    switch compared(to: other, zone: zone) {
    case .equal: true
    case .incomparable: nil
    default: false
    }
  }

  private func compareElements(_ other: Value, _ zone: TimeZoneRules) -> Comparison {
    if let mine = elements, let theirs = other.elements {
      guard mine.count == theirs.count else { return .different }
      let equal = zip(mine, theirs).allSatisfy { a, b in a.isNull && b.isNull || a.equals(b, zone: zone) == true }
      return equal ? .equal : .different
    }
    if case .json(let a) = self, case .json(let b) = other { return a.isSameValue(as: b) ? .equal : .different }
    return .incomparable
  }

  private var number: DecimalNumber? {
    switch self {
    case .integer(let number): DecimalNumber(units: number)
    case .decimal(let number): number
    default: nil
    }
  }
}

extension MoneyUnit {
  /// Of ten, in rial.
  fileprivate var power: Int { self == .toman ? 1 : 0 }
}

extension Comparison {
  fileprivate init<T: Comparable>(_ a: T, _ b: T) { self = a < b ? .less : (a == b ? .equal : .greater) }

  fileprivate init(_ sign: Int) { self = sign < 0 ? .less : (sign == 0 ? .equal : .greater) }

  fileprivate var reversed: Comparison {
    switch self {
    case .less: .greater
    case .greater: .less
    default: self
    }
  }
}

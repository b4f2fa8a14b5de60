extension JSON {
  /// Whether both say the same however they are spelled, as RFC 9535 section 2.3.5.2.2 compares: numbers by value,
  /// objects without regard to order, strings scalar by scalar.
  public func isSameValue(as other: JSON) -> Bool {
    var cost = 0
    return isSameValue(as: other, cost: &cost, limit: .max)
  }

  /// - Parameters:
  ///   - cost: Counts the values compared.
  ///   - limit: Where comparing is given up; the caller looks at `cost`.
  func isSameValue(as other: JSON, cost: inout Int, limit: Int) -> Bool {
    cost += 1
    guard cost <= limit else { return false }
    switch (self, other) {
    case (.null, .null): return true
    case (.bool(let a), .bool(let b)): return a == b
    case (.string(let a), .string(let b)): return a.hasSameScalars(as: b)
    case (.array(let a), .array(let b)):
      guard a.count == b.count else { return false }
      for index in a.indices where !a[index].isSameValue(as: b[index], cost: &cost, limit: limit) { return false }
      return true
    case (.object(let a), .object(let b)):
      guard a.count == b.count else { return false }
      for (position, name) in a.names.enumerated() {
        guard let other = b[name], a.values[position].isSameValue(as: other, cost: &cost, limit: limit) else {
          return false
        }
      }
      return true
    default: return isSameNumber(as: other)
    }
  }

  private func isSameNumber(as other: JSON) -> Bool {
    switch (self, other) {
    case (.integer(let a), .integer(let b)): a == b
    case (.number(let a, _), .number(let b, _)): a == b
    case (.integer(let a), .number(let b, _)), (.number(let b, _), .integer(let a)): Int64(exactly: b) == a
    default: false
    }
  }

  /// Whether both are numbers and this is the smaller.
  func isLessNumber(than other: JSON) -> Bool {
    switch (self, other) {
    case (.integer(let a), .integer(let b)): a < b
    case (.number(let a, _), .number(let b, _)): a < b
    // Comparing across types is exact: a 64-bit id is never rounded to a double first.
    case (.integer(let a), .number(let b, _)): b.isInfinite ? b > 0 : compare(a, b) < 0
    case (.number(let a, _), .integer(let b)): a.isInfinite ? a < 0 : compare(b, a) > 0
    default: false
    }
  }

  /// Negative when the integer is smaller, zero when equal; a number that is none is never smaller nor larger.
  private func compare(_ integer: Int64, _ number: Double) -> Int {
    if number.isNaN { return 0 }
    if number >= 0x1p63 { return -1 }
    if number < -0x1p63 { return 1 }
    let whole = Int64(number.rounded(.down))
    if integer != whole { return integer < whole ? -1 : 1 }
    return number == number.rounded(.down) ? 0 : -1
  }
}

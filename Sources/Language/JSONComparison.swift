extension JSON {
  /// Whether both say the same however they are spelled, as RFC 9535 section 2.3.5.2.2 compares: numbers by value,
  /// objects without regard to order, strings scalar by scalar.
  public func isSameValue(as other: JSON) -> Bool {
    var comparison = JSONEquality(isExact: false)
    return comparison.holds(self, other)
  }

  fileprivate func isSameNumber(as other: JSON) -> Bool {
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

/// Compares two values. What is still to be compared stands in a list, so depth costs no thread stack.
struct JSONEquality {
  /// Spelling and order count (`==`), or only the value.
  let isExact: Bool
  /// Where comparing is given up, with the answer that they differ; the caller looks at ``cost``.
  var limit = Int.max
  /// How many pairs of values were looked at.
  private(set) var cost = 0
  private var waiting: [(JSON, JSON)] = []

  init(isExact: Bool, limit: Int = .max) {
    self.isExact = isExact
    self.limit = limit
  }

  mutating func holds(_ left: JSON, _ right: JSON) -> Bool {
    guard matches(left, right) else { return false }
    while let (left, right) = waiting.popLast() {
      guard membersMatch(left, right) else { return false }
    }
    return true
  }

  /// Compares scalars; two containers are put off.
  private mutating func matches(_ left: JSON, _ right: JSON) -> Bool {
    cost += 1
    guard cost <= limit else { return false }
    switch (left, right) {
    case (.null, .null): return true
    case (.bool(let a), .bool(let b)): return a == b
    case (.string(let a), .string(let b)): return a.hasSameScalars(as: b)
    case (.array(let a), .array(let b)):
      guard a.count == b.count else { return false }
      waiting.append((left, right))
      return true
    case (.object(let a), .object(let b)):
      guard a.count == b.count else { return false }
      waiting.append((left, right))
      return true
    case (.integer(let a), .integer(let b)): return a == b
    case (.number(_, let a), .number(_, let b)) where isExact: return a.hasSameScalars(as: b)
    default: return !isExact && left.isSameNumber(as: right)
    }
  }

  private mutating func membersMatch(_ left: JSON, _ right: JSON) -> Bool {
    switch (left, right) {
    case (.array(let a), .array(let b)):
      for index in a.indices where !matches(a[index], b[index]) { return false }
      return true
    case (.object(let a), .object(let b)): return membersMatch(a, b)
    default: return false
    }
  }

  private mutating func membersMatch(_ left: JSONObject, _ right: JSONObject) -> Bool {
    for position in 0..<left.count {
      let name = left.names[position]
      let isInPlace = right.names[position].hasSameScalars(as: name)
      guard let other = isInPlace ? position : isExact ? nil : right.position(of: name) else { return false }
      guard matches(left.values[position], right.values[other]) else { return false }
    }
    return true
  }
}

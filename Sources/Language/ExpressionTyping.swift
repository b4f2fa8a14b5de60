import Diagnostics

/// What may be combined with what, decided when an expression is parsed.
extension ExpressionParser.Part {
  func requireBoolean(_ operation: String) throws(SyntaxError) {
    guard type == .known(.boolean) || type == .unknown else {
      throw SyntaxError(
        "\(operation) joins conditions, and this is of type \(type.name)", offset: offset,
        help: type == .null ? "compare with == null" : "compare it with something, as in x == 1 or x != null")
    }
  }

  func requireText(at offset: Int) throws(SyntaxError) {
    switch type {
    case .known(.text), .known(.url), .known(.integer), .known(.decimal), .unknown: return
    default: throw SyntaxError("'matches' reads text, not \(type.name)", offset: offset)
    }
  }

  static let members = "members: " + ExpressionMember.allCases.map(\.rawValue).joined(separator: ", ")

  func member(_ name: String, at offset: Int) throws(SyntaxError) -> Self {
    guard let member = ExpressionMember(rawValue: name) else {
      let near = didYouMean(name, among: ExpressionMember.allCases.map(\.rawValue))
      throw SyntaxError(
        "unknown member '\(name)'", offset: offset, help: near.map { "did you mean '\($0)'?" } ?? Self.members)
    }
    let fits =
      switch type {
      case .unknown, .known(.instant): true
      case .known(.date): member == .date || member == .weekday
      case .known(.time): member == .time || member == .hour || member == .minute
      default: false
      }
    guard fits else {
      throw SyntaxError(
        "\(type.name) has no '.\(name)'", offset: offset,
        help: "instants have all members, dates .date and .weekday, times .time, .hour and .minute")
    }
    let result: ValueType =
      switch member {
      case .date: .date
      case .time: .time
      case .hour, .minute, .weekday: .integer
      }
    return Self(node: .member(node, member), type: .known(result), offset: self.offset)
  }

  func type(adding other: Self, negative: Bool, at offset: Int) throws(SyntaxError) -> ExpressionType {
    let sign = negative ? "-" : "+"
    switch (type, other.type) {
    case (.known(.date), .known(.duration)):
      if case .literal(.duration(let duration)) = other.node, duration.wholeDays == nil {
        throw SyntaxError("a day moves by whole days only", offset: other.offset, help: "as in start.date \(sign) 1d")
      }
      return type
    case (.known(.instant), .known(.duration)), (.known(.duration), .known(.duration)): return type
    case (.known(.duration), .known(.instant)) where !negative, (.known(.duration), .known(.date)) where !negative:
      return other.type
    case (.known(.instant), .known(.instant)) where negative, (.known(.date), .known(.date)) where negative:
      return .known(.duration)
    case (.unknown, .known(.instant)), (.unknown, .known(.date)), (.unknown, .known(.duration)), (.unknown, .unknown),
      (.known(.instant), .unknown), (.known(.date), .unknown), (.known(.duration), .unknown):
      return .unknown
    default:
      throw SyntaxError(
        "'\(sign)' does not join \(type.name) and \(other.type.name)", offset: offset,
        help: "it moves instants and days by durations, as in now + 2h")
    }
  }
}

extension ExpressionParser {
  func compare(
    _ left: Part, _ comparison: ExpressionComparison, _ right: Part, at offset: Int
  ) throws(SyntaxError) -> ExpressionNode {
    if left.type == .null || right.type == .null {
      guard !comparison.isOrdering else {
        throw SyntaxError(
          "null is neither less nor greater", offset: offset, help: "ask for it with == null or != null")
      }
      return .isNull(left.type == .null ? right.node : left.node, comparison == .equal)
    }
    try check(left.type, right.type, comparison.rawValue, offset)
    if comparison.isOrdering, left.type == .list || left.type == .known(.boolean) || right.type == .known(.boolean) {
      throw SyntaxError(
        "'\(comparison.rawValue)' does not order \(left.type.name)", offset: offset, help: "use == or !=")
    }
    return .compare(left.node, comparison, right.node)
  }

  func within(_ left: Part, _ right: Part, at offset: Int) throws(SyntaxError) -> ExpressionNode {
    switch right.type {
    case .list, .unknown: break
    default: throw SyntaxError("'in' needs a list", offset: right.offset, help: "as in service_id in ['81', '82']")
    }
    if left.type == .null {
      throw SyntaxError("null is in no list", offset: left.offset, help: "ask for it with == null")
    }
    if case .list(let items) = right.node {
      for item in items { try check(left.type, itemType(item), "in", offset) }
    }
    return .within(left.node, right.node)
  }

  private func itemType(_ item: ExpressionNode) -> ExpressionType {
    switch item {
    case .literal(let value): ExpressionType(value.type)
    case .name(let name): ExpressionType(names[name] ?? .unknown)
    case .now, .local: .known(.instant)
    default: .unknown
    }
  }

  private func check(
    _ left: ExpressionType, _ right: ExpressionType, _ sign: String, _ offset: Int
  ) throws(SyntaxError) {
    guard let a = Family(left), let b = Family(right), a != b else { return }
    throw SyntaxError(
      "'\(sign)' can't compare \(left.name) with \(right.name)", offset: offset,
      help: a.advice(with: b) ?? b.advice(with: a))
  }

  /// Types that compare with each other.
  private enum Family: Equatable {
    case number, text, day, time, duration, money, boolean, list

    /// nil for what is not known.
    init?(_ type: ExpressionType) {
      switch type {
      case .known(.integer), .known(.decimal): self = .number
      case .known(.text), .known(.url): self = .text
      case .known(.instant), .known(.date): self = .day
      case .known(.time): self = .time
      case .known(.duration): self = .duration
      case .known(.money): self = .money
      case .known(.boolean): self = .boolean
      case .list: self = .list
      case .null, .unknown, .known(.unknown): return nil
      }
    }

    func advice(with other: Family) -> String? {
      switch (self, other) {
      case (.day, .time): "compare its .time"
      case (.day, .number): "its .hour, .minute and .weekday are numbers"
      case (.time, .number): "write a time, as in 12:30, or compare its .hour"
      case (.day, .duration): "compare with now + 2h, or the difference: start - now < 2h"
      case (.money, .number): "write the amount with its unit, as in 500000 toman"
      case (.duration, .number): "write a duration, as in 15m"
      case (.text, .number): "write the number in quotes, or read the field 'as: integer'"
      case (.text, .day): "write days as 2026-10-06, without quotes, and read fields 'as: date' or 'as: instant'"
      case (.text, .time): "write times as 12:30, without quotes, and read fields 'as: time'"
      case (.text, .boolean): "read the field 'as: boolean', or write the word in quotes"
      case (.list, _): "use 'in' to look into a list"
      default: nil
      }
    }
  }
}

extension Duration {
  /// How many days it is, nil where it is not whole ones.
  var wholeDays: Int? {
    let (seconds, rest) = components
    return rest == 0 && seconds % 86_400 == 0 ? Int(seconds / 86_400) : nil
  }
}

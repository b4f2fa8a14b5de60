/// A typed value: what a field holds, what expressions compute with, what templates print.
public enum Value: Sendable, Hashable {
  case null
  case text(String)
  case integer(Int64)
  case decimal(DecimalNumber)
  case boolean(Bool)
  case instant(Instant)
  case date(CivilDate)
  case time(CivilTime)
  case duration(Duration)
  case url(String)
  case money(DecimalNumber, unit: MoneyUnit)
  case list([Value])
  /// An array or object that no type was asked of, or a number that 64 bits do not hold exactly.
  case json(JSON)
}

/// The names of types as specs write them after `as:`, plus what only the engine makes.
public enum ValueType: String, Sendable, Hashable, CaseIterable {
  case text, integer, decimal, boolean, instant, date, time, duration, url, money
  /// Not known before a page is read, as of a field without `as:`.
  case unknown
}

extension Value {
  public var isNull: Bool { if case .null = self { true } else { false } }

  /// ``ValueType/unknown`` for null, lists and JSON.
  public var type: ValueType {
    switch self {
    case .text: .text
    case .integer: .integer
    case .decimal: .decimal
    case .boolean: .boolean
    case .instant: .instant
    case .date: .date
    case .time: .time
    case .duration: .duration
    case .url: .url
    case .money: .money
    case .null, .list, .json: .unknown
    }
  }

  /// The value of a JSON scalar; arrays and objects stay JSON, as does a number that 64 bits do not hold exactly.
  public init(json: JSON) {
    switch json {
    case .null: self = .null
    case .bool(let flag): self = .boolean(flag)
    case .integer(let number): self = .integer(number)
    case .number(_, let lexeme): self = DecimalNumber(lexeme).map(Value.decimal) ?? .json(json)
    case .string(let text): self = .text(text)
    case .array, .object: self = .json(json)
    }
  }

  /// Shortest text without any language or zone: instants in ISO 8601 UTC, money with its unit, null as nothing.
  public var plainText: String {
    switch self {
    case .null: ""
    case .text(let text), .url(let text): text
    case .integer(let number): String(number)
    case .decimal(let number): number.text
    case .boolean(let flag): flag ? "true" : "false"
    case .instant(let instant): ISOText.format(instant, in: .utc)
    case .date(let date): date.text
    case .time(let time): time.text
    case .duration(let duration): DurationText.format(duration)
    case .money(let amount, let unit): amount.text + " " + unit.rawValue
    case .list(let values): values.map(\.plainText).joined(separator: ", ")
    case .json(let json): json.text
    }
  }

  /// The text two equal keys share however the site wrote them: `5532` for the number and the string; instants as Unix
  /// seconds (with milliseconds only where not whole). Never folded: ids are not prose.
  public var keyText: String {
    guard case .instant(let instant) = self else { return plainText }
    return DecimalNumber(units: instant.milliseconds, scale: 3).text
  }
}

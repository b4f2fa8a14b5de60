extension Value {
  /// As JSON, for stores, `--json` and webhooks: instants as ISO 8601 with the zone's offset, money as amount and unit,
  /// durations in seconds.
  public func json(zone: TimeZoneRules) -> JSON {
    switch self {
    case .null: .null
    case .boolean(let flag): .bool(flag)
    case .integer(let number): .integer(number)
    case .decimal(let number): number.json
    case .instant(let instant): .string(ISOText.format(instant, in: zone))
    case .duration(let duration): DecimalNumber(units: duration.inMilliseconds, scale: 3).json
    case .money(let amount, let unit):
      .object(JSONObject([("amount", amount.json), ("unit", .string(unit.rawValue))]))
    case .list(let values): .array(values.map { $0.json(zone: zone) })
    case .json(let json): json
    case .text, .date, .time, .url: .string(plainText)
    }
  }
}

extension DecimalNumber {
  /// A whole number without a fraction, any other with every digit.
  var json: JSON { integer.map(JSON.integer) ?? .number(Double(text) ?? 0, lexeme: text) }
}

extension Value {
  /// Typed JSON that ``init(encoded:)`` reads back to an equal value: `{"instant": 1791232200000}`; text, booleans,
  /// integers and null as plain JSON.
  public var encoded: JSON {
    switch self {
    case .null: .null
    case .text(let text): .string(text)
    case .integer(let number): .integer(number)
    case .boolean(let flag): .bool(flag)
    case .decimal(let number): .tagged("decimal", number.encoded)
    case .instant(let instant): .tagged("instant", .integer(instant.milliseconds))
    case .date(let date):
      .tagged("date", .array([date.year, date.month, date.day].map { .integer(Int64($0)) }))
    case .time(let time): .tagged("time", .integer(Int64(time.secondsOfDay)))
    case .duration(let duration):
      .tagged("duration", .array([.integer(duration.components.seconds), .integer(duration.components.attoseconds)]))
    case .url(let url): .tagged("url", .string(url))
    case .money(let amount, let unit): .tagged("money", .array([amount.encoded, .string(unit.rawValue)]))
    case .list(let values): .tagged("list", .array(values.map(\.encoded)))
    case .json(let json): .tagged("json", json)
    }
  }

  /// nil for JSON that ``encoded`` never makes.
  public init?(encoded: JSON) {
    switch encoded {
    case .null: self = .null
    case .string(let text): self = .text(text)
    case .integer(let number): self = .integer(number)
    case .bool(let flag): self = .boolean(flag)
    case .object(let members):
      guard members.count == 1, let value = Self.decode(members.names[0], members.values[0]) else { return nil }
      self = value
    case .array, .number: return nil
    }
  }

  private static func decode(_ tag: String, _ json: JSON) -> Value? {
    switch (tag, json) {
    case ("instant", .integer(let milliseconds)): .instant(Instant(milliseconds: milliseconds))
    case ("time", .integer(let seconds)) where (0..<86_400).contains(seconds):
      .time(CivilTime(secondsOfDay: Int(seconds)))
    case ("url", .string(let url)): .url(url)
    case ("decimal", let number): DecimalNumber(encoded: number).map { .decimal($0) }
    case ("json", let json): .json(json)
    case ("list", .array(let elements)): decodeList(elements)
    case (_, .array(let elements)): decodeTuple(tag, elements)
    default: nil
    }
  }

  private static func decodeList(_ elements: [JSON]) -> Value? {
    let values = elements.compactMap(Value.init(encoded:))
    return values.count == elements.count ? .list(values) : nil
  }

  private static func decodeTuple(_ tag: String, _ elements: [JSON]) -> Value? {
    if tag == "money", elements.count == 2, let amount = DecimalNumber(encoded: elements[0]),
      case .string(let name) = elements[1], let unit = MoneyUnit(rawValue: name)
    {
      return .money(amount, unit: unit)
    }
    let numbers = elements.compactMap { if case .integer(let number) = $0 { number } else { nil } }
    switch (tag, numbers.count, elements.count) {
    case ("date", 3, 3)
    where Instant.representableYears.contains(numbers[0]) && (1...12).contains(numbers[1])
      && (1...31).contains(numbers[2]):
      return .date(CivilDate(year: Int(numbers[0]), month: Int(numbers[1]), day: Int(numbers[2])))
    case ("duration", 2, 2):
      // `Duration` traps where its 128 bits end, which is beyond any pair of 64-bit numbers.
      return .duration(Duration(secondsComponent: numbers[0], attosecondsComponent: numbers[1]))
    default: return nil
    }
  }
}

extension JSON {
  fileprivate static func tagged(_ tag: String, _ value: JSON) -> JSON { .object(JSONObject([(tag, value)])) }
}

extension DecimalNumber {
  fileprivate var encoded: JSON { .array([.integer(units), .integer(Int64(scale))]) }

  fileprivate init?(encoded: JSON) {
    guard case .array(let pair) = encoded, pair.count == 2, case .integer(let units) = pair[0],
      case .integer(let scale) = pair[1], scale >= 0
    else { return nil }
    self.init(units: units, scale: Int(scale))
  }
}

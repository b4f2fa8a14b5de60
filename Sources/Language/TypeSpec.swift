/// What `as:` and its options say of a field.
public struct TypeSpec: Sendable, Hashable {
  public enum Calendar: String, Sendable, Hashable, CaseIterable { case gregorian, jalali }

  public var type: ValueType
  public var calendar: Calendar
  /// As `yyyy-MM-dd HH:mm`; see ``DatePattern``.
  public var format: String? {
    didSet { pattern = Self.compile(format) }
  }
  /// Overrides the site's zone.
  public var zone: TimeZoneRules?
  public var unit: MoneyUnit?
  /// nil also where ``format`` is no pattern.
  private var pattern: DatePattern?

  public init(
    _ type: ValueType, calendar: Calendar = .gregorian, format: String? = nil, zone: TimeZoneRules? = nil,
    unit: MoneyUnit? = nil
  ) {
    self.type = type
    self.calendar = calendar
    self.format = format
    self.zone = zone
    self.unit = unit
    pattern = Self.compile(format)
  }

  private static func compile(_ format: String?) -> DatePattern? { format.flatMap { try? DatePattern($0) } }

  /// Whether ``format`` is a pattern, and one that gives what the type needs.
  ///
  /// - Throws: ``SyntaxError`` with the offset in the format.
  public func checkFormat() throws(SyntaxError) {
    guard let format else { return }
    let pattern = try DatePattern(format)
    switch type {
    case .instant where !pattern.hasDate || !pattern.hasTime:
      throw SyntaxError("an instant needs a day and a time of day", offset: 0, help: "as in yyyy-MM-dd HH:mm")
    case .date where !pattern.hasDate:
      throw SyntaxError("a date needs a day", offset: 0, help: "as in yyyy-MM-dd")
    case .time where !pattern.hasTime:
      throw SyntaxError("a time needs an hour", offset: 0, help: "as in HH:mm")
    case .instant, .date, .time: return
    default:
      throw SyntaxError("'\(type.rawValue)' takes no format", offset: 0, help: "instant, date and time do")
    }
  }

  /// Reads a value as the type; see the notes at each type.
  ///
  /// Empty text is null for every type but `text`. Nothing is guessed: a year that belongs to the other calendar, a number
  /// with a rest and a day that does not exist are errors.
  ///
  /// - Throws: ``TypingError`` for a value that is there and can't be read as the type; null stays null.
  public func convert(_ value: Value, _ context: RenderContext) throws(TypingError) -> Value {
    if value.isNull || type == .unknown { return value }
    if type == .text { return .text(trimmed(value.plainText)) }
    if case .text(let text) = value, trimmed(text).isEmpty { return .null }
    let reading = Reading(value: value, zone: zone ?? context.zone, now: context.now)
    do {
      return try read(reading)
    } catch {
      throw TypingError(type: type, found: String(value.plainText.prefix(80)), reason: error.sentence)
    }
  }

  /// What a value is read from.
  struct Reading {
    var value: Value
    var zone: TimeZoneRules
    var now: Instant

    /// Folded: digits, letters and spaces in one spelling. nil for values that are not text.
    var folded: String? { if case .text(let text) = value { foldedForComparing(text) } else { nil } }
  }

  private func read(_ reading: Reading) throws(Misreading) -> Value {
    switch type {
    case .integer: try readInteger(reading)
    case .decimal: try readDecimal(reading)
    case .boolean: try readBoolean(reading)
    case .duration: try readDuration(reading)
    case .url: try readURL(reading)
    case .money: try readMoney(reading)
    case .instant: try readInstant(reading, pattern)
    case .date: try readDate(reading, pattern)
    case .time: try readTime(reading, pattern)
    case .text, .unknown: reading.value
    }
  }
}

/// Why a value is not of a type.
struct Misreading: Error {
  var sentence: String
  init(_ sentence: String) { self.sentence = sentence }
}

/// A value that can't be read as the type a spec asks for.
public struct TypingError: Error, Sendable, Hashable {
  public var type: ValueType
  /// The value as it came, cut to 80 characters.
  public var found: String
  public var reason: String
  public init(type: ValueType, found: String, reason: String) {
    self.type = type
    self.found = found
    self.reason = reason
  }
}

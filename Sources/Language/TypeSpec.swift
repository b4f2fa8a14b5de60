/// What `as:` and its options say of a field. Stub for `convert`.
public struct TypeSpec: Sendable, Hashable {
  public enum Calendar: String, Sendable, Hashable, CaseIterable { case gregorian, jalali }

  public var type: ValueType
  public var calendar: Calendar
  /// As `yyyy-MM-dd HH:mm`.
  public var format: String?
  /// Overrides the site's zone.
  public var zone: TimeZoneRules?
  public var unit: MoneyUnit?

  public init(
    _ type: ValueType, calendar: Calendar = .gregorian, format: String? = nil, zone: TimeZoneRules? = nil,
    unit: MoneyUnit? = nil
  ) {
    self.type = type
    self.calendar = calendar
    self.format = format
    self.zone = zone
    self.unit = unit
  }

  /// - Throws: ``TypingError`` for a value that is there and can't be read as the type; null stays null.
  public func convert(_ value: Value, _ context: RenderContext) throws(TypingError) -> Value { value }
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

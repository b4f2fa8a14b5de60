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
  /// An array or object that no type was asked of.
  case json(JSON)
}

/// The names of types as specs write them after `as:`, plus what only the engine makes.
public enum ValueType: String, Sendable, Hashable, CaseIterable {
  case text, integer, decimal, boolean, instant, date, time, duration, url, money
  /// Not known before a page is read, as of a field without `as:`.
  case unknown
}

/// Iran's two units; 1 toman is 10 rial. Values of different units compare after conversion.
public enum MoneyUnit: String, Sendable, Hashable, CaseIterable { case rial, toman }

/// An exact decimal: `units` × 10^-`scale`, in lowest terms (scale as small as it can be, at least 0).
public struct DecimalNumber: Sendable, Hashable {
  public let units: Int64
  public let scale: Int

  public init(units: Int64, scale: Int = 0) {
    var units = units
    var scale = scale
    while scale > 0, units % 10 == 0 {
      units /= 10
      scale -= 1
    }
    self.units = units
    self.scale = scale
  }
}

extension Value {
  public var isNull: Bool { self == .null }
}

extension Value {
  /// The value of a JSON scalar; arrays and objects stay JSON. Stub.
  public init(json: JSON) { self = .json(json) }

  /// Shortest text without any language or zone: instants in ISO 8601 UTC, null as nothing. Stub.
  public var plainText: String { "" }

  /// The text two equal keys share however the site wrote them: `5532` for the number and the string; instants as Unix
  /// seconds (with milliseconds only where not whole). Never folded: ids are not prose. Stub.
  public var keyText: String { plainText }

  /// As JSON, for stores, `--json` and webhooks: instants as ISO 8601 with the zone's offset. Stub.
  public func json(zone: TimeZoneRules) -> JSON { .null }
}

extension Value {
  /// Typed JSON that ``init(encoded:)`` reads back to an equal value: `{"instant": 1791232200000}`; text, booleans,
  /// integers and null as plain JSON. Stub.
  public var encoded: JSON { .null }

  /// nil for JSON that ``encoded`` never makes. Stub.
  public init?(encoded: JSON) { nil }
}

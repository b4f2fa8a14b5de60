import Language

/// A field's value as an exact look-up takes it. Values that compare as equal have equal keys; the opposite need not be
/// so, as what is found is judged once more.
enum EqualKey: Sendable, Hashable {
  case null
  case boolean(Bool)
  /// Also of texts that are numbers: `'5532'` and 5532 compare as equal.
  case number(DecimalNumber)
  /// Folded.
  case text(String)

  /// nil for kinds that are looked up by their place on an ``Axis``, or not at all.
  init?(_ value: Value) {
    switch value {
    case .null: self = .null
    case .boolean(let flag): self = .boolean(flag)
    case .integer(let number): self = .number(DecimalNumber(units: number))
    case .decimal(let number): self = .number(number)
    case .text(let text), .url(let text):
      let folded = foldedForComparing(text)
      self = DecimalNumber(folded).map(EqualKey.number) ?? .text(folded)
    case .instant, .date, .time, .duration, .money, .list, .json: return nil
    }
  }
}

/// A line on which values of one kind have their place. Places keep the order of values, but two values may share one.
enum Axis: UInt8, Sendable, Hashable, CaseIterable {
  case number, day, time, duration, money
  /// Of instants.
  case moment
  /// Of instants, seen from `now`: what `start < now + 2d` asks for does not move with the clock.
  case fromNow

  enum Place: Sendable {
    case at(Double)
    /// Comparable, but nothing can be said: every span may hold it.
    case anywhere
  }

  /// Where an item's value lies; nil where no comparison on this axis can hold for it.
  func place(of value: Value, _ context: RenderContext) -> Place? {
    switch (self, value) {
    case (.number, .integer(let number)): .at(Double(number))
    case (.number, .decimal(let number)): .at(number.approximate)
    case (.number, .text(let text)): DecimalNumber(foldedForComparing(text)).map { .at($0.approximate) }
    case (.day, .date(let date)): .at(Double(date.dayNumber))
    case (.day, .instant(let instant)): .at(Double(context.zone.civil(of: instant).date.dayNumber))
    case (.time, .time(let time)): .at(Double(time.secondsOfDay))
    case (.duration, .duration(let duration)): .at(Double(duration.inMilliseconds))
    case (.money, .money(let amount, let unit)): .at(amount.approximate * unit.inRial)
    case (.moment, .instant(let instant)): .at(Double(instant.milliseconds))
    case (.fromNow, .instant(let instant)): .at(Double(instant.milliseconds) - Double(context.now.milliseconds))
    // A day compares with an instant by the day that falls on.
    case (.moment, .date), (.fromNow, .date): .anywhere
    default: nil
    }
  }

  /// Where what a condition compares with lies; nil where it has no place on any axis.
  static func place(of operand: ExpressionTerm.Operand, in zone: TimeZoneRules) -> (axis: Axis, at: Double)? {
    switch operand {
    case .now(let plus): (.fromNow, Double(plus.inMilliseconds))
    case .local(let date, let time): (.moment, Double(zone.instant(of: date, time).milliseconds))
    case .value(let value):
      switch value {
      case .integer(let number): (.number, Double(number))
      case .decimal(let number): (.number, number.approximate)
      case .date(let date): (.day, Double(date.dayNumber))
      case .time(let time): (.time, Double(time.secondsOfDay))
      case .duration(let duration): (.duration, Double(duration.inMilliseconds))
      case .money(let amount, let unit): (.money, amount.approximate * unit.inRial)
      case .instant(let instant): (.moment, Double(instant.milliseconds))
      case .null, .text, .url, .boolean, .list, .json: nil
      }
    }
  }
}

/// A part of an axis, its ends included.
struct Span: Sendable, Hashable {
  var low = -Double.infinity
  var high = Double.infinity

  static let all = Span()

  /// Places are rounded, so equal numbers written at different scales may lie a little apart: 2⁻⁴⁰ of their size is
  /// thousands of times more than a double's rounding, and less than anybody's condition cares for.
  static func slack(_ place: Double) -> Double { abs(place) * 0x1p-40 }

  static func at(_ place: Double) -> Span { Span(low: place - slack(place), high: place + slack(place)) }
  static func upTo(_ place: Double) -> Span { Span(high: place + slack(place)) }
  static func from(_ place: Double) -> Span { Span(low: place - slack(place)) }

  func intersection(_ other: Span) -> Span { Span(low: max(low, other.low), high: min(high, other.high)) }
  func union(_ other: Span) -> Span { Span(low: min(low, other.low), high: max(high, other.high)) }
  func contains(_ place: Double) -> Bool { low <= place && place <= high }
}

extension DecimalNumber {
  var approximate: Double {
    guard scale > 0 else { return Double(units) }
    var power = 1.0
    for _ in 0..<scale { power *= 10 }
    return Double(units) / power
  }
}

extension MoneyUnit {
  fileprivate var inRial: Double { self == .toman ? 10 : 1 }
}

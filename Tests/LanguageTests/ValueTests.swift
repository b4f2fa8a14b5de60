import TestSupport
import Testing

@testable import Language

struct ValueTests {
  private let zone = TimeZoneRules(fixedOffset: 12_600)

  @Test(arguments: [
    (JSON.null, Value.null), (.bool(true), .boolean(true)), (.integer(5), .integer(5)), (.string("x"), .text("x")),
    (.number(1.5, lexeme: "1.50"), .decimal(DecimalNumber(units: 15, scale: 1))), (.array([]), .json(.array([]))),
    (.number(1e20, lexeme: "100000000000000000000"), .json(.number(1e20, lexeme: "100000000000000000000"))),
  ])
  func `JSON scalars become values, and no digit is lost`(_ json: JSON, _ value: Value) {
    #expect(Value(json: json) == value)
  }

  @Test(arguments: [
    (Value.null, "", ""), (.text("۵۵"), "۵۵", "۵۵"), (.integer(5532), "5532", "5532"), (.text("5532"), "5532", "5532"),
    (.decimal(DecimalNumber(units: -5, scale: 2)), "-0.05", "-0.05"), (.boolean(false), "false", "false"),
    (.instant(Instant(seconds: 1_791_232_200)), "2026-10-05T20:30:00Z", "1791232200"),
    (.instant(Instant(milliseconds: 1_791_232_200_250)), "2026-10-05T20:30:00.250Z", "1791232200.25"),
    (.instant(Instant(milliseconds: -1)), "1969-12-31T23:59:59.999Z", "-0.001"),
    (.date(CivilDate(year: 2026, month: 1, day: 2)), "2026-01-02", "2026-01-02"),
    (.time(CivilTime(hour: 9, minute: 5)), "09:05", "09:05"), (.duration(.seconds(5400)), "1h30m", "1h30m"),
    (.money(DecimalNumber(units: 12), unit: .toman), "12 toman", "12 toman"),
    (.list([.integer(1), .text("a")]), "1, a", "1, a"), (.json(.array([.integer(1)])), "[1]", "[1]"),
    (.json(.number(1e20, lexeme: "100000000000000000000")), "100000000000000000000", "100000000000000000000"),
  ])
  func `plain text and key text`(_ value: Value, _ plain: String, _ key: String) {
    #expect(value.plainText == plain && value.keyText == key)
  }

  @Test func `JSON for the outside says the zone`() {
    #expect(Value.instant(Instant(seconds: 1_791_232_200)).json(zone: zone) == .string("2026-10-06T00:00:00+03:30"))
    #expect(Value.instant(Instant(seconds: 0)).json(zone: .utc) == .string("1970-01-01T00:00:00Z"))
    #expect(Value.decimal(DecimalNumber(units: 15, scale: 1)).json(zone: zone) == .number(1.5, lexeme: "1.5"))
    #expect(Value.duration(.seconds(90)).json(zone: zone) == .integer(90))
    let money = Value.money(DecimalNumber(units: 5), unit: .rial).json(zone: zone)
    #expect(money == .object(JSONObject([("amount", .integer(5)), ("unit", .string("rial"))])))
  }

  @Test func `every value is read back from its encoding, through JSON text too`() throws {
    var random = SplitMix(seed: 7)
    for _ in 0..<4000 {
      let value = random.value(depth: 3)
      #expect(Value(encoded: value.encoded) == value)
      #expect(try Value(encoded: JSON(parsing: value.encoded.text)) == value)
    }
  }

  @Test(arguments: [
    JSON.array([]), .number(1.5, lexeme: "1.5"), .object(JSONObject()), .object(JSONObject([("x", .integer(1))])),
    .object(JSONObject([("date", .array([.integer(2026)]))])), .object(JSONObject([("instant", .string("1"))])),
    .object(JSONObject([("date", .array([.integer(.max), .integer(1), .integer(1)]))])),
    .object(JSONObject([("time", .integer(86_400))])),
    .object(JSONObject([("decimal", .array([.integer(1), .integer(-1)]))])),
    .object(JSONObject([("money", .array([.array([.integer(1), .integer(0)]), .string("euro")]))])),
    .object(JSONObject([("list", .array([.array([])]))])),
    .object(JSONObject([("instant", .integer(1)), ("date", .integer(1))])),
  ])
  func `what no value encodes to is refused`(_ json: JSON) { #expect(Value(encoded: json) == nil) }

  @Test func `an encoding holds its extremes`() {
    for value in [
      Value.instant(Instant(milliseconds: .min)), .instant(Instant(milliseconds: .max)), .duration(.seconds(Int64.min)),
      .duration(.seconds(Int64.max)), .decimal(DecimalNumber(units: .min, scale: 40)), .integer(.min),
    ] {
      #expect(Value(encoded: value.encoded) == value)
      _ = value.plainText + value.keyText
      _ = value.json(zone: zone)
    }
  }

  @Test(arguments: [
    (Value.integer(1), Value.decimal(DecimalNumber(units: 10, scale: 1)), Comparison.equal),
    (.integer(2), .text("10"), .less), (.text("۱۰"), .integer(2), .greater), (.text("x"), .integer(2), .incomparable),
    (.text("كلينيك  ۱"), .text("کلینیک 1"), .equal), (.text("a"), .text("b"), .less), (.null, .null, .incomparable),
    (.null, .integer(1), .incomparable), (.boolean(true), .boolean(false), .different),
    (.boolean(true), .integer(1), .incomparable),
    (.money(DecimalNumber(units: 1), unit: .toman), .money(DecimalNumber(units: 10), unit: .rial), .equal),
    (.money(DecimalNumber(units: 2), unit: .toman), .money(DecimalNumber(units: 15), unit: .rial), .greater),
    (.money(DecimalNumber(units: 1), unit: .rial), .integer(1), .incomparable),
    (.instant(Instant(seconds: 1_791_232_200)), .date(CivilDate(year: 2026, month: 10, day: 6)), .equal),
    (.instant(Instant(seconds: 1_791_232_199)), .date(CivilDate(year: 2026, month: 10, day: 6)), .less),
    (.url("https://a.test/ي"), .text("https://a.test/ی"), .less),
    (.url("https://a.test"), .text("https://a.test"), .equal),
    (.list([.integer(1)]), .json(.array([.integer(1)])), .equal), (.list([]), .list([.null]), .different),
    (.integer(.max), .decimal(DecimalNumber(units: .max, scale: 30)), .greater),
    (.decimal(DecimalNumber(units: -1, scale: 30)), .integer(0), .less),
    (.duration(.seconds(60)), .duration(.seconds(61)), .less),
    (.time(CivilTime(hour: 1, minute: 0)), .instant(Instant(seconds: 0)), .incomparable),
  ])
  func `comparison`(_ a: Value, _ b: Value, _ expected: Comparison) {
    #expect(a.compared(to: b, zone: zone) == expected)
  }

  @Test func `decimals compare as the numbers they are`() throws {
    var random = SplitMix(seed: 8)
    for _ in 0..<3000 {
      let a = DecimalNumber(
        units: Int64.random(in: -1000...1000, using: &random), scale: Int.random(in: 0...3, using: &random))
      let b = DecimalNumber(
        units: Int64.random(in: -1000...1000, using: &random), scale: Int.random(in: 0...3, using: &random))
      #expect((a < b) == ((Double(a.text) ?? 0) < (Double(b.text) ?? 0)) && (a == b) == (a.compare(b) == 0))
      #expect(DecimalNumber(a.text) == a)
    }
    #expect(DecimalNumber(units: .min, scale: 3).text == "-9223372036854775.808")
    #expect(DecimalNumber(units: 5, scale: -2).units == 500 && DecimalNumber(units: 1, scale: -400).units == .max)
    #expect(DecimalNumber(units: 0, scale: .max).scale == 0)
    #expect(DecimalNumber(units: 1_234_567, scale: 1).grouped == "123,456.7")
    for text in ["", "-", ".5", "5.", "1e", "1e400", "1.2.3", "١", " 1", "1_0", "nan", "0x1", "1e-50"] {
      #expect(DecimalNumber(text) == nil, "\(text)")
    }
  }

  @Test func `arithmetic stops at the ends instead of trapping`() {
    let last = Instant(milliseconds: .max)
    #expect(
      last + .seconds(1) == last && Instant(seconds: .max) == last
        && Instant(milliseconds: .min) - .seconds(1) == Instant(milliseconds: .min))
    #expect((last - Instant(milliseconds: .min)).inMilliseconds == .max)
    #expect(Duration.seconds(Int64.max).inMilliseconds == .max)
    #expect(Instant(milliseconds: -1).seconds == -1 && Instant(milliseconds: .min).seconds == -9_223_372_036_854_776)
    let (date, time) = zone.civil(of: Instant(milliseconds: .min))
    #expect(zone.instant(of: date, time).seconds == Instant(milliseconds: .min).seconds)
  }
}

extension SplitMix {
  mutating func value(depth: Int) -> Value {
    let decimal = DecimalNumber(
      units: Int64.random(in: .min ... .max, using: &self), scale: Int.random(in: 0...30, using: &self))
    switch Int.random(in: 0...(depth > 0 ? 12 : 10), using: &self) {
    case 0: return .null
    case 1: return .text(text(upTo: 10))
    case 2: return .integer(Int64.random(in: .min ... .max, using: &self))
    case 3: return .decimal(decimal)
    case 4: return .boolean(Bool.random(using: &self))
    case 5: return .instant(Instant(milliseconds: Int64.random(in: .min ... .max, using: &self)))
    case 6: return .date(CivilDate(dayNumber: Int.random(in: -3_000_000...3_000_000, using: &self)))
    case 7: return .time(CivilTime(secondsOfDay: Int.random(in: 0..<86_400, using: &self)))
    case 8: return .duration(.nanoseconds(Int64.random(in: .min ... .max, using: &self)))
    case 9: return .url(text(upTo: 10))
    case 10: return .money(decimal, unit: Bool.random(using: &self) ? .rial : .toman)
    case 11: return .list((0..<Int.random(in: 0...3, using: &self)).map { _ in value(depth: depth - 1) })
    default: return .json(.object(JSONObject([("instant", .integer(1)), ("x", .array([.string(text(upTo: 5))]))])))
    }
  }
}

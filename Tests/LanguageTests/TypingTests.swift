import Language
import TestSupport
import Testing

struct TypingTests {
  /// 2026-10-06 12:00 in Tehran.
  private let context: RenderContext

  init() throws {
    context = RenderContext(
      zone: try #require(TimeZoneRules(identifier: "Asia/Tehran")), now: Instant(seconds: 1_791_275_400))
  }

  private func refusal(_ spec: TypeSpec, _ value: Value) -> String? {
    do {
      _ = try spec.convert(value, context)
      return nil
    } catch {
      return error.reason
    }
  }

  @Test(arguments: ValueType.allCases)
  func `null stays null and empty text is null but as text`(_ type: ValueType) throws {
    #expect(try TypeSpec(type).convert(.null, context) == .null)
    let empty = try TypeSpec(type).convert(.text(" \u{200F} "), context)
    #expect(empty == (type == .text ? .text("") : type == .unknown ? .text(" \u{200F} ") : .null))
  }

  @Test(arguments: [
    (Value.text(" دکتر  رضایی\n"), Value.text("دکتر  رضایی")), (.integer(5532), .text("5532")),
    (.boolean(true), .text("true")), (.instant(Instant(seconds: 0)), .text("1970-01-01T00:00:00Z")),
  ])
  func `text is trimmed, and anything is text`(_ value: Value, _ text: Value) throws {
    #expect(try TypeSpec(.text).convert(value, context) == text)
  }

  @Test(
    arguments: [
      (Value.text("۱٬۲۳۴٬۵۶۷"), 1_234_567), (.text("1,234"), 1234), (.text(" -12 "), -12), (.text("12.0"), 12),
      (.text("٣"), 3), (.integer(7), 7), (.decimal(DecimalNumber(units: 5)), 5), (.text("9223372036854775807"), .max),
      (.text("-9223372036854775808"), .min), (.json(.number(1e3, lexeme: "1e3")), nil), (.text("1e3"), 1000),
      (.text("12,34"), nil), (.text("12 نفر"), nil), (.text("9223372036854775808"), nil), (.text("0x10"), nil),
      (.boolean(true), nil), (.text("12.5"), nil), (.text("--1"), nil), (.text("1e99"), nil), (.text("1."), nil),
    ] as [(Value, Int64?)])
  func `integers`(_ value: Value, _ integer: Int64?) {
    #expect((try? TypeSpec(.integer).convert(value, context)) == integer.map(Value.integer))
  }

  @Test(arguments: [
    ("۱۲٫۵", "12.5"), ("1,234.50", "1234.5"), ("-0.001", "-0.001"), ("۱٬۲۳۴٫۵", "1234.5"), ("+3", "3"), ("0.10", "0.1"),
    ("۱،۲۳۴٫۵", "1234.5"),
  ])
  func `decimals keep every digit`(_ text: String, _ decimal: String) throws {
    #expect(try TypeSpec(.decimal).convert(.text(text), context).plainText == decimal)
  }

  @Test(
    arguments: [
      (Value.text("true"), true), (.text("YES"), true), (.text("بله"), true), (.integer(1), true), (.text("۱"), true),
      (.boolean(false), false), (.text("خیر"), false), (.integer(0), false), (.text("off"), false), (.integer(2), nil),
      (.text("maybe"), nil), (.list([]), nil),
    ] as [(Value, Bool?)])
  func `booleans`(_ value: Value, _ flag: Bool?) {
    #expect((try? TypeSpec(.boolean).convert(value, context)) == flag.map(Value.boolean))
  }

  @Test(arguments: [
    (Value.integer(1_791_286_200), "2026-10-06T11:30:00Z"), (.text("1791286200"), "2026-10-06T11:30:00Z"),
    (.text("۱۷۹۱۲۸۶۲۰۰"), "2026-10-06T11:30:00Z"), (.integer(1_791_286_200_123), "2026-10-06T11:30:00.123Z"),
    (.text("1791286200.5"), "2026-10-06T11:30:00.500Z"), (.text("2026-10-06T15:00:00+03:30"), "2026-10-06T11:30:00Z"),
    (.text("2026-10-06T15:00:00.250+0330"), "2026-10-06T11:30:00.250Z"),
    (.text("2026-10-06T11:30:00Z"), "2026-10-06T11:30:00Z"),
    (.text("2026-10-06 15:00"), "2026-10-06T11:30:00Z"), (.text("۲۰۲۶/۱۰/۶ ۱۵:۰۰"), "2026-10-06T11:30:00Z"),
    (.integer(0), "1970-01-01T00:00:00Z"), (.integer(-86_400), "1969-12-31T00:00:00Z"),
    (.decimal(DecimalNumber(units: 15, scale: 1)), "1970-01-01T00:00:01.500Z"),
  ])
  func `instants`(_ value: Value, _ iso: String) throws {
    #expect(try TypeSpec(.instant).convert(value, context).plainText == iso)
  }

  @Test(arguments: [
    (Value.text("1405-07-14 15:00"), "Jalali"), (.text("2026-10-06"), "time of day"), (.text("15:00"), "no day"),
    (.text("2026-02-30 10:00"), "no such day"), (.text("2026-10-06 24:00"), "no date or time"),
    (.integer(.max), "outside"), (.integer(.min), "outside"), (.text("99999999999999999999"), "no date"),
    (.text("tomorrow"), "no date or time"), (.boolean(true), "neither"), (.json(.array([])), "neither"),
    (.text("1e30"), "no date"),
  ])
  func `what is no instant says why`(_ value: Value, _ part: String) throws {
    let reason = try #require(refusal(TypeSpec(.instant), value))
    #expect(reason.contains(part), "\(reason)")
  }

  @Test(arguments: [
    ("yyyy-MM-dd HH:mm", TypeSpec.Calendar.gregorian, "2026-10-06 15:00", "2026-10-06T11:30:00Z"),
    ("yyyy/MM/dd HH:mm", .jalali, "۱۴۰۵/۰۷/۱۴ ۱۵:۰۰", "2026-10-06T11:30:00Z"),
    ("EEEE d MMMM yyyy 'ساعت' HH:mm", .jalali, "سه‌شنبه ۱۴ مهر ۱۴۰۵ ساعت ۱۵:۰۰", "2026-10-06T11:30:00Z"),
    ("d MMMM HH:mm", .jalali, "۱۴ مهر ۱۵:۰۰", "2026-10-06T11:30:00Z"),
    ("d MMMM HH:mm", .jalali, "1 Farvardin 00:30", "2027-03-20T21:00:00Z"),
    ("EEE, d MMM yyyy HH:mm:ss XXX", .gregorian, "Tue, 6 Oct 2026 11:30:05 Z", "2026-10-06T11:30:05Z"),
    ("d MMM yyyy h:mm a", .gregorian, "6 October 2026 3:00 PM", "2026-10-06T11:30:00Z"),
    ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", .gregorian, "2026-10-06T15:00:00.007+03:30", "2026-10-06T11:30:00.007Z"),
    ("yy/MM/dd HH:mm", .jalali, "05/07/14 15:00", "2026-10-06T11:30:00Z"),
    ("yyyyMMddHHmm", .gregorian, "202610061500", "2026-10-06T11:30:00Z"),
  ])
  func `instants by a format`(_ format: String, _ calendar: TypeSpec.Calendar, _ text: String, _ iso: String) throws {
    let spec = TypeSpec(.instant, calendar: calendar, format: format)
    try spec.checkFormat()
    #expect(try spec.convert(.text(text), context).plainText == iso)
  }

  @Test(arguments: [
    ("EEEE d MMMM yyyy HH:mm", "شنبه ۱۴ مهر ۱۴۰۵ ۱۵:۰۰", "Tuesday"),
    ("yyyy/MM/dd HH:mm", "2026/10/06 10:00", "Gregorian"),
    ("yyyy/MM/dd HH:mm", "1404/12/30 10:00", "no such day"), ("yyyy/MM/dd HH:mm", "1405/07/14", "format"),
    ("yyyy/MM/dd HH:mm", "1405/07/14 10:00 x", "more"), ("yyyy/MM/dd HH:mm", "1405/07/14 25:00", "clock"),
  ])
  func `text that does not fit its format says why`(_ format: String, _ text: String, _ part: String) throws {
    let reason = try #require(refusal(TypeSpec(.instant, calendar: .jalali, format: format), .text(text)))
    #expect(reason.contains(part), "\(reason)")
  }

  @Test(arguments: [
    (Value.text("2026-10-06"), "2026-10-06"), (.text("2026/10/6"), "2026-10-06"),
    (.integer(1_791_232_200), "2026-10-06"),
    (.text("1791232200"), "2026-10-06"), (.text("2026-10-05T20:30:00Z"), "2026-10-06"),
    (.text("2026-10-06 23:59"), "2026-10-06"), (.instant(Instant(seconds: 1_791_232_199)), "2026-10-05"),
  ])
  func `dates are days of the zone`(_ value: Value, _ day: String) throws {
    #expect(try TypeSpec(.date).convert(value, context).plainText == day)
  }

  @Test(arguments: [
    Value.text("20261006"), .integer(20_261_006), .text("04/01/01"), .text("1404-01-01"), .text("x"), .text("15:00"),
  ])
  func `what is no date is refused`(_ value: Value) { #expect(refusal(TypeSpec(.date), value) != nil) }

  @Test(arguments: [
    ("15:00", "15:00"), ("۹:۰۵", "09:05"), ("15:00:00.0000", "15:00"), ("11:00 صبح", "11:00"), ("3 عصر", "15:00"),
    ("1:30 ظهر", "13:30"), ("12 شب", "00:00"), ("8 شب", "20:00"), ("12:15 am", "00:15"), ("12 PM", "12:00"),
    ("3:00 بعد از ظهر", "15:00"), ("2026-10-06 15:30:10", "15:30:10"), ("2026-10-06T11:30:00Z", "15:00"),
  ])
  func `times of day`(_ text: String, _ time: String) throws {
    #expect(try TypeSpec(.time).convert(.text(text), context).plainText == time)
  }

  @Test(arguments: ["24:00", "15", "13:00 صبح", "25 عصر", "15:60", "1:2", "3 xm"])
  func `what no clock shows is refused`(_ text: String) { #expect(refusal(TypeSpec(.time), .text(text)) != nil) }

  @Test(
    arguments: [
      (Value.text("15m"), 900_000), (.text("00:20:00"), 1_200_000), (.text("PT1H30M"), 5_400_000),
      (.text("P1DT1S"), 86_401_000),
      (.text("۲۰ دقیقه"), 1_200_000), (.text("۱ ساعت و ۳۰ دقیقه"), 5_400_000), (.integer(900), 900_000),
      (.text("1.5h"), 5_400_000),
      (.text("1 hour 5 min"), 3_900_000), (.text("250ms"), 250), (.text("01:30"), 5_400_000),
      (.text("2w"), 1_209_600_000),
      (.text("0"), 0), (.text("15 x"), nil), (.text("P1M"), nil), (.text("-5m"), nil), (.integer(-1), nil),
      (.text("P"), nil),
      (.text("PT"), nil), (.text("1h1"), nil), (.integer(.max), nil), (.text("00:61"), nil), (.text("PT1H30"), nil),
    ] as [(Value, Int64?)])
  func `durations`(_ value: Value, _ milliseconds: Int64?) {
    #expect((try? TypeSpec(.duration).convert(value, context)) == milliseconds.map { .duration(.milliseconds($0)) })
  }

  @Test func `durations print so that they read back`() {
    var random = SplitMix(seed: 4)
    for _ in 0..<2000 {
      let duration = Duration.milliseconds(Int64.random(in: 0...864_000_000_000, using: &random))
      #expect(DurationText.parse(DurationText.format(duration)) == duration)
    }
    #expect(DurationText.format(.seconds(90)) == "1m30s" && DurationText.format(.zero) == "0s")
    #expect(DurationText.parse("15") == nil && DurationText.parse("") == nil)
  }

  @Test(arguments: [
    ("https://example.test/dr/دکتر", true), ("HTTP://EXAMPLE.test", true), (" https://a.test/x?y#z ", true),
    ("/dr/x", false),
    ("//a.test/", false), ("ftp://a.test", false), ("javascript:alert(1)", false), ("https://", false),
    ("https://:80/", false),
    ("https://u:p@a.test/", false), ("https://a.test/a b", false), ("https://a.test\\@b.test", false),
    ("https://a.test/\r\nX: y", false),
    ("http:/a.test", false), ("http:a.test", false),
  ])
  func `urls are absolute http(s) ones`(_ text: String, _ valid: Bool) {
    #expect((refusal(TypeSpec(.url), .text(text)) == nil) == valid)
  }

  @Test(
    arguments: [
      ("۲۵۰٬۰۰۰ تومان", nil, "250000 toman"), ("1,200,000 ريال", nil, "1200000 rial"), ("رایگان", nil, "0 rial"),
      ("۲۵۰ هزار تومان", nil, "250000 toman"), ("250000تومان", nil, "250000 toman"), ("۱۲۰۰۰", .rial, "12000 rial"),
      ("1.200.000", .toman, "1200000 toman"), ("قیمت ۱۰ تومان", .toman, nil), ("12000", nil, nil), ("0", nil, "0 rial"),
      ("10 تومان 20 تومان", nil, nil), ("10 تومان ریال", nil, nil), ("تومان", nil, nil),
      ("۱۰٫۵ تومان", nil, "10.5 toman"), ("۲۵۰،۰۰۰ تومان", nil, "250000 toman"), ("۲۵، ۱۰ تومان", nil, nil),
      ("۱۰ ریال", .toman, "10 rial"), ("99999999999999999999 ریال", nil, nil), ("-1", .toman, "-1 toman"),
    ] as [(String, MoneyUnit?, String?)])
  func `money keeps its unit`(_ text: String, _ unit: MoneyUnit?, _ plain: String?) {
    #expect((try? TypeSpec(.money, unit: unit).convert(.text(text), context))?.plainText == plain)
  }

  @Test(arguments: [
    ("YYYY-MM-dd", "yyyy"), ("yyyy-MM-dd 'x", "not closed"), ("yyyy-MM-qq", "stands for nothing"), ("", "1 to 200"),
  ])
  func `a wrong format says where and what instead`(_ format: String, _ part: String) {
    do {
      try TypeSpec(.date, format: format).checkFormat()
      Issue.record("accepted")
    } catch {
      #expect((error.message + " " + (error.help ?? "")).contains(part))
    }
    #expect(refusal(TypeSpec(.date, format: format), .text("2026-10-06")) != nil)
  }

  @Test func `a format must give what its type needs`() {
    #expect(throws: SyntaxError.self) { try TypeSpec(.instant, format: "yyyy-MM-dd").checkFormat() }
    #expect(throws: SyntaxError.self) { try TypeSpec(.date, format: "HH:mm").checkFormat() }
    #expect(throws: SyntaxError.self) { try TypeSpec(.integer, format: "HH:mm").checkFormat() }
  }

  @Test func `what is found is cut to 80 characters`() {
    do {
      _ = try TypeSpec(.integer).convert(.text(String(repeating: "x", count: 500)), context)
      Issue.record("accepted")
    } catch {
      #expect(error.found.count == 80 && error.type == .integer)
    }
  }

  @Test(
    arguments: ["yyyy-MM-dd HH:mm:ss", "d MMMM yyyy h:mm:ss a", "EEEE dd MMM yyyy HH:mm:ss"],
    [TypeSpec.Calendar.gregorian, .jalali])
  func `what a pattern prints it reads back, in both languages`(_ format: String, _ calendar: TypeSpec.Calendar) throws
  {
    var random = SplitMix(seed: 5)
    let filter = calendar == .jalali ? "jalali" : "date"
    let template = try Template("{at | \(filter): '\(format)'}")
    for language in ["fa", "en"] {
      var context = context
      context.language = language
      for _ in 0..<300 {
        let at = Value.instant(Instant(seconds: Int64.random(in: -2_000_000_000...4_000_000_000, using: &random)))
        let printed = template.value(in: Scope([("at", at)]), context)
        let read = try TypeSpec(.instant, calendar: calendar, format: format).convert(printed, context)
        #expect(isSame(read, at), "\(printed.plainText)")
      }
    }
  }

  /// Within the hour that clocks show twice, the first is read.
  private func isSame(_ read: Value, _ printed: Value) -> Bool {
    guard case .instant(let a) = read, case .instant(let b) = printed else { return false }
    return context.zone.civil(of: a) == context.zone.civil(of: b)
  }

  @Test func `random text is typed or refused, never a crash`() {
    var random = SplitMix(seed: 6)
    let seeds = ["2026-10-06 15:00", "۱۴ مهر", "PT1H30M", "۲۵۰٬۰۰۰ تومان", "1791286200", "-12.50e3", "11:00 صبح"]
    for _ in 0..<4000 {
      let text =
        Bool.random(using: &random) ? random.text(upTo: 12) : random.mutated(seeds.randomElement(using: &random) ?? "")
      for type in ValueType.allCases { _ = try? TypeSpec(type, calendar: .jalali).convert(.text(text), context) }
      _ = try? TypeSpec(.instant, format: "EEEE d MMMM yyyy HH:mm a XXX").convert(.text(text), context)
      _ = try? DatePattern(text)
    }
  }
}

extension SplitMix {
  /// `text` with some scalars replaced, doubled or left out.
  mutating func mutated(_ text: String) -> String {
    var scalars = Array(text.unicodeScalars)
    for _ in 0..<Int.random(in: 1...3, using: &self) where !scalars.isEmpty {
      let index = Int.random(in: 0..<scalars.count, using: &self)
      switch Int.random(in: 0...2, using: &self) {
      case 0: scalars.remove(at: index)
      case 1: scalars.insert(scalars[index], at: index)
      default: scalars[index] = Array("09-+.:eE۵٬٫ '\"()[]{}|<>=!ی".unicodeScalars).randomElement(using: &self) ?? "0"
      }
    }
    return String(String.UnicodeScalarView(scalars))
  }
}

import Language
import TestSupport
import Testing

struct ExpressionTests {
  private let names: [String: ValueType] = [
    "start": .instant, "day": .date, "at": .time, "doctor": .text, "center_id": .unknown, "price": .money,
    "count": .integer,
    "rate": .decimal, "active": .boolean, "slice": .duration, "link": .url, "gone": .unknown, "raw": .unknown,
    "list": .unknown,
  ]
  private let scope: Scope
  private let context: RenderContext

  init() throws {
    // Now 2026-10-06 12:00 in Tehran, a Tuesday; start three hours later.
    context = RenderContext(
      zone: try #require(TimeZoneRules(identifier: "Asia/Tehran")), now: Instant(seconds: 1_791_275_400))
    scope = Scope([
      ("start", .instant(Instant(seconds: 1_791_286_200))), ("day", .date(CivilDate(year: 2026, month: 10, day: 7))),
      ("at", .time(CivilTime(hour: 9, minute: 30))),
      ("doctor", .text("دكتر  رضايي ۲")), ("center_id", .text("5532")),
      ("price", .money(DecimalNumber(units: 500_000), unit: .rial)), ("count", .integer(3)),
      ("rate", .decimal(DecimalNumber(units: 45, scale: 1))), ("active", .boolean(true)),
      ("slice", .duration(.seconds(900))), ("link", .url("https://a.test/x")),
      ("gone", .null), ("raw", .integer(7)), ("list", .json(.array([.integer(1), .string("x")]))),
    ])
  }

  private func value(_ source: String) throws -> Value {
    try Expression(source, names: names).value(in: scope, context)
  }

  @Test(arguments: [
    "start > now", "start.hour == 15", "start.hour < 16 and start.minute == 0", "start.weekday == 2",
    "start.date == 2026-10-06", "start.time == 15:00",
    "start >= 2026-10-06", "start == 2026-10-06", "2026-10-07 > start", "day == 2026-10-07", "day.weekday == 3",
    "at < 12:30", "at.hour == 9 and at.minute == 30",
    "now + 3h == start", "start - now < 4h", "start - 1d < now", "day - 1d == start.date", "day - start.date == 1d",
    "15m == slice", "slice + 5m == 20m", "2h + now < start",
    "start == 2026-10-06T15:00", "start > 2026-10-06T14:59:59", "doctor == 'دکتر رضایی 2'", "doctor matches '^دکتر'",
    "doctor matches 'رضا[يی]+ [0-9]'",
    "doctor matches 'رضایی ۲$'", "center_id in ['204', '5532']", "center_id in [204, 5532]", "center_id == 5532",
    "center_id not in ['1']", "not center_id in []",
    "price == 50000 toman", "price < 60000 toman", "price >= 500000rial", "count == 3.0", "count in [1, 2, 3]",
    "rate > 4", "rate == 4.5", "active", "active == true", "not (active == false)",
    "gone == null", "null == gone", "raw != null", "not gone == 1", "not gone != 1", "not gone < 1",
    "not gone matches 'x'", "1 in list", "'x' in list", "not 2 in list",
    "link == 'https://a.test/x'", "link matches '^https'", "false or active", "active and (false or not false)",
    "count > -1", "count == ۳", "start.hour in [۱۵]",
    "start.date.weekday == 2", "now.date == 2026-10-06", "raw == 7", "not raw == 'x'", "not raw != 'x'",
    "not raw == true", "\"a\" == 'a'", "'it''s' == \"it's\"", "not not active",
    "now < start or start < now and false",
  ])
  func `holds`(_ source: String) throws { #expect(try value(source) == .boolean(true)) }

  @Test(arguments: [
    "start <= now", "gone", "gone == 1", "gone != 1", "gone < 1", "gone.hour == 1", "gone in [1]", "raw.hour == 1",
    "raw < 'x'", "raw", "doctor == 'دکتر'", "raw + 1h == now", "gone == gone",
    "list == 1", "1 in gone", "1 in raw", "gone and active", "start.weekday == 7", "false", "not active",
  ])
  func `does not hold`(_ source: String) throws {
    #expect(try !Expression(source, names: names).holds(in: scope, context))
  }

  @Test(arguments: [
    ("strat > now", 0, "did you mean 'start'?"), ("start >", 7, "value is expected"), ("", 0, "expected"),
    ("  ", 0, "expected"), ("start > now now", 12, "operator is expected"),
    ("start = now", 6, "did you mean '=='?"), ("active && active", 7, "did you mean 'and'?"),
    ("active || active", 7, "did you mean 'or'?"), ("!active", 0, "did you mean 'not'?"),
    ("start == 12:30", 6, ".time"), ("start < 5", 6, ".hour"), ("count == '3'", 6, "in quotes"),
    ("doctor == 3", 7, "in quotes"), ("price < 500", 6, "toman"), ("slice < 5", 6, "15m"),
    ("active < true", 7, "order"), ("start < null", 6, "== null"), ("count.hour == 1", 6, "has no '.hour'"),
    ("day.hour == 1", 4, "has no '.hour'"), ("start.huor == 1", 6, "did you mean 'hour'?"),
    ("start.", 6, "member"), ("1405-07-14 == day", 0, "2026-10-06"), ("day == 2026-02-30", 7, "no day"),
    ("at == 25:00", 6, "no time"), ("slice == 15x", 9, "duration"),
    ("(start > now", 0, "not closed"), ("start > now)", 11, "operator is expected"), ("count in 3", 9, "list"),
    ("count in [1, 'x']", 6, "compare"), ("count in [null]", 10, "== null"),
    ("doctor matches doctor", 15, "quotes"), ("doctor matches '('", 17, ""), ("start matches 'x'", 6, "reads text"),
    ("start and active", 0, "conditions"), ("not start", 4, "conditions"), ("start + 5 > now", 6, "durations"),
    ("day + 5h > day", 6, "whole days"), ("start + start > now", 6, "durations"), ("1 < count < 3", 10, "and"),
    ("'x", 0, "not closed"), ("start # 1", 6, "no meaning"), ("self.__class__", 0, "unknown name"),
    ("open('x')", 0, "unknown name"), ("count(1)", 5, "operator"), ("count == 99999999999999999999", 9, "64 bits"),
    ("and active", 0, "before 'and'"), ("active AND active", 7, "did you mean 'and'?"), ("count == [1]", 6, "'in'"),
    ("doctor matches 'رِضا'", 17, "mark"), ("count == not active", 9, "whole"), ("- start", 0, "number"),
    ("1h < 12:30", 3, "compare"),
  ])
  func `mistakes are located, with what to write instead`(_ source: String, _ offset: Int, _ part: String) {
    do {
      _ = try Expression(source, names: names)
      Issue.record("accepted \(source)")
    } catch {
      let message = error.message + " | " + (error.help ?? "")
      #expect(part.isEmpty || message.contains(part), "\(message)")
      #expect(part.isEmpty || error.offset == offset, "\(error.offset) \(message)")
    }
  }

  @Test func `names and type are known`() throws {
    let expression = try Expression("start <= now or count in [1] and day == day", names: names)
    #expect(expression.names == ["start", "count", "day"] && expression.type == .boolean)
    #expect(try Expression("start + 1h", names: names).type == .instant)
    #expect(try Expression("raw", names: names).type == .unknown)
    #expect(try Expression("now", names: ["now": .integer]).names == ["now"])
  }

  @Test func `length and depth are limited`() throws {
    #expect(throws: SyntaxError.self) { try Expression(String(repeating: "a", count: 5000), names: [:]) }
    for (open, close) in [("(", ")"), ("not ", ""), ("[", "]")] {
      let deep = String(repeating: open, count: 1000) + "1" + String(repeating: close, count: 1000)
      #expect(throws: SyntaxError.self) { try Expression(String(deep.prefix(4096)), names: [:]) }
    }
    let wide = Array(repeating: "active", count: 400).joined(separator: " or ")
    #expect(try value(wide) == .boolean(true))
    let sum = "now" + Array(repeating: "+1h", count: 1300).joined()
    guard case .instant = try value(sum) else { return #expect(Bool(false), "no instant") }
  }

  @Test func `a pattern that runs away is stopped and finds nothing`() throws {
    let expression = try Expression("text matches '^(a+)+$'", names: ["text": .text])
    let evil = Scope([("text", .text(String(repeating: "a", count: 40) + "b"))])
    #expect(!expression.holds(in: evil, context))
  }

  @Test func `random expressions are computed or refused, never a crash`() {
    var random = SplitMix(seed: 10)
    let words =
      names.keys.sorted() + [
        "and", "or", "not", "in", "matches", "true", "null", "now", "==", "!=", "<", ">=", "(", ")", "[", "]", ",", "+",
        "-", ".", ".hour", ".date", "15m", "2026-10-06", "12:30", "'x'", "3",
        "4.5", "500 toman", "2026-10-06T12:30", "۱", "9999999999999w",
      ]
    var accepted = 0
    for _ in 0..<20_000 {
      var source = (0..<Int.random(in: 1...9, using: &random)).map { _ in words.randomElement(using: &random) ?? "" }
        .joined(separator: " ")
      if Bool.random(using: &random) { source = random.mutated(source) }
      guard let expression = try? Expression(source, names: names) else { continue }
      accepted += 1
      _ = expression.value(in: scope, context)
      _ = expression.value(in: Scope(), context)
    }
    #expect(accepted > 100)
  }

  @Test func `random values compare without a crash`() throws {
    var random = SplitMix(seed: 11)
    let operators = ["==", "!=", "<", ">="]
    let sums = try [
      "a + b", "a - b", "a in b", "a.date == b.date", "a.time < b.time", "a.hour < b.weekday", "not a or b",
    ].map { try Expression($0, names: ["a": .unknown, "b": .unknown]) }
    let comparisons = try operators.map { try Expression("a \($0) b", names: ["a": .unknown, "b": .unknown]) }
    for _ in 0..<3000 {
      let (a, b) = (random.value(depth: 2), random.value(depth: 2))
      let scope = Scope([("a", a), ("b", b)])
      for expression in sums + comparisons { _ = expression.value(in: scope, context) }
      let reverse = b.compared(to: a, zone: .utc)
      switch a.compared(to: b, zone: .utc) {
      case .less: #expect(reverse == .greater)
      case .greater: #expect(reverse == .less)
      case let same: #expect(reverse == same)
      }
    }
  }
}

import Language
import TestSupport
import Testing

struct TemplateTests {
  private let tehran: TimeZoneRules
  private let scope: Scope
  /// 2026-10-06 15:00 in Tehran, a Tuesday, 14 Mehr 1405.
  private let start = Instant(seconds: 1_791_286_200)

  init() throws {
    tehran = try #require(TimeZoneRules(identifier: "Asia/Tehran"))
    scope = Scope([
      ("start", .instant(start)), ("day", .date(CivilDate(year: 2026, month: 10, day: 6))),
      ("at", .time(CivilTime(hour: 9, minute: 5))),
      ("doctor", .text("  دکتر نمونه ")), ("center", .null), ("blank", .text("")), ("id", .integer(5532)),
      ("price", .money(DecimalNumber(units: 2_500_000), unit: .rial)), ("unix", .text("1791286200")),
      ("tags", .list([.text("a"), .null, .text("b")])), ("evil", .text("{secret} {{x}} {start | time}")),
      ("secret", .text("s3")),
      ("array", .json(.array([.integer(1), .string("x")]))), ("code", .text("A-12-B")),
    ])
  }

  private func text(_ source: String, _ language: String = "fa") throws -> String {
    try Template(source).text(in: scope, RenderContext(zone: tehran, now: start, language: language))
  }

  @Test(arguments: [
    ("نوبت خالی: {doctor | trim}", "نوبت خالی: دکتر نمونه"),
    ("{start | jalali: 'EEEE d MMMM'} ساعت {start | time}", "سه‌شنبه ۱۴ مهر ساعت ۱۵:۰۰"),
    ("{start | time}{center | prefix: '، '}", "۱۵:۰۰"), ("{start | time}{blank | prefix: '، '}", "۱۵:۰۰"),
    ("{id | prefix: 'کد '}", "کد 5532"), ("{now | date}", "2026-10-06"), ("{start | date}", "2026-10-06"),
    ("{day | jalali}", "۱۴ مهر ۱۴۰۵"), ("{day | jalali: 'yyyy/MM/dd'}", "۱۴۰۵/۰۷/۱۴"), ("{at | time}", "۰۹:۰۵"),
    ("{price | toman}", "۲۵۰٬۰۰۰ تومان"), ("{price | rial}", "۲٬۵۰۰٬۰۰۰ ریال"), ("{id | number}", "۵٬۵۳۲"),
    ("{id | digits: 'fa'}", "۵۵۳۲"), ("{center | default: 'نامشخص'}", "نامشخص"), ("{blank | default: '-'}", "-"),
    ("{doctor | trim | replace: 'دکتر ', ''}", "نمونه"), ("{doctor | trim | truncate: 5}", "دکتر…"),
    ("{doctor | trim | truncate: 100}", "دکتر نمونه"),
    ("{code | split: '-' | first}{code | split: '-' | last}", "AB"), ("{code | split: '-' | join: '+'}", "A+12+B"),
    ("{tags | join: '/'}", "a/b"),
    ("{array | join: ','}", "1,x"), ("{code | lower}", "a-12-b"), ("{code | upper}", "A-12-B"),
    ("{doctor | trim | urlencode}", "%D8%AF%DA%A9%D8%AA%D8%B1%20%D9%86%D9%85%D9%88%D9%86%D9%87"),
    ("{start}", "2026-10-06T11:30:00Z"), ("{start | iso}", "2026-10-06T15:00:00+03:30"),
    ("{start | unix}", "1791286200"),
    ("{unix | time}", "۱۵:۰۰"), ("{unix | date}", "2026-10-06"), ("{doctor | trim | jalali}", "دکتر نمونه"),
    ("{day | time}", "2026-10-06"),
    ("{at | jalali}", "09:05"), ("{nothing}", ""), ("{center}", ""), ("", ""), ("{{}} {{{id}}}", "{} {5532}"),
    ("{ id|suffix:\"'\" }", "5532'"),
    ("{id | suffix: 'it''s'}", "5532it's"), ("{id | suffix: '}|{'}", "5532}|{"), ("{doctor | fold}", "دکتر نمونه"),
    ("{start | date: 'd MMMM yyyy'}", "۶ اکتبر ۲۰۲۶"),
  ])
  func `Persian`(_ source: String, _ expected: String) throws { #expect(try text(source) == expected) }

  @Test(arguments: [
    ("{start | date: 'EEE d MMM'} {start | time}", "Tue 6 Oct 15:00"),
    ("{start | jalali: 'EEEE d MMMM yyyy'}", "Tuesday 14 Mehr 1405"),
    ("{price | toman}", "250,000 toman"), ("{start | date: 'h:mm a'}", "3:00 PM"),
    ("{start | date: 'yy-M-d HH:mm:ss.SSSXXX'}", "26-10-6 15:00:00.000+03:30"),
  ])
  func `English`(_ source: String, _ expected: String) throws { #expect(try text(source, "en") == expected) }

  @Test(arguments: [
    ("{{ self.__init__.__globals__ }}", "{ self.__init__.__globals__ }"), ("{{7*7}}", "{7*7}"),
    ("{{secret}}", "{secret}"),
    ("{evil}", "{secret} {{x}} {start | time}"),
    ("{evil | trim | prefix: '{secret}'}", "{secret}{secret} {{x}} {start | time}"),
  ])
  func `nothing is called, and no value is rendered again`(_ source: String, _ expected: String) throws {
    #expect(try text(source) == expected)
  }

  @Test(arguments: [
    ("{", 0, "not closed|name"), ("a {b", 2, "not closed"), ("a } b", 2, "closes nothing"),
    ("{% for i in x %}", 1, "name"), ("{}", 1, "name"),
    ("{7*7}", 1, "name"), ("{a.b}", 2, "'|' or '}'"), ("{a()}", 2, "'|' or '}'"),
    ("{a | trum}", 5, "did you mean 'trim'"),
    ("{a | }", 5, "filter's name"), ("{a | prefix}", 5, "1 argument"), ("{a | trim: 'x'}", 5, "no argument"),
    ("{a | prefix: }", 13, "argument"),
    ("{a | prefix: 'x}", 13, "not closed"), ("{a | truncate: 'x'}", 15, "no length"),
    ("{a | truncate: 0}", 15, "no length"), ("{a | digits: 'de'}", 13, "no digits"),
    ("{a | jalali: 'QQ'}", 13, "stands for nothing"), ("{a | replace: '', 'b'}", 14, "nothing to replace"),
    ("{a b}", 3, "'|' or '}'"), ("{a | trim", 0, "not closed"),
  ])
  func `mistakes are located`(_ source: String, _ offset: Int, _ parts: String) {
    do {
      _ = try Template(source)
      Issue.record("accepted \(source)")
    } catch {
      let message = error.message + " " + (error.help ?? "")
      #expect(
        parts.split(separator: "|", maxSplits: 1).contains { message.contains($0) } || message.contains(parts),
        "\(message)")
      #expect(source == "{" || error.offset == offset, "\(error)")
    }
  }

  @Test func `references, literals and the parts in between`() throws {
    let template = try Template("https://a.test/{{x}}/{slug}/{id | trim}?q={slug}")
    #expect(
      template.references == [
        .init(name: "slug", offset: 22), .init(name: "id", offset: 29), .init(name: "slug", offset: 43),
      ])
    #expect(template.literalPrefix == "https://a.test/{x}/" && !template.isLiteral && template.parts.count == 6)
    #expect(
      try Template("a {{b}}").isLiteral && Template("a {{b}}").literalPrefix == "a {b}"
        && Template("{a}").literalPrefix == "")
  }

  @Test func `values are encoded where text must be whole, literals are not`() throws {
    let context = RenderContext(zone: tehran, now: start)
    #expect(
      try Template("x y/{doctor | trim}/{id}").requiredText(in: scope, context, encode: percentEncoded)
        == "x y/%D8%AF%DA%A9%D8%AA%D8%B1%20%D9%86%D9%85%D9%88%D9%86%D9%87/5532")
    #expect(throws: NullReference(name: "center")) { try Template("{id}{center}").requiredText(in: scope, context) }
    #expect(throws: NullReference(name: "unknown")) { try Template("{unknown}").requiredText(in: scope, context) }
    #expect(try Template("{center | default: '0'}").requiredText(in: scope, context) == "0")
    #expect(try Template("{now | unix}").requiredText(in: scope, context) == "1791286200")
  }

  @Test func `a single reference keeps its type`() throws {
    let context = RenderContext(zone: tehran, now: start)
    #expect(try Template("{start}").value(in: scope, context) == .instant(start))
    #expect(try Template("{start | unix}").value(in: scope, context) == .integer(1_791_286_200))
    #expect(try Template("{center}").value(in: scope, context) == .null)
    #expect(try Template(" {id}").value(in: scope, context) == .text(" 5532"))
    #expect(try Template("{now}").value(in: scope.adding([("now", .integer(1))]), context) == .integer(1))
  }

  @Test func `output is bounded, and says that it was cut`() throws {
    let context = RenderContext(zone: tehran, now: start)
    let big = scope.adding([("big", .text(String(repeating: "x", count: 60_000)))])
    let text = try Template("{big}{big}").text(in: big, context)
    #expect(text.utf8.count <= Template.outputLimit && text.hasSuffix("…"))
    #expect(throws: NullReference(name: "big", reason: .overLimit)) {
      try Template("{big}{big}").requiredText(in: big, context)
    }
    let bomb = try Template(
      "{big | replace: 'x', 'xxxxxxxxxx' | replace: 'x', 'xxxxxxxxxx' | replace: 'x', 'xxxxxxxxxx'}")
    #expect(bomb.text(in: big, context).utf8.count <= Template.outputLimit)
    #expect(throws: SyntaxError.self) { try Template(String(repeating: "x", count: 70_000)) }
    #expect(throws: SyntaxError.self) { try Template("{a" + String(repeating: "|trim", count: 40) + "}") }
  }

  @Test func `random templates render or are refused, never a crash`() throws {
    var random = SplitMix(seed: 9)
    let context = RenderContext(zone: tehran, now: start)
    let seeds = [
      "{start | jalali: 'EEEE d MMMM'}{center | prefix: '، '}", "{{x}} {price | toman | truncate: 5}",
      "{code | split: '-' | first}",
    ]
    for _ in 0..<4000 {
      let source = random.mutated(seeds.randomElement(using: &random) ?? "")
      guard let template = try? Template(source) else { continue }
      for language in ["fa", "en"] {
        _ = template.text(in: scope, RenderContext(zone: tehran, now: start, language: language))
        _ = try? template.requiredText(in: scope, context)
      }
    }
  }
}

struct FilterTests {
  @Test func `every filter of the catalog works as its example says`() throws {
    let context = RenderContext(zone: .utc, now: Instant(seconds: 0))
    #expect(FilterChain.catalog.count == 23)
    for info in FilterChain.catalog {
      let chain = try FilterChain(info.example)
      _ = chain.apply(to: .text("1"), context)
      #expect(chain.apply(to: .null, context).isNull || info.name == "default")
      #expect(info.example.contains(info.name) && !info.summary.isEmpty)
    }
    #expect(Set(FilterChain.catalog.map(\.name)).count == FilterChain.catalog.count)
  }

  @Test func `a chain of its own, as after then`() throws {
    let context = RenderContext(zone: .utc, now: Instant(seconds: 0))
    #expect(try FilterChain("trim | replace: 'a', 'b'").apply(to: .text(" a "), context) == .text("b"))
    #expect(try FilterChain(" trim ") == FilterChain(" trim "))
    #expect(try FilterChain("trim | lower").source == "trim | lower")
    for bad in ["", "|", "trim |", "trim lower", "trim}", "trim,"] {
      #expect(throws: SyntaxError.self, "\(bad)") { try FilterChain(bad) }
    }
  }
}

import Language
import PluginHost
import Testing

@testable import SiteSpecs

/// One value, read by one reading.
func read<Value>(_ reading: Reading<Value>, _ text: String) -> Value? {
  let tree = YAMLReader().read(file: "a.yaml", bytes: Array("k: \(text)\n".utf8))
  guard let entry = tree.root.flatMap({ Entry(root: $0).members?.first }) else { return nil }
  let context = SpecContext(source: tree.source, catalog: catalog)
  let value = reading(entry, context)
  // A reading gives a value or says why not, never both or neither.
  #expect((value == nil) == context.diagnostics.hasErrors)
  return value
}

struct ScalarReadingTests {
  @Test(arguments: [
    ("15m", 900_000 as Int64?), ("12h", 43_200_000), ("60s", 60_000), ("500ms", 500), ("8d", 691_200_000),
    ("1h30m", 5_400_000),
    ("0s", 0), ("60", nil), ("1.5h", nil), ("-1s", nil), ("30m1h", nil), ("5 m", nil), ("1w", nil), ("s", nil),
    ("1s1s", nil),
    ("999999999d", nil), ("9999999999s", nil), ("1h 30m", nil), ("1S", nil), ("1s\u{301}", nil), ("۱m", nil),
    ("1\u{301}s", nil),
    ("1ß", nil), ("1é", nil), ("000000001s", 1000), ("'15m'", 900_000), ("[15m]", nil), ("~", nil),
  ])
  func `durations carry their units`(text: String, milliseconds: Int64?) {
    #expect(read(Reading<Duration>.duration(), text)?.inMilliseconds == milliseconds)
  }

  @Test(arguments: [
    ("60s", "60s"), ("2m", "2m"), ("119s", "119s"), ("24h", "1d"), ("500ms", "500ms"), ("0s", "0s"), ("90m", "90m"),
  ])
  func `durations print as people write them`(text: String, printed: String) throws {
    #expect(durationText(try #require(durationInSpec(text))) == printed)
  }

  @Test(arguments: [
    ("1/s", RateLimit(count: 1, per: .seconds(1))), ("20/min", RateLimit(count: 20, per: .seconds(60))),
    ("10/day", RateLimit(count: 10, per: .seconds(86_400))), ("5/h", RateLimit(count: 5, per: .seconds(3600))),
    ("0/s", nil),
    ("1/year", nil), ("1", nil), ("/s", nil), ("1/s/s", nil), ("-1/s", nil), ("fast", nil),
  ])
  func `rates are counts per time`(text: String, rate: RateLimit?) {
    #expect(read(Reading<RateLimit>.rate, text) == rate)
  }

  @Test(arguments: [
    ("23:00-07:00", 82_800 as Int?), ("00:00-23:59", 0), ("7:00-8:00", nil), ("24:00-07:00", nil), ("10:00-10:00", nil),
    ("10:60-11:00", nil), ("10:00", nil), ("'09:30-10:00'", 34_200),
  ])
  func `quiet hours are two clock times`(text: String, from: Int?) {
    #expect(read(Reading<Subscription.ClosedQuiet>.quiet, text)?.from.secondsOfDay == from)
  }

  @Test(
    arguments: [
      ("404", 404...404), ("500..599", 500...599), ("'500..599'", 500...599), ("99", nil), ("600", nil),
      ("599..500", nil),
      ("4xx", nil), ("..", nil), ("404.5", nil), ("500...599", nil),
    ] as [(String, ClosedRange<Int>?)])
  func `statuses are numbers or ranges`(text: String, range: ClosedRange<Int>?) {
    #expect(read(Reading<ClosedRange<Int>>.range(100...599), text) == range)
  }

  @Test(
    arguments: [
      ("1", Value.integer(1)), ("true", .boolean(true)), ("null", .null),
      ("1.50", .decimal(DecimalNumber(units: 15, scale: 1))),
      ("'1'", .text("1")), ("yes", .text("yes")), ("-2.5", .decimal(DecimalNumber(units: -25, scale: 1))), ("[1]", nil),
      ("1e9", nil), ("99999999999999999999", nil),
    ] as [(String, Value?)])
  func `literals keep their kind`(text: String, value: Value?) {
    #expect(read(Reading<Value>.literal, text) == value)
  }

  @Test(arguments: ["yes", "no", "on", "off", "1", "'true'", "maybe", "[true]", "~"])
  func `only true and false are booleans`(text: String) {
    #expect(read(Reading<Bool>.boolean, text) == nil)
  }

  @Test(arguments: ["true", "True", "FALSE"])
  func `true and false are booleans`(text: String) {
    #expect(read(Reading<Bool>.boolean, text) == (text.lowercased() == "true"))
  }

  @Test(
    arguments: [
      ("$.a", ["json"]), ("//a", ["xpath"]), ("./a", ["xpath"]), ("(//a)[1]", ["xpath"]), (".", ["xpath"]),
      ("{ css: a }", ["css"]),
      ("{ pattern: 'a+' }", ["pattern"]), ("[$.a, { css: a }]", ["json", "css"]), ("{ css: [a, b] }", ["css", "css"]),
      ("[]", nil), ("a", nil), ("'@id'", nil), (".price", nil), ("{ css: a, json: $ }", nil), ("{}", nil), ("1", nil),
      ("''", nil),
      ("[[$.a]]", nil),
    ] as [(String, [String]?)])
  func `selectors say their kind`(text: String, kinds: [String]?) {
    #expect(read(Reading<SelectorList>.selector, text)?.alternatives.map(\.kind) == kinds)
  }

  @Test func `a selector longer than the limit is refused`() {
    let long = "$" + String(repeating: ".a", count: 2048)
    #expect(read(Reading<SelectorList>.selector, long) == nil)
  }

  @Test(arguments: [
    ("a-b_1", true), ("1a", true), ("A", false), ("-a", false), ("ä", false), (String(repeating: "a", count: 64), true),
    (String(repeating: "a", count: 65), false), ("a/b", false), ("..", false),
  ])
  func `ids are file names that need no quoting`(text: String, isAllowed: Bool) {
    #expect(isID(text) == isAllowed)
  }
}

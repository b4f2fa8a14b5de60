import TestSupport
import Testing

@testable import Language

struct TimeZoneTests {
  private let tehran = TimeZoneRules(identifier: "Asia/Tehran")

  private func at(_ iso: String) throws -> Instant {
    guard
      case .instant(let instant) = try TypeSpec(.instant).convert(
        .text(iso), RenderContext(zone: .utc, now: Instant(seconds: 0)))
    else { throw TypingError(type: .instant, found: iso, reason: "test") }
    return instant
  }

  @Test(arguments: [
    ("Asia/Tehran", "2022-09-21T19:29:59Z", 16_200), ("Asia/Tehran", "2022-09-21T19:30:00Z", 12_600),
    ("Asia/Tehran", "2026-07-09T00:00:00Z", 12_600), ("Asia/Tehran", "2090-07-09T00:00:00Z", 12_600),
    ("Asia/Tehran", "2021-03-21T20:29:59Z", 12_600), ("Asia/Tehran", "2021-03-21T20:30:00Z", 16_200),
    ("UTC", "2026-01-01T00:00:00Z", 0), ("+03:30", "1900-01-01T00:00:00Z", 12_600),
  ])
  func `offsets of Tehran, UTC and fixed zones`(_ name: String, _ iso: String, _ offset: Int) throws {
    #expect(try #require(TimeZoneRules(identifier: name)).offset(at: try at(iso)) == offset)
  }

  @Test(
    .enabled(if: TimeZoneRules(identifier: "Europe/Berlin") != nil, "needs tzdata"),
    arguments: [
      ("Europe/Berlin", "2026-03-29T00:59:59Z", 3600), ("Europe/Berlin", "2026-03-29T01:00:00Z", 7200),
      ("Europe/Berlin", "2026-10-25T00:59:59Z", 7200), ("Europe/Berlin", "2026-10-25T01:00:00Z", 3600),
      ("Europe/Berlin", "2061-07-01T00:00:00Z", 7200), ("Europe/Berlin", "2061-12-01T00:00:00Z", 3600),
      ("America/New_York", "2050-03-13T06:59:59Z", -18_000), ("America/New_York", "2050-03-13T07:00:00Z", -14_400),
      ("Australia/Sydney", "2050-01-01T00:00:00Z", 39_600), ("Australia/Sydney", "2050-06-01T00:00:00Z", 36_000),
      ("Asia/Kathmandu", "2050-01-01T00:00:00Z", 20_700),
    ])
  func `offsets before and after the last transition of a file`(_ name: String, _ iso: String, _ offset: Int) throws {
    #expect(try #require(TimeZoneRules(identifier: name)).offset(at: try at(iso)) == offset)
  }

  @Test(arguments: [
    "", "../../etc/passwd", "/etc/localtime", "Asia/../Asia/Tehran", "Asia//Tehran", "right/Asia/Tehran", "asia/tehran",
    "Asia/Tehran\u{0}", "zone.tab", "leapseconds", "+3:30", "+03:30:00", "+19:00", "+03:60", "03:30", "+-3",
    "Mars/Base",
    "Asia", "Asia/Tehran/", "+٠٣:٣٠",
  ])
  func `what is no zone's name is refused`(_ name: String) { #expect(TimeZoneRules(identifier: name) == nil) }

  @Test(arguments: [("+03:30", "+03:30"), ("+0330", "+03:30"), ("-08", "-08:00"), ("Z", "UTC"), ("UTC", "UTC")])
  func `fixed zones have one spelling`(_ name: String, _ identifier: String) {
    #expect(TimeZoneRules(identifier: name)?.identifier == identifier)
  }

  @Test func `a time in the gap moves forward by its length`() throws {
    let tehran = try #require(tehran)
    let day = CivilDate(year: 2021, month: 3, day: 22)
    #expect(tehran.instants(of: day, .midnight) == [])
    let moved = tehran.instant(of: day)
    #expect(tehran.civil(of: moved) == (day, CivilTime(hour: 1, minute: 0)))
    #expect(tehran.civil(of: tehran.instant(of: day, CivilTime(hour: 0, minute: 30))).time.text == "01:30")
    #expect(tehran.instants(of: day, CivilTime(hour: 1, minute: 0)).count == 1)
  }

  @Test func `a time that comes twice is the first`() throws {
    let tehran = try #require(tehran)
    let day = CivilDate(year: 2021, month: 9, day: 21)
    let twice = tehran.instants(of: day, CivilTime(hour: 23, minute: 30))
    #expect(twice == [try at("2021-09-21T19:00:00Z"), try at("2021-09-21T20:00:00Z")])
    #expect(tehran.instant(of: day, CivilTime(hour: 23, minute: 30)) == twice[0])
  }

  @Test func `civil time and instant are inverse where clocks do not change`() throws {
    var random = SplitMix(seed: 2)
    for name in ["Asia/Tehran", "UTC", "-03:00"] {
      let zone = try #require(TimeZoneRules(identifier: name))
      for _ in 0..<3000 {
        let instant = Instant(seconds: Int64.random(in: -5_000_000_000...30_000_000_000, using: &random))
        let (date, time) = zone.civil(of: instant)
        #expect(zone.instants(of: date, time).contains(instant))
      }
    }
  }

  @Test(.enabled(if: ZoneFile.table(named: "Asia/Tehran") != nil, "needs tzdata"))
  func `Tehran's own rule agrees with tzdata from 1992 on`() throws {
    let file = try #require(ZoneFile.table(named: "Asia/Tehran"))
    for seconds in stride(from: Int64(694_224_000), to: 2_000_000_000, by: 1800) {
      #expect(file.offset(at: seconds) == TehranZone.table.offset(at: seconds))
    }
  }

  @Test func `without tzdata Tehran is still known, and other zones are not`() {
    let cache = ZoneCache(folder: "/nowhere")
    #expect(cache.table(for: "Asia/Tehran")?.offset(at: 1_791_232_200) == 12_600)
    #expect(cache.table(for: "Europe/Berlin") == nil)
  }

  @Test(arguments: [
    ("<+0330>-3:30", 12_600, 12_600), ("CET-1CEST,M3.5.0,M10.5.0/3", 3600, 7200),
    ("EST5EDT,M3.2.0,M11.1.0", -18_000, -14_400), ("IST-2IDT,M3.4.4/26,M10.5.0", 7200, 10_800),
    ("XXX3YYY,J60/0,J300/0", -10_800, -7200), ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", -7200, -3600),
  ])
  func `rules for the years to come`(_ text: String, _ winter: Int, _ summer: Int) throws {
    let rule = try #require(PosixZoneRule(text))
    #expect(rule.offset(at: try at("2060-01-15T12:00:00Z").seconds) == winter)
    #expect(rule.offset(at: try at("2060-07-15T12:00:00Z").seconds) == summer)
  }

  @Test(arguments: ["", "CET", "CET-", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0", "C-1", "CET-1x,,"])
  func `half a rule is none`(_ text: String) { #expect(PosixZoneRule(text) == nil) }

  @Test(.enabled(if: ZoneFile.table(named: "Europe/Berlin") != nil, "needs tzdata"))
  func `a damaged zone file is refused or read, never a crash`() throws {
    let good = try bytes(of: "/usr/share/zoneinfo/Europe/Berlin")
    #expect(ZoneFile.parse(good) != nil)
    for length in stride(from: 0, to: good.count - 1, by: 7) { _ = ZoneFile.parse(Array(good[..<length])) }
    var random = SplitMix(seed: 3)
    for _ in 0..<2000 {
      var bad = good
      for _ in 0..<3 { bad[Int.random(in: 0..<bad.count, using: &random)] = UInt8.random(in: 0...255, using: &random) }
      _ = ZoneFile.parse(bad)?.offset(at: Int64.random(in: -5_000_000_000...5_000_000_000, using: &random))
    }
  }
}

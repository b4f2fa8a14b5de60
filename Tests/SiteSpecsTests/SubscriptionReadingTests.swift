import Language
import PluginHost
import TestSupport
import Testing

@testable import SiteSpecs

/// What `notify:` entries say is read with its kind, in the site's zone.
struct SubscriptionReadingTests {
  private static func read(_ keys: String) throws -> Subscription {
    var files = Examples.files
    files["slothunter.yaml"] = Examples.configuration.replacing(
      #"when: "start.hour < 12", quiet: 23:00-07:00, at_most: 10/day, first: summary"#, with: keys)
    let result = loader(files).load("slothunter.yaml")
    #expect(rendered(result.diagnostics) == "")
    return try #require(result.configuration).watches[0].notify[0]
  }

  @Test func `digests of a length, of one time and of several`() throws {
    #expect(try Self.read("digest: 30m").digest == .every(.seconds(1800)))
    #expect(try Self.read("digest: 08:00").digest == .at([CivilTime(hour: 8, minute: 0)]))
    #expect(
      try Self.read("digest: [18:30, 08:00]").digest
        == .at([CivilTime(hour: 8, minute: 0), CivilTime(hour: 18, minute: 30)]))
  }

  @Test func `a snooze is a day or an instant on the site's wall`() throws {
    // Tehran is 03:30 ahead.
    let day = Instant(seconds: Int64(CivilDate(year: 2026, month: 12, day: 1).dayNumber) * 86_400 - 12_600)
    #expect(try Self.read("snooze: 2026-12-01").snooze == day)
    #expect(try Self.read("snooze: 2026-12-01T08:00").snooze == day + .seconds(8 * 3600))
    #expect(try Self.read("snooze: 2026-12-01 08:00").snooze == day + .seconds(8 * 3600))
  }

  @Test func `urgent is a condition or simply true`() throws {
    #expect(try Self.read("urgent: true").urgent?.source == "true")
    #expect(try Self.read(#"urgent: "start < now + 2d""#).urgent?.names == ["start"])
  }

  @Test func `stop and change kinds`() throws {
    #expect(try Self.read("stop: true").stop)
    #expect(try !Self.read("first: none").stop)
    #expect(try Self.read("on: [added, removed]").on == [.added, .removed])
    #expect(try Self.read("on: updated").on == [.updated])
  }

  @Test func `conditions say weekdays in words, days and hours`() throws {
    let subscription = try Self.read(
      #"when: "start.weekday in [saturday, sun] and start >= 2026-11-20 and start <= 2026-11-28 and start.hour < 12""#)
    let when = try #require(subscription.when)
    let tehran = try #require(TimeZoneRules(identifier: "Asia/Tehran"))
    func holds(_ day: Int, _ hour: Int, month: Int = 11) -> Bool {
      let start = tehran.instant(of: CivilDate(year: 2026, month: month, day: day), CivilTime(hour: hour, minute: 0))
      return when.holds(
        in: Scope([("start", .instant(start))]), RenderContext(zone: tehran, now: Instant(seconds: 0)))
    }
    // The 21st is a Saturday. At 01:00 in Tehran it is still the day before in UTC.
    #expect(holds(21, 1) && holds(22, 11) && holds(28, 9))
    #expect(!holds(20, 9) && !holds(23, 9) && !holds(21, 12) && !holds(29, 9) && !holds(5, 9, month: 12))
  }

  @Test func `every day of the week has its word, and a field of that name goes before`() throws {
    let words = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    for (index, word) in words.enumerated() {
      for text in [word, String(word.prefix(3))] {
        let value = try Expression(text, names: [:]).value(
          in: Scope(), RenderContext(zone: .utc, now: Instant(seconds: 0)))
        #expect(value == .integer(Int64(index + 1)))
      }
    }
    #expect(try Expression("sun == 'x'", names: ["sun": .text]).names == ["sun"])
  }
}

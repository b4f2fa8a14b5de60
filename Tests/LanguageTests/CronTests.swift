import TestSupport
import Testing

@testable import Language

/// `2026-10-06T07:00:00+03:30`
private func isoInstant(_ text: String) throws -> Instant {
  let parts = try #require(ISOText.parse(text))
  let (date, time) = (try #require(parts.date), try #require(parts.time))
  let day = CivilDate(year: date.year, month: date.month, day: date.day).dayNumber
  return Instant(seconds: Int64(day * 86_400 + time.secondsOfDay - (parts.offset ?? 0)))
}

struct CronTests {
  private func instant(_ text: String) throws -> Instant { try isoInstant(text) }

  private func zone(_ name: String) throws -> TimeZoneRules { try #require(TimeZoneRules(identifier: name)) }

  @Test(.enabled(if: shared("suites/cron") != nil, "needs ../shared/suites/cron"))
  func `every next time of croniter's vectors, over changes of the clock too`() throws {
    let path = try #require(shared("suites/cron/croniter_vectors.json"))
    guard case .object(let suite) = try JSON(parsing: bytes(of: path)), case .array(let vectors)? = suite["next"] else {
      Issue.record("no vectors")
      return
    }
    #expect(vectors.count == 224)
    for case .object(let vector) in vectors {
      guard case .string(let text)? = vector["expr"], case .string(let name)? = vector["tz"],
        case .string(let base)? = vector["base"], case .array(let wanted)? = vector["next"]
      else {
        Issue.record("a vector of another form")
        continue
      }
      let line = try CronLine(text)
      var moment = try instant(base)
      for case .string(let next) in wanted {
        moment = try #require(line.next(after: moment, in: zone(name)))
        #expect(moment == (try instant(next)), "\(text) in \(name) from \(base)")
      }
    }
  }

  @Test(.enabled(if: shared("suites/cron") != nil, "needs ../shared/suites/cron"))
  func `every line that croniter's list calls invalid is refused`() throws {
    let path = try #require(shared("suites/cron/croniter_vectors.json"))
    guard case .object(let suite) = try JSON(parsing: bytes(of: path)), case .array(let lines)? = suite["invalid"]
    else {
      Issue.record("no list")
      return
    }
    #expect(lines.count == 23)
    for case .object(let line) in lines {
      guard case .string(let text)? = line["expr"] else { continue }
      #expect(throws: SyntaxError.self, "\(text)") { try CronLine(text) }
    }
  }

  @Test(
    arguments: [
      ("*/10 7-22 * * sta-wed", 14, "did you mean 'sat'?"), ("* 24 * * *", 2, nil), ("0 0 * jann *", 6, "'jan'"),
      ("5-1 * * * *", 0, "1-5"), ("0 0 30 2 *", 0, "does not have the day"),
      ("* * * *", 0, "minute hour day month weekday"),
      ("@dayly", 0, "did you mean '@daily'?"), ("0 0 * * 5#9", 10, "second Friday"), ("*/0 * * * *", 2, nil),
      ("۰ ۰ * * *", 0, "numbers from 0 to 59"), ("1,,2 * * * *", 2, nil),
    ] as [(String, Int, String?)])
  func `a mistake is told where it stands, with what to write instead`(_ text: String, _ offset: Int, _ help: String?) {
    do throws(SyntaxError) {
      _ = try CronLine(text)
      Issue.record("accepted: \(text)")
    } catch {
      #expect(error.offset == offset, "\(text): \(error)")
      if let help { #expect(error.help?.contains(help) == true, "\(text): \(error.help ?? "")") }
    }
  }

  @Test func `weekdays of a week that begins on Saturday`() throws {
    let line = try CronLine("30 7 * * sat-wed")
    var moment = try instant("2026-10-08T00:00:00+03:30")
    var days: [Int] = []
    for _ in 0..<5 {
      moment = try #require(line.next(after: moment, in: zone("Asia/Tehran")))
      days.append(try zone("Asia/Tehran").civil(of: moment).date.weekday)
    }
    // Thursday the 8th and Friday are left out.
    #expect(days == [6, 7, 1, 2, 3])
  }

  @Test(arguments: [("* * * * *", 60), ("*/10 7-22 * * *", 600), ("0 9,17 * * *", 28_800), ("0 0 1 * *", 86_400)])
  func `the least between two times`(_ text: String, _ seconds: Int64) throws {
    #expect(try CronLine(text).leastDistance == .seconds(seconds))
  }

  /// Every answer against a walk over all minutes, in zones whose clocks change at midnight, at two, and never.
  @Test func `the next time is after, fits, and none before it does`() throws {
    var dice = SplitMix(seed: 1403)
    let lines = ["*/15 * * * *", "7 3-5 * * *", "30 0 * * *", "0 */6 1-7 * *", "5,50 2 * * mon,fri", "0 23 L * *"]
    for name in ["Asia/Tehran", "Europe/Berlin", "America/New_York", "UTC"] {
      let zone = try zone(name)
      for text in lines {
        let line = try CronLine(text)
        let minutes = Set(line.fields.minutesOfDay)
        for _ in 0..<12 {
          // 2019 to 2024: Iran kept summer time up to 2022.
          let start = Instant(seconds: near(Int64.random(in: 1_546_300_800...1_735_000_000, using: &dice), &dice))
          let next = try #require(line.next(after: start, in: zone))
          #expect(next > start, "\(text) \(name) \(start)")
          #expect(fits(line, minutes, next, zone), "\(text) \(name) \(start) \(next)")
          let limit = min(next, start + .seconds(86_400))
          var minute = Instant(seconds: (start.seconds / 60 + 1) * 60)
          while minute < limit {
            #expect(!fits(line, minutes, minute, zone), "\(text) \(name) \(start) skipped \(minute)")
            minute = minute + .seconds(60)
          }
        }
      }
    }
  }

  /// Every other time the night before a change of clocks: Tehran's, Berlin's and New York's of 2021.
  private func near(_ seconds: Int64, _ dice: inout SplitMix) -> Int64 {
    guard Bool.random(using: &dice) else { return seconds }
    let changes: [Int64] = [
      1_616_358_600, 1_632_252_600, 1_616_893_200, 1_635_642_000, 1_615_705_200, 1_636_264_800,
    ]
    return changes[Int.random(in: 0..<6, using: &dice)] - Int64.random(in: 0...7200, using: &dice)
  }

  /// By the wall; the end of a gap fits where a time of the gap does.
  private func fits(_ line: CronLine, _ minutes: Set<Int>, _ instant: Instant, _ zone: TimeZoneRules) -> Bool {
    let (date, time) = zone.civil(of: instant)
    if time.second == 0, line.fields.contains(date), minutes.contains(time.secondsOfDay / 60) { return true }
    let before = zone.civil(of: instant - .seconds(1))
    let skipped = zone.offset(at: instant) - zone.offset(at: instant - .seconds(1))
    guard skipped > 0, !line.fields.runsEveryHour else { return false }
    return (1...skipped / 60).contains { gone in
      let seconds = before.time.secondsOfDay + 1 + (gone - 1) * 60
      let day = before.date.adding(days: seconds / 86_400)
      return line.fields.contains(day) && minutes.contains(seconds % 86_400 / 60)
    }
  }
}

struct CalendarWindowTests {
  private func zone(_ name: String) throws -> TimeZoneRules { try #require(TimeZoneRules(identifier: name)) }

  @Test func `hours, days, and both`() throws {
    let tehran = try zone("Asia/Tehran")
    func at(_ text: String) throws -> Instant { try isoInstant(text) }
    let day = try CalendarWindow("07:00-23:00")
    #expect(try !day.contains(at("2026-10-06T06:59:59+03:30"), tehran))
    #expect(try day.contains(at("2026-10-06T07:00:00+03:30"), tehran))
    #expect(try day.contains(at("2026-10-06T22:59:59+03:30"), tehran))
    #expect(try !day.contains(at("2026-10-06T23:00:00+03:30"), tehran))
    let week = try CalendarWindow("sat-wed 07:00-23:00")
    // A Thursday.
    #expect(try !week.contains(at("2026-10-08T12:00:00+03:30"), tehran))
    #expect(try week.opening(after: at("2026-10-07T22:59:59+03:30"), tehran) == at("2026-10-10T07:00:00+03:30"))
    let night = try CalendarWindow("thu 22:00-02:00")
    #expect(try night.contains(at("2026-10-09T01:59:00+03:30"), tehran))
    #expect(try !night.contains(at("2026-10-08T01:59:00+03:30"), tehran))
    #expect(try CalendarWindow("fri").contains(at("2026-10-09T00:00:00+03:30"), tehran))
    #expect(try CalendarWindow("00:00-24:00").contains(at("2026-10-09T23:59:00+03:30"), tehran))
  }

  @Test(arguments: [
    "", "7:00-23:00", "07:00", "07:00-07:00", "24:00-01:00", "07:00-25:00", "stn 07:00-23:00", "a-b",
    "07:00-08:00 09:00-10:00",
  ])
  func `what is no window is refused`(_ text: String) {
    #expect(throws: SyntaxError.self) { try CalendarWindow(text) }
  }

  @Test func `a mistyped weekday is recognised`() {
    do throws(SyntaxError) {
      _ = try CalendarWindow("sat-wde 07:00-23:00")
      Issue.record("accepted")
    } catch {
      #expect(error.help?.contains("did you mean 'wed'?") == true)
    }
  }

  @Test func `an opening is the first moment of it, also where clocks change`() throws {
    var dice = SplitMix(seed: 1404)
    let windows = [
      "07:00-23:00", "sat-wed 22:00-02:00", "00:10-00:50", "23:30-24:00", "fri", "02:15-02:45", "sun 00:30-03:00",
    ]
    for name in ["Asia/Tehran", "Europe/Berlin", "America/New_York"] {
      let zone = try zone(name)
      for text in windows {
        let window = try CalendarWindow(text)
        for _ in 0..<30 {
          let start = Instant(seconds: Int64.random(in: 1_546_300_800...1_735_000_000, using: &dice) / 60 * 60)
          guard !window.contains(start, zone) else { continue }
          let opening = try #require(window.opening(after: start, zone))
          #expect(opening > start && window.contains(opening, zone), "\(text) \(name) \(start)")
          var minute = start
          while minute < opening {
            #expect(!window.contains(minute, zone), "\(text) \(name) \(start): \(minute) before \(opening)")
            minute = minute + .seconds(60)
          }
        }
      }
    }
  }
}

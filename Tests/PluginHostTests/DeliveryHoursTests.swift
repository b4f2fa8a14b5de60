import Language
import PluginHost
import Testing

/// When quiet hours and digest windows end, by the clock on the wall.
struct DeliveryHoursTests {
  private static let tehran = TimeZoneRules(identifier: "Asia/Tehran") ?? .utc
  private static let berlin = TimeZoneRules(identifier: "Europe/Berlin") ?? .utc

  private static func at(_ day: Int, _ time: String, _ zone: TimeZoneRules = tehran, month: Int = 11) -> Instant {
    let parts = time.split(separator: ":").compactMap { Int($0) }
    return zone.instant(
      of: CivilDate(year: 2026, month: month, day: day),
      CivilTime(hour: parts[0], minute: parts[1], second: parts.count > 2 ? parts[2] : 0))
  }

  private static func quiet(_ from: Int, _ to: Int, _ zone: TimeZoneRules = tehran) -> QuietHours {
    QuietHours(from: CivilTime(hour: from, minute: 0), to: CivilTime(hour: to, minute: 0), zone: zone)
  }

  @Test func `quiet hours over midnight end in the morning that follows`() {
    let night = Self.quiet(23, 7)
    #expect(night.end(at: Self.at(21, "22:59:59")) == nil)
    #expect(night.end(at: Self.at(21, "23:00")) == Self.at(22, "07:00"))
    #expect(night.end(at: Self.at(22, "06:59:59")) == Self.at(22, "07:00"))
    #expect(night.end(at: Self.at(22, "07:00")) == nil)
    let noon = Self.quiet(12, 14)
    #expect(noon.end(at: Self.at(21, "13:00")) == Self.at(21, "14:00"))
    #expect(noon.end(at: Self.at(21, "14:00")) == nil)
  }

  @Test func `quiet hours always end later than now, on days of 23 and 25 hours too`() {
    for (month, day) in [(3, 29), (10, 25)] {
      for hours in [(23, 7), (1, 3), (2, 3), (0, 2), (3, 2)] {
        let quiet = Self.quiet(hours.0, hours.1, Self.berlin)
        for minute in stride(from: -300, to: 2000, by: 7) {
          let now = Self.at(day, "00:00", Self.berlin, month: month) + .seconds(Int64(minute) * 60)
          if let end = quiet.end(at: now) { #expect(end > now && end - now <= .seconds(86_400)) }
        }
      }
    }
  }

  @Test func `quiet hours are kept as text`() {
    let quiet = Self.quiet(23, 7)
    #expect(quiet.text == "82800-25200 Asia/Tehran")
    #expect(QuietHours(text: quiet.text) == quiet)
    for text in ["", "1-2", "1-2 Nowhere/Land", "1 UTC", "1-86400 UTC", "a-b UTC"] {
      #expect(QuietHours(text: text) == nil)
    }
  }

  @Test func `windows of a length are counted from midnight`() {
    let half = Digest.every(.seconds(1800))
    #expect(half.end(after: Self.at(21, "12:00"), in: Self.tehran) == Self.at(21, "12:30"))
    #expect(half.end(after: Self.at(21, "12:29:59"), in: Self.tehran) == Self.at(21, "12:30"))
    #expect(half.end(after: Self.at(21, "23:45"), in: Self.tehran) == Self.at(22, "00:00"))
    // 7 hours do not divide the day: its last window is short.
    let seven = Digest.every(.seconds(7 * 3600))
    #expect(seven.end(after: Self.at(21, "20:59"), in: Self.tehran) == Self.at(21, "21:00"))
    #expect(seven.end(after: Self.at(21, "21:00"), in: Self.tehran) == Self.at(22, "00:00"))
  }

  @Test func `windows that end at times of the day`() {
    let times = Digest.at([CivilTime(hour: 8, minute: 0), CivilTime(hour: 18, minute: 30)])
    #expect(times.end(after: Self.at(21, "07:59"), in: Self.tehran) == Self.at(21, "08:00"))
    #expect(times.end(after: Self.at(21, "08:00"), in: Self.tehran) == Self.at(21, "18:30"))
    #expect(times.end(after: Self.at(21, "18:30"), in: Self.tehran) == Self.at(22, "08:00"))
  }

  @Test func `a window ends later than now and everybody's at the same time, on days of 23 and 25 hours too`() {
    let digests: [Digest] = [
      .every(.seconds(60)), .every(.seconds(1800)), .every(.seconds(3600)), .every(.seconds(25_200)),
      .every(.seconds(86_400)), .at([CivilTime(hour: 2, minute: 30)]),
    ]
    for (month, day) in [(3, 29), (10, 25)] {
      for digest in digests {
        var last = Instant(seconds: 0)
        for minute in stride(from: -300, to: 2000, by: 1) {
          let now = Self.at(day, "00:00", Self.berlin, month: month) + .seconds(Int64(minute) * 60)
          let end = digest.end(after: now, in: Self.berlin)
          #expect(end > now && end >= last && end - now <= .seconds(2 * 86_400))
          last = end
        }
      }
    }
  }
}

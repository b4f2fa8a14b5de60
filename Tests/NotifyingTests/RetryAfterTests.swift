import Language
import PluginHost
import TestSupport
import Testing

@testable import Notifying

struct RetryAfterTests {
  private let now = Instant(seconds: 1_791_232_200)

  @Test(.enabled(if: shared("suites/http-date") != nil, "needs ../shared/suites/http-date"))
  func `the suite's dates and waits`() throws {
    let file = try #require(shared("suites/http-date/vectors.json"))
    let suite = DocumentNode.json(try JSON(parsing: try bytes(of: file)))
    let waits = try PathSelector("$['retry_after_rfc9110_10.2.3'][*]").select(from: suite)
    #expect(waits.count == 9)
    for wait in waits {
      let header = try #require(try PathSelector("$.h").select(from: wait).first?.text)
      let found = RetryAfter.parse(header, now: now)
      switch try PathSelector("$.seconds").select(from: wait).first?.value {
      case .integer(let seconds): #expect(found == .seconds(seconds), "\(header)")
      case .text: #expect(try #require(found) >= .seconds(86_400), "capped: \(header)")
      default: #expect(found == nil, "\(header)")
      }
    }
    for date in try PathSelector("$.rfc9110_dates[*]").select(from: suite) {
      let text = try #require(try PathSelector("$.s").select(from: date).first?.text)
      let found = RetryAfter.httpDate(text, now: now)
      switch try PathSelector("$.epoch").select(from: date).first?.value {
      case .integer(let epoch): #expect(found == Instant(seconds: epoch), "\(text)")
      case .text: #expect(found == Instant(seconds: 315_532_800), "\(text)")
      default: #expect(found == nil, "\(text)")
      }
    }
  }

  @Test func `bodies give numbers, texts and fractions`() {
    #expect(RetryAfter.seconds(.integer(35), now: now) == .seconds(35))
    #expect(RetryAfter.seconds(.text("35"), now: now) == .seconds(35))
    #expect(RetryAfter.seconds(.decimal(DecimalNumber(units: 15, scale: 1)), now: now) == .milliseconds(1500))
    #expect(RetryAfter.seconds(.integer(-1), now: now) == nil)
    #expect(RetryAfter.seconds(.decimal(DecimalNumber(units: -15, scale: 1)), now: now) == nil)
    #expect(RetryAfter.seconds(.null, now: now) == nil)
    #expect(RetryAfter.seconds(.text("soon"), now: now) == nil)
  }

  @Test func `any text is read without a crash`() {
    for text in [
      ",", ", , ,", "a,b,c,d,e", "Sun, 99-Nov-94 08:49:37 GMT", "Sun Nov 6 8:9:7 1994",
      "Sun, 06 Nov 99999 08:49:37 GMT",
      "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 0000 08:49:37 GMT", "\u{0}",
      "Sun,06 Nov 1994 08:49:37GMT",
    ] {
      #expect(RetryAfter.parse(text, now: now) == nil, "\(text)")
    }
  }
}

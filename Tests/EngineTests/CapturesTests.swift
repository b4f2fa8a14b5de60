import Language
import LoopbackServer
import PluginHost
import TestSupport
import Testing

private let slots = "paziresh24/mcp_fixtures_2026-10-06/free_days_slots.json"
private let daysOnly = "paziresh24/har_getFreeDays_2025-07-09.response.json"
private let turns = "paziresh24/har_getFreeTurns_2025-07-09_1.response.json"
private let october = "2026-10-06T00:00:00+03:30"
private let july = "2025-07-09T00:00:00+03:30"

/// The shipped specs on what the real sites answered, over real sockets.
@Suite(.enabled(if: Captures.areHere, "needs ../shared/captures"))
struct CapturesTests {
  @Test func `the doctor page has three centers and three services, with twelve slots each`() async throws {
    let run = try await CapturesBench.paziresh24(try Captures.clinic(days: slots)).read(at: october)
    #expect(run.verdict == .items)
    #expect(run.requests(of: "services").map(\.rows) == [3])
    #expect(run.texts("center_id").count == 3 && run.texts("service_id").count == 3)
    #expect(run.branches.map(\.items.count) == [12, 12, 12])
    #expect(run.branches.allSatisfy { $0.verdict == .items && $0.duplicates == 0 })
    #expect(run.requests(of: "turns").isEmpty)
  }

  @Test func `the slots are at the captured times in Tehran`() async throws {
    let run = try await CapturesBench.paziresh24(try Captures.clinic(days: slots)).read(at: october)
    // 2026-10-06, -07 and -10 at 15:00, 15:10, 15:20 and 15:30 in Tehran.
    let wanted = [1_791_286_200, 1_791_372_600, 1_791_631_800].flatMap { first in
      (0..<4).map { Int64(first + 600 * $0) }
    }
    #expect(run.starts == wanted + wanted + wanted)
    let zone = try #require(TimeZoneRules(identifier: "Asia/Tehran"))
    #expect(run.items.first?["start"]?.json(zone: zone) == .string("2026-10-06T15:00:00+03:30"))
  }

  @Test func `the alert says the Jalali day, the time in Tehran and the center`() async throws {
    let bench = try CapturesBench.paziresh24(try Captures.clinic(days: slots))
    let message = try #require(try await bench.tell(at: october).first)
    let page = try Captures.json("paziresh24/doctor_page_2025-07-09.next_data.json")
    func first(_ path: String) throws -> String {
      Value(json: try JSONPath(path).first(in: page) ?? .null).plainText
    }
    let center = try first("$.props.pageProps.centers[0].name")
    #expect(message.title.hasPrefix("نوبت خالی: " + (try first("$.props.pageProps.information.display_name"))))
    #expect(message.lines.count == 36)
    let lines = message.lines.map(\.text).filter { $0.hasSuffix("، " + center) }
    #expect(lines.count == 12)
    #expect(lines.first == "سه‌شنبه ۱۴ مهر ساعت ۱۵:۰۰، " + center)
    #expect(lines.contains("چهارشنبه ۱۵ مهر ساعت ۱۵:۱۰، " + center))
    #expect(lines.last == "شنبه ۱۸ مهر ساعت ۱۵:۳۰، " + center)
  }

  @Test func `days without a slot lead to the turns, whose 35 rows appear`() async throws {
    let server = try Captures.clinic(days: daysOnly, turns: turns)
    let run = try await CapturesBench.paziresh24(server).read(at: july)
    #expect(run.verdict == .items)
    #expect(run.branches.map(\.items.count) == [35, 35, 35])
    #expect(Set(run.starts).count == 35)
    #expect(run.starts.first == 1_752_046_200)
    #expect(run.requests(of: "days").allSatisfy { $0.verdict == .items })
    #expect(server.requests(ending: "/getFreeTurns").allSatisfy { $0.text.contains("date=1752") })
  }

  @Test(arguments: [404, 429, 500, 403])
  func `days without a slot are never empty, also when no turn can be read`(status: Int) async throws {
    let server = try Captures.clinic(days: daysOnly)
    server["POST *getFreeTurns"] = .text("no", status: status)
    let run = try await CapturesBench.paziresh24(server).read(at: july)
    #expect(run.branches.count == 3)
    #expect(run.branches.allSatisfy { !$0.verdict.isGood })
  }

  @Test func `Doctoreto gives 35 per service, though every window repeats the file`() async throws {
    let server = try Captures.doctoretoAPI()
    let run = try await CapturesBench.doctoreto(server).read(at: "2026-10-06T01:10:41+03:30")
    #expect(run.verdict == .items)
    #expect(run.branches.map(\.items.count) == [35, 35, 35])
    // Windows of eight days from 2026-10-06 while within the file's end_date, 2026-11-05.
    let windows = Set(
      server.requests(ending: "/days").compactMap { $0.query.map { $0.split(separator: "&").map(String.init) } }
        .flatMap { $0.filter { $0.hasPrefix("start_date=") } })
    #expect(
      windows
        == ["2026-10-06", "2026-10-14", "2026-10-22", "2026-10-30"].reduce(into: []) { $0.insert("start_date=" + $1) })
    #expect(run.requests(of: "slots").count == 12)
  }

  @Test func `one service of Doctoreto gives exactly 35`() async throws {
    let server = try Captures.doctoretoAPI()
    server["GET *consultation"] = try Captures.oneService()
    let run = try await CapturesBench.doctoreto(server).read(at: "2026-10-06T01:10:41+03:30")
    #expect(run.items.count == 35)
    #expect(Set(run.starts).count == 35)
    #expect(run.requests(of: "slots").count == 4)
  }

  @Test func `a second reading of the same answers is unchanged and tells nobody`() async throws {
    let bench = try CapturesBench.paziresh24(try Captures.clinic(days: slots))
    _ = try await bench.tell(at: october)
    #expect(try await bench.tell(at: "2026-10-06T00:01:00+03:30").isEmpty)
  }
}

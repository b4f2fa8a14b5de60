import Language
import LoopbackServer
import PluginHost
import TestSupport
import Testing

/// What errors and oddities of the real sites come to.
@Suite(.enabled(if: Captures.areHere, "needs ../shared/captures"))
struct CapturesVerdictTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var file: String
    var status = 200
    var verdict: Verdict
    var testDescription: String { "\(file) with \(status)" }
  }

  @Test(arguments: [
    Case(file: "paziresh24_getFreeDays_status32_no_slot.json", verdict: .empty),
    Case(file: "paziresh24_getFreeDays_status700_booking_off.json", verdict: .empty),
    Case(file: "paziresh24_getFreeDays_empty_calendar.json", verdict: .empty),
    Case(file: "cdn_challenge_403.html", status: 403, verdict: .blocked),
    Case(file: "cdn_challenge_403.html", status: 200, verdict: .blocked),
    Case(file: "cdn_gateway_504.html", status: 504, verdict: .failed),
    Case(file: "cdn_gateway_504.html", status: 200, verdict: .unreadable),
    Case(file: "paziresh24_doctor_lookup_not_found.json", status: 200, verdict: .unreadable),
    Case(file: "paziresh24_doctor_lookup_not_found.json", status: 404, verdict: .layoutBroken),
  ]) func `an answer about Paziresh24's days is judged`(_ answer: Case) async throws {
    let server = try Captures.clinic(days: "synthetic/" + answer.file)
    server["POST *getFreeDays"] = try Captures.answer("synthetic/" + answer.file, status: answer.status)
    let run = try await CapturesBench.paziresh24(server).read(at: "2026-10-06T00:00:00+03:30")
    #expect(run.branches.map(\.verdict) == [answer.verdict, answer.verdict, answer.verdict])
    #expect(run.items.isEmpty)
  }

  @Test func `a page of Paziresh24 that is a challenge is blocked`() async throws {
    let server = try Captures.clinic(days: "synthetic/paziresh24_getFreeDays_status32_no_slot.json")
    for status in [200, 403] {
      server["GET /dr/*"] = try Captures.answer("synthetic/cdn_challenge_403.html", status: status)
      let run = try await CapturesBench.paziresh24(server).read(at: "2026-10-06T00:00:00+03:30")
      #expect(run.branches.map(\.verdict) == [.blocked])
    }
  }

  @Test func `a day whose turns are all gone is empty`() async throws {
    let server = try Captures.clinic(
      days: "paziresh24/har_getFreeDays_2025-07-09.response.json", turns: "synthetic/paziresh24_getFreeTurns_empty.json"
    )
    let run = try await CapturesBench.paziresh24(server).read(at: "2025-07-09T00:00:00+03:30")
    #expect(run.branches.map(\.verdict) == [.empty, .empty, .empty])
  }

  @Test func `the answer of the call that holds a slot would not be read as slots`() async throws {
    let held = "paziresh24/har_getFreeTurn_HOLDS_A_SLOT_2025-07-09.response.json"
    let server = try Captures.clinic(days: "paziresh24/har_getFreeDays_2025-07-09.response.json", turns: held)
    let run = try await CapturesBench.paziresh24(server).read(at: "2025-07-09T00:00:00+03:30")
    #expect(run.items.isEmpty)
  }

  @Test func `a page cut anywhere is never empty and never items`() async throws {
    let server = try Captures.clinic(days: "paziresh24/mcp_fixtures_2026-10-06/free_days_slots.json")
    let whole = try Captures.answer("paziresh24/doctor_page_2025-07-09.html")
    let mark = Array("__NEXT_DATA__".utf8)
    let start = try #require(whole.body.indices.first { whole.body[$0...].starts(with: mark) })
    for cut in [0, 1, 1000, start - 20, start + 5, start + 40, start + 20_000] {
      var answer = whole
      answer.body = Array(whole.body.prefix(cut))
      server["GET /dr/*"] = answer
      let run = try await CapturesBench.paziresh24(server).read(at: "2026-10-06T00:00:00+03:30")
      #expect([.unreadable, .layoutBroken].contains(run.verdict), "cut after \(cut) bytes: \(run.verdict)")
      #expect(run.branches.count == 1)
    }
  }

  @Test(arguments: [
    Case(file: "doctoreto_404.json", status: 404, verdict: .gone),
    Case(file: "doctoreto_404.json", status: 200, verdict: .empty),
    Case(file: "doctoreto_422_validation.json", status: 422, verdict: .layoutBroken),
    Case(file: "doctoreto_426_update_required.json", status: 426, verdict: .layoutBroken),
    Case(file: "cdn_challenge_403.html", status: 403, verdict: .blocked),
    Case(file: "cdn_challenge_403.html", status: 200, verdict: .blocked),
    Case(file: "cdn_gateway_504.html", status: 504, verdict: .failed),
  ]) func `an answer about Doctoreto's services is judged`(_ answer: Case) async throws {
    let server = try Captures.doctoretoAPI()
    server["GET *consultation"] = try Captures.answer("synthetic/" + answer.file, status: answer.status)
    let run = try await CapturesBench.doctoreto(server).read(at: "2026-10-06T01:10:41+03:30")
    #expect(run.branches.map(\.verdict) == [answer.verdict])
  }

  @Test(arguments: [
    Case(file: "doctoreto_404.json", status: 404, verdict: .layoutBroken),
    Case(file: "doctoreto_404.json", status: 200, verdict: .layoutBroken),
    Case(file: "doctoreto_422_validation.json", status: 422, verdict: .layoutBroken),
    Case(file: "doctoreto_426_update_required.json", status: 426, verdict: .layoutBroken),
    Case(file: "cdn_challenge_403.html", status: 200, verdict: .blocked),
    Case(file: "cdn_gateway_504.html", status: 504, verdict: .failed),
  ]) func `an answer about Doctoreto's times is judged`(_ answer: Case) async throws {
    let server = try Captures.doctoretoAPI()
    server["GET *consultation-times/days"] = try Captures.answer("synthetic/" + answer.file, status: answer.status)
    let run = try await CapturesBench.doctoreto(server).read(at: "2026-10-06T01:10:41+03:30")
    #expect(run.branches.map(\.verdict) == [answer.verdict, answer.verdict, answer.verdict])
  }
}

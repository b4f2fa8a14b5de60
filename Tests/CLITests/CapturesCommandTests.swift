import Language
import TestSupport
import Testing

/// Acceptance 3 as its reader would run it: `slothunter try … --origin … --now … --json` against the captured answers.
@Suite(.enabled(if: Captures.areHere, "needs ../shared/captures"), .timeLimit(.minutes(10)))
struct CapturesCommandTests {
  @Test func `36 slots of the doctor page, at their times in Tehran`() async throws {
    let site = try Captures.clinic(days: "paziresh24/mcp_fixtures_2026-10-06/free_days_slots.json")
    let (result, report) = try await paziresh24(site, now: "2026-10-06T00:00:00+03:30")
    #expect(result.status == 0, "\(result)")
    #expect(report.verdict == "items" && report.count == 36 && report.items.count == 36)
    #expect(report.branches.count == 3)
    #expect(Set(report.texts("start")).count == 12)
    #expect(Set(report.texts("start")).min() == "2026-10-06T15:00:00+03:30")
    #expect(Set(report.texts("start")).max() == "2026-10-10T15:30:00+03:30")
    #expect(Set(report.texts("center")).count == 3)
    #expect(result.err.isEmpty)
  }

  @Test func `days without a slot lead to 35 turns of each service`() async throws {
    let site = try Captures.clinic(
      days: "paziresh24/har_getFreeDays_2025-07-09.response.json",
      turns: "paziresh24/har_getFreeTurns_2025-07-09_1.response.json")
    let (result, report) = try await paziresh24(site, now: "2025-07-09T00:00:00+03:30")
    #expect(result.status == 0, "\(result)")
    #expect(report.verdict == "items" && report.count == 105)
    #expect(Set(report.texts("start")).count == 35)
  }

  @Test func `one service of Doctoreto gives exactly 35`() async throws {
    let site = try Captures.doctoretoAPI()
    site["GET *consultation"] = try Captures.oneService()
    let result = try await slothunter(
      "try", "doctuo", "--param", "slug=dr-nemooneh", "--param", "hash=Nm0nEh", "--json", "--now",
      "2026-10-06T01:10:41+03:30", "--origin", "https://api.doctoreto.com=\(site.origin)")
    #expect(result.status == 0, "\(result)")
    let report = try TryOutput(result)
    #expect(report.verdict == "items" && report.count == 35)
    #expect(report.texts("start").allSatisfy { $0.hasSuffix("+03:30") })
  }

  @Test func `a redirect to the call that holds a slot is never followed`() async throws {
    let site = try Captures.clinic(days: "paziresh24/mcp_fixtures_2026-10-06/free_days_slots.json")
    site["POST *getFreeDays"] = .redirect(to: "/booking/v2/getFreeTurn", status: 307)
    let (result, report) = try await paziresh24(site, now: "2026-10-06T00:00:00+03:30")
    #expect(result.status == 1)
    #expect(report.items.isEmpty)
    #expect(site.requests(ending: "/getFreeTurn").isEmpty)
  }

  private func paziresh24(_ site: StandInSite, now: String) async throws -> (ProgramResult, TryOutput) {
    let origins = site.origins(Captures.paziresh24)
    let result = try await slothunter(
      "try", "paziresh24", "--param", "slug=دکتر-نمونه", "--origin", origins[0], "--origin", origins[1], "--now", now,
      "--json")
    return (result, try TryOutput(result))
  }
}

import Language
import LoopbackServer
import PluginHost
import TestSupport
import Testing

/// `never` holds on every hop: whatever the site answers, nobody is sent to an endpoint that takes a slot.
@Suite(.enabled(if: Captures.areHere, "needs ../shared/captures"))
struct OriginServerTests {
  static let locations = [
    "https://apigw.paziresh24.com/booking/v2/getFreeTurn", "https://www.paziresh24.com/getFreeTurn",
    "https://elsewhere.example/x/getFreeTurn", "{target}/booking/v2/getFreeTurn", "/booking/v2/getFreeTurn",
    "getFreeTurn", "./getFreeTurn?x=1", "../v2/./getFreeTurn", "%67etFreeTurn", "get%46ree%54urn",
    "/booking%2Fv2%2FgetFreeTurn", "GETFREETURN", "//apigw.paziresh24.com/booking/v2/getFreeTurn", "getFreeTurn#x",
    "getFreeTurn/", "/booking//v2//getFreeTurn", "getFreeTurn;a=1", "x/%2e%2e/getFreeTurn", "suspend", "/api/v1/book",
  ]

  @Test(arguments: [301, 302, 303, 307, 308], locations)
  func `no redirect leads to an endpoint that never may be asked`(status: Int, location: String) async throws {
    let server = try Captures.clinic(days: "paziresh24/mcp_fixtures_2026-10-06/free_days_slots.json")
    let target = location.replacing("{target}", with: server.origin)
    server["POST *getFreeDays"] = .redirect(to: target, status: status)
    for route in ["POST", "GET"] {
      for end in ["getFreeTurn", "suspend", "book"] {
        server["\(route) *\(end)"] = try Captures.answer(
          "paziresh24/har_getFreeTurn_HOLDS_A_SLOT_2025-07-09.response.json")
      }
    }
    let run = try await CapturesBench.paziresh24(server).read(at: "2026-10-06T00:00:00+03:30")
    #expect(run.branches.count == 3)
    #expect(run.branches.allSatisfy { !$0.verdict.isGood })
    let forbidden = server.requests.map(\.path).filter { !$0.hasPrefix("/dr/") && !$0.hasSuffix("/getFreeDays") }
    #expect(forbidden.isEmpty)
  }

  @Test func `a redirect elsewhere within the site is followed, its method kept by 307`() async throws {
    let server = try Captures.clinic(days: "paziresh24/mcp_fixtures_2026-10-06/free_days_slots.json")
    let answer = try #require(server["POST *getFreeDays"])
    server["POST *getFreeDays"] = .redirect(to: "/booking/v3/days", status: 307)
    server["POST /booking/v3/days"] = answer
    let run = try await CapturesBench.paziresh24(server).read(at: "2026-10-06T00:00:00+03:30")
    #expect(run.branches.map(\.items.count) == [12, 12, 12])
    #expect(server.requests(ending: "/v3/days").allSatisfy { $0.method == "POST" && $0.text.contains("service_id=") })
  }

  @Test func `the site sees its own name in Host and Origin`() async throws {
    let server = try Captures.clinic(days: "paziresh24/mcp_fixtures_2026-10-06/free_days_slots.json")
    _ = try await CapturesBench.paziresh24(server).read(at: "2026-10-06T00:00:00+03:30")
    let days = try #require(server.requests(ending: "/getFreeDays").first)
    #expect(days.header("Origin") == "https://www.paziresh24.com")
    #expect(days.header("Content-Type") == "application/x-www-form-urlencoded")
    #expect(days.text.contains("return_type=calendar") && !days.text.contains("return_free_turns"))
  }
}

import Engine
import Language
import PluginHost
import Testing

/// How a request goes out, and how often.
struct ReviewRequestTests {
  @Test func `a condition goes with GET only: a POST may be refused for it`() async throws {
    var desk = try Desk(
      """
      site: desk
      title: Desk
      timezone: Asia/Tehran
      steps:
        - step: menu
          get: https://desk.example/menu
          anchor: $.rows
          rows: { each: "$.rows[*]", fields: { list: $ } }
        - step: items
          post: https://desk.example/list
          json: { list: "{list}" }
          anchor: $.rows
          rows: { each: "$.rows[*]", fields: { id: $ } }
      items: { key: [list, id] }
      """ + Desk.alert)
    let tag = [Request.Header("ETag", "\"1\"")]
    desk.site.set("/menu", #"{"rows": [1]}"#, headers: tag)
    desk.site.set("/list", #"{"rows": [1]}"#, headers: tag)
    _ = try await desk.run()
    _ = try await desk.run()
    let conditional = desk.site.requests.filter { $0.validators != nil }
    #expect(conditional.map(\.method) == [.get])
  }

  static let single = Desk.list(
    """
    anchor: $.rows
    rows: { each: "$.rows[*]", fields: { id: $ } }
    """)

  @Test func `the time of all hops together is bounded`() async throws {
    var desk = try Desk(Self.single)
    for hop in 0..<8 {
      let path = hop == 0 ? "/list" : "/hop\(hop)"
      desk.site.set(
        path, "", status: 302, headers: [Request.Header("Location", "/hop\(hop + 1)")], elapsed: .seconds(12))
    }
    desk.site.set("/hop8", #"{"rows": [1]}"#)
    let run = try await desk.run()
    #expect(run.verdict == .failed)
    #expect(desk.site.requests.map(\.timeout) == [.seconds(30), .seconds(18), .seconds(6)])
  }

  @Test func `hostile numbers are no trap`() async throws {
    var bench = try Bench([("s1", .slots([FakeClinic.midnight + 36_000]))], first: .all)
    for number in [
      "9223372036854775807", "-9223372036854775808", "9223372036854775", "-9223372036854775", "1e18", "1e308", "-0.0",
      "99999999999999999999999", "253402300800", "-62135596801", "\"9223372036854775807\"", "\"۹۹۹۹۹۹۹۹۹۹۹۹۹۹۹۹۹۹\"",
    ] {
      bench.clinic.set(
        "s1", .body(#"{"status": 1, "calendar": {"turns": [5]}, "result": []}"#, type: "application/json"))
      _ = try await bench.run()
      let key = number.replacing("\"", with: "")
      for from in [#"{"d": [{"turns": {"\#(key)": 0}}]}"#, "[]"] {
        bench.clinic.set(
          "s1",
          .body(
            #"{"status": 1, "calendar": {"turns": [\#(number)]}, "result": \#(from)}"#, type: "application/json"))
        _ = try await bench.run()
      }
    }
  }
}

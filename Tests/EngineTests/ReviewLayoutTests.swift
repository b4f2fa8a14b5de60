import Engine
import Language
import PluginHost
import Testing

/// A layout that no longer fits is never taken for "nothing there".
struct ReviewLayoutTests {
  static let doctor = ["slug": "نمونه", "hash": "abc123"]
  static let services = "/api/web/patient/v1/doctors/abc123/consultation?search=%5Btype%20%21%3D%204%5D"
  static func slots(_ day: String) -> String {
    "/api/web/patient/v1/consultation-times/days?consultation_id=7&start_date=\(day)&day_navigate=7"
  }
  static let window = """
    {"items": {"days": [{"date": "2026-10-07", "times": [
      {"id": 1, "status": 1, "date": "2026-10-07", "time": "10:00"},
      {"id": 2, "status": 2, "date": "2026-10-07", "time": "10:20"}]}], "end_date": "2026-10-20"}}
    """
  static let later = """
    {"items": {"days": [{"date": "2026-10-15", "times": [
      {"id": 3, "status": 1, "date": "2026-10-15", "time": "11:00"}]}], "end_date": "2026-10-20"}}
    """

  static func doctoreto() throws -> Desk {
    var spec = try Bench.shippedSpec("doctuo")
    spec.limits.gap = nil
    let desk = try Desk(spec, params: doctor)
    desk.site.set(services, #"{"items": [{"id": 7, "type": {"name": "مطب"}, "place": {"name": "مطب نمونه"}}]}"#)
    desk.site.set(slots("2026-10-06"), window)
    desk.site.set(slots("2026-10-14"), later)
    return desk
  }

  @Test(arguments: ["status", "times", "end_date", "days", "date", "time"])
  func `a renamed member breaks the layout of Doctoreto, takes nothing away and is no news when it is mended`(
    name: String
  ) async throws {
    var desk = try Self.doctoreto()
    #expect(try await desk.run().verdict == .items)
    for (day, body) in [("2026-10-06", Self.window), ("2026-10-14", Self.later)] {
      desk.site.set(Self.slots(day), body.replacing("\"\(name)\"", with: "\"x_\(name)\""))
    }
    for _ in 0..<2 {
      let broken = try await desk.run()
      #expect(broken.verdict == .layoutBroken)
      #expect(broken.changes.isEmpty && broken.items.isEmpty)
    }
    for (day, body) in [("2026-10-06", Self.window), ("2026-10-14", Self.later)] {
      desk.site.set(Self.slots(day), body)
    }
    let healed = try await desk.run()
    #expect(healed.verdict == .unchanged)
    #expect(healed.changes.isEmpty && healed.toPeople.isEmpty)
    #expect(try await desk.store.deliveries().filter { $0.channel == "ops" }.count == 2)
  }

  @Test func `a field that keep asks for and that cannot be typed breaks the layout`() async throws {
    var desk = try Desk(
      Desk.list(
        """
        anchor: $.rows
        rows: { each: "$.rows[*]", keep: open, fields: { id: $.id, open: { json: $.open, as: boolean } } }
        """))
    desk.site.set("/list", #"{"rows": [{"id": 1, "open": true}, {"id": 2, "open": null}]}"#)
    #expect(try await desk.run().verdict == .items)
    desk.site.set("/list", #"{"rows": [{"id": 1, "open": "perhaps"}]}"#)
    let broken = try await desk.run()
    #expect(broken.verdict == .layoutBroken)
    #expect(broken.changes.isEmpty)
  }

  @Test func `a declared empty window in the middle ends no pages`() async throws {
    var desk = try Self.doctoreto()
    desk.site.set(Self.slots("2026-10-06"), Self.window.replacing("2026-10-20", with: "2026-10-23"))
    desk.site.set(Self.slots("2026-10-14"), "", status: 204)
    desk.site.set(Self.slots("2026-10-22"), Self.later.replacing("2026-10-15", with: "2026-10-22"))
    let run = try await desk.run()
    #expect(run.items.count == 2)
  }

  static let linked = Desk.list(
    """
    anchor: $.rows
    pages: { next: $.next }
    rows: { each: "$.rows[*]", fields: { id: $.id } }
    """)

  @Test func `a next link to another host breaks the layout and is not asked for`() async throws {
    var desk = try Desk(Self.linked)
    desk.site.set("/list", #"{"rows": [{"id": 1}], "next": "/more"}"#)
    desk.site.set("/more", #"{"rows": [{"id": 2}], "next": null}"#)
    #expect(try await desk.run().items.count == 2)
    desk.site.set("/list", #"{"rows": [{"id": 1}], "next": "https://elsewhere.example/more"}"#)
    let run = try await desk.run()
    #expect(run.verdict == .layoutBroken)
    #expect(run.changes.isEmpty)
    #expect(desk.site.requests.allSatisfy { $0.url.hasPrefix("https://desk.example/") })
  }

  @Test func `a next link is read from where the redirect led, and a link to the page itself ends`() async throws {
    var desk = try Desk(Self.linked)
    desk.site.set("/list", "", status: 302, headers: [Request.Header("Location", "/new/list")])
    desk.site.set("/new/list", #"{"rows": [{"id": 1}], "next": "page2"}"#)
    desk.site.set("/new/page2", ##"{"rows": [{"id": 2}], "next": "#"}"##)
    let run = try await desk.run()
    #expect(run.items.count == 2)
    #expect(desk.site.requests.count == 3)
  }
}

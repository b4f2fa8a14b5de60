import Language
import PluginHost
import Testing

/// What a run asks: read again where an answer says so, and never without an end.
struct ItemRequestTests {
  private static let paged =
    """
    site: desk
    title: Desk
    timezone: Asia/Tehran
    steps:
      - step: lists
        get: https://desk.example/lists
        refresh: 12h
        anchor: $.lists
        rows: { each: "$.lists[*]", fields: { list: $ } }
      - step: items
        get: https://desk.example/list/{list}
        query: { page: "{page}" }
        pages: { page: { from: 1, by: 1 }, at_most: 3 }
        anchor: $.rows
        outcomes: [ { empty: { json: $.closed, equals: true, reread: lists } } ]
        rows: { each: "$.rows[*]", fields: { id: $ } }
    items: { key: [list, id] }
    """ + Desk.alert

  @Test func `a step with pages is believed after a reread as well`() async throws {
    var desk = try Desk(Self.paged)
    desk.site.set("/lists", #"{"lists": ["a"]}"#)
    desk.site.set("/list/a?page=1", #"{"rows": [1, 2]}"#)
    desk.site.set("/list/a?page=2", #"{"rows": []}"#)
    _ = try await desk.run()
    // The service has another name now; the old one says that it is closed.
    desk.site.set("/lists", #"{"lists": ["b"]}"#)
    desk.site.set("/list/a?page=1", #"{"rows": [], "closed": true}"#)
    desk.site.set("/list/b?page=1", #"{"rows": [1]}"#)
    desk.site.set("/list/b?page=2", #"{"rows": []}"#)
    let run = try await desk.run()
    #expect(desk.site.requests.count { $0.url.hasSuffix("/lists") } == 2)
    #expect(run.endedBranches.map(\.text) == ["list=a"])
    #expect(run.changes.signs == ["+b1", "-a1", "-a2"])
  }

  @Test func `a later page can ask for the reread too`() async throws {
    var desk = try Desk(Self.paged)
    desk.site.set("/lists", #"{"lists": ["a"]}"#)
    desk.site.set("/list/a?page=1", #"{"rows": [1]}"#)
    desk.site.set("/list/a?page=2", #"{"rows": [2]}"#)
    desk.site.set("/list/a?page=3", #"{"rows": []}"#)
    _ = try await desk.run()
    desk.site.set("/list/a?page=2", #"{"rows": [], "closed": true}"#)
    let run = try await desk.run()
    #expect(desk.site.requests.count { $0.url.hasSuffix("/lists") } == 2)
    #expect(run.changes.signs == ["-a2"])
  }

  @Test func `a run sends a thousand requests at most, and names the step that wants more`() async throws {
    var desk = try Desk(
      """
      site: desk
      title: Desk
      timezone: Asia/Tehran
      steps:
        - step: lists
          get: https://desk.example/lists
          anchor: $.lists
          rows: { each: "$.lists[*]", fields: { list: $ } }
        - step: details
          get: https://desk.example/list/{list}
          anchor: $.rows
          rows: { each: "$.rows[*]", fields: { id: $ } }
      items: { key: [list, id] }
      """ + Desk.alert)
    let lists = (0..<1_100).map(String.init)
    desk.site.set("/lists", "{\"lists\": [\(lists.joined(separator: ","))]}")
    for list in lists { desk.site.set("/list/\(list)", #"{"rows": [1]}"#) }
    let run = try await desk.run()
    #expect(desk.site.requests.count == 1000)
    #expect(run.verdict == .layoutBroken)
    #expect(run.items.count == 999)
    let refused = run.outcomes.filter { $0.verdict == .layoutBroken }
    #expect(refused.count == 101)
    #expect(
      refused.first?.detail == "step 'details' needs more than 1000 requests in one run (limit: requests a run)")
    #expect(run.toMaintainers.count == 1)
  }
}

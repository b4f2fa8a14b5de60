import Language
import PluginHost
import Testing

@testable import Engine

/// Limits that hold in a run, each at its edge: what is at it is read, what is over it is refused by name.
struct DeclaredLimitTests {
  private static let yaml =
    """
    site: desk
    title: Desk
    timezone: UTC
    steps:
      - step: page
        get: https://desk.example/0
        rows: { each: "$[*]", fields: { id: $.id, text: $.text } }
    items: { key: [id] }
    """ + Desk.alert

  private static func detail(_ desk: inout Desk) async throws -> String? {
    let commit = try await desk.run()
    #expect(commit.verdict == .layoutBroken || commit.outcomes.allSatisfy { $0.detail == nil })
    return commit.outcomes.first?.detail
  }

  @Test func `ten redirects are followed, the eleventh is not`() async throws {
    for hops in [10, 11] {
      var desk = try Desk(Self.yaml)
      for hop in 0..<hops {
        desk.site.set("/\(hop)", "", status: 302, headers: [Request.Header("Location", "/\(hop + 1)")])
      }
      desk.site.set("/\(hops)", "[{\"id\": 1}]")
      let detail = try await Self.detail(&desk)
      #expect(detail == (hops == 10 ? nil : "more than 10 redirects (limit: redirects)"))
      #expect(desk.site.requests.count == 11)
    }
  }

  @Test func `10,000 rows are read and 10,001 are not`() async throws {
    for count in [RowReader.maxRows, RowReader.maxRows + 1] {
      var desk = try Desk(Self.yaml)
      desk.site.set("/0", "[" + (0..<count).map { "{\"id\":\($0)}" }.joined(separator: ",") + "]")
      let detail = try await Self.detail(&desk)
      #expect(detail == (count == RowReader.maxRows ? nil : "more than 10000 rows (limit: items a run)"))
    }
  }

  @Test func `a field of 64 KiB is read, and a longer one is not`() async throws {
    for count in [RowReader.maxFieldBytes, RowReader.maxFieldBytes + 1] {
      var desk = try Desk(Self.yaml)
      desk.site.set("/0", "[{\"id\": 1, \"text\": \"\(String(repeating: "x", count: count))\"}]")
      let detail = try await Self.detail(&desk)
      #expect(detail == (count == RowReader.maxFieldBytes ? nil : "field 'text' is over 64 KiB (limit: field)"))
    }
  }
}

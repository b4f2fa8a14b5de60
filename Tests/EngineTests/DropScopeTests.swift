import Language
import PluginHost
import SiteSpecs
import TestSupport
import Testing

@testable import Engine

/// What `drop` can ask for: fields of the item, and where it has none of that name, what every row of the site sees.
struct DropScopeTests {
  private func watch(drop: String) throws -> Watch {
    let yaml = """
      site: desk
      title: Desk
      timezone: Asia/Tehran
      steps:
        - step: items
          get: https://desk.example/list/{doctor}/{city}
          anchor: $.rows
          rows: { each: "$.rows[*]", fields: { id: $.id, price: { json: $.price, as: integer }, place: $.place } }
      items: { key: [id], drop: "\(drop)" }
      alert: { title: { en: New }, line: { en: "{id}" } }
      """
    let (spec, diagnostics) = SpecReader(catalog: Builtins.catalog).readSite(file: "sites/desk.yaml", text: yaml)
    let read = try #require(spec, "\(diagnostics)")
    return Watch(spec: read, params: ["doctor": "a", "city": "b"], every: .seconds(60), subscriptions: [])
  }

  private func item(_ price: Value, place: Value = .text("a")) -> Item {
    Item(
      key: "1", branch: .root, fields: [.init("id", .text("1")), .init("price", price), .init("place", place)])
  }

  @Test(arguments: [
    ("price > 5", true), ("price > 50", false), ("price == null", false), ("place == doctor", true),
    ("place == city", false), ("site == 'desk'", true), ("site == 'desk' and city == 'b' and price == 7", true),
    ("now > 2020-01-01 and doctor == 'a'", true), ("now < 2020-01-01", false), ("doctor == 'b' or id == '2'", false),
  ])
  func `drop sees the item, the parameters, the site and the time`(_ drop: String, _ expected: Bool) throws {
    let watch = try watch(drop: drop)
    let context = RenderContext(zone: watch.spec.zone, now: Instant(seconds: 1_790_000_000))
    #expect(watch.isDropped(item(.integer(7)), context) == expected)
  }

  @Test func `a field that is null is the item's own all the same`() throws {
    let watch = try watch(drop: "price == null and place == null")
    let context = RenderContext(zone: watch.spec.zone, now: Instant(seconds: 1_790_000_000))
    #expect(watch.isDropped(item(.null, place: .null), context))
    #expect(!watch.isDropped(item(.null), context))
  }
}

import Language
import SiteSpecs
import TestSupport
import Testing

@testable import Engine

/// The examples of the page of types are read by a site spec that says the same.
struct TypeCatalogTests {
  @Test func `every type is in the catalog, once`() {
    #expect(TypeSpec.catalog.map(\.type) == ValueType.allCases.filter { $0 != .unknown })
  }

  @Test(arguments: TypeSpec.catalog) func `a type's examples are read as the page says`(info: TypeInfo) throws {
    let zone = try #require(TimeZoneRules(identifier: "Asia/Tehran"))
    for example in info.examples {
      let options = example.options.isEmpty ? "" : ", " + example.options
      let text = TypeCatalogTests.site.replacing("KIND", with: info.type.rawValue + options)
      let (spec, diagnostics) = SpecReader(catalog: Builtins.catalog).readSite(file: "types.yaml", text: text)
      let type = try #require(spec?.steps[0].rows[0].fields[0].type, "\(diagnostics.map(\.message))")
      let context = RenderContext(zone: zone, now: Instant(seconds: 1_791_286_200))
      let value = try type.convert(.text(example.text), context)
      #expect(value.plainText == example.value, "\(example.text)")
    }
  }

  private static let site = """
    site: types
    title: Types
    timezone: Asia/Tehran
    steps:
      - step: one
        get: https://types.example/
        anchor: $.rows
        rows: { each: "$.rows[*]", fields: { value: { json: $.value, as: KIND } } }
    items: { key: value, expect: { count: 0..5 } }
    alert: { title: x, line: x }
    """
}

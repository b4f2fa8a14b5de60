import PluginHost
import Testing

@testable import SiteSpecs

/// What would cost too much when a page comes is told before any comes.
struct CostlyShapeTests {
  @Test(arguments: [
    "anchor: //*//*//*//*", "anchor: { xpath: //*//*//*//* }",
    "outcomes: [ { empty: { xpath: //*//*//*//* } } ]",
    "document: { xpath: //*//*//*//*, as: json }",
    "fields: { x: //*//*//*//* }", "fields: { x: { join: [//a, //*//*//*//*] } }",
    "fields: { x: [//a, //*//*//*//*] }", "fields: { x: \"//p[count(//a[//b[//c]]) > 1]\" }",
  ])
  func `costly shapes are refused when the spec is read, whatever they stand in`(_ step: String) throws {
    let text = """
      site: shop
      title: Shop
      timezone: UTC
      steps:
        - step: page
          get: https://shop.example/
          \(step)
          rows: { each: //li, fields: { id: ./@id } }
      items: { key: [id], expect: { count: 0..9 } }
      alert: { title: t, line: "{id}" }
      """
    let (spec, diagnostics) = readSite(text)
    #expect(spec == nil)
    let problem = diagnostics.first {
      $0.message.contains("steps that search the page") || $0.message.contains("searches within searches")
    }
    #expect(problem?.location.line == 7, "\(rendered(diagnostics))")
  }
}

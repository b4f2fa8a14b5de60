import Language
import PluginHost
import TestSupport
import Testing

@testable import Extractors

/// Expressions that libxml2 needs minutes for, or that reach outside: refused when they are compiled, or stopped.
struct HostileXPathTests {
  private static func page(_ description: String) throws -> DocumentNode {
    let count = try #require(Int(description.prefix { $0 != " " }.filter { $0 != "," }), "\(description)")
    if description.contains("nested <div>") { return try html(String(repeating: "<div>", count: count) + "x") }
    return try html("<div>" + String(repeating: "<p>x</p>", count: count) + "</div>")
  }

  @Test(.enabled(if: shared("suites/hostile/xpath.json") != nil, "needs ../shared/suites/hostile"))
  func `each hostile XPath is refused, or stopped on its page`() async throws {
    let path = try #require(shared("suites/hostile/xpath.json"))
    let cases = try JSON(parsing: bytes(of: path))["cases"].items
    #expect(cases.count == 19)
    try await Alone.run {
      for item in cases {
        let expression = try #require(item["expr"].string)
        let selector: any CompiledSelector
        do throws(SyntaxError) { selector = try XPathExtractor().compile(expression) } catch {
          #expect(error.offset <= expression.unicodeScalars.count, "\(expression.prefix(80))")
          continue
        }
        // Only where the list has a page for it may it be compiled.
        let description = try #require(item["doc"].string, "\(expression.prefix(80)) was compiled")
        let found = problem(try selector.select(from: Self.page(description)).count)
        #expect(found?.reason == .budget, "\(expression) on \(description)")
      }
    }
  }

  /// The same list, small.
  @Test(arguments: [
    "//*//*//*", "//*//*//*//*", "//p[//p[//p[.='y']]]", "document('file:///etc/hostname')", "unparsed-text('x')",
    "doc('x')", "environment-variable('PATH')", "json-doc('x')", "//ns:p", "$x", "//p[", "",
  ])
  func `a hostile XPath is refused when it is compiled`(_ expression: String) {
    #expect(mistake(try XPathExtractor().compile(expression)) != nil)
  }
}

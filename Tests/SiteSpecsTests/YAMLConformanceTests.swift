import Language
import TestSupport
import Testing

@testable import SiteSpecs

/// The yaml-test-suite, 402 cases. `BadSpecs/yaml-test-suite.txt` lists those in which this reader differs.
@Suite(.enabled(if: shared("suites/yaml-test-suite") != nil, "needs ../shared/suites/yaml-test-suite"))
struct YAMLConformanceTests {
  struct Case {
    var id: String
    var yaml: String
    var json: String?
    var mustFail: Bool
  }

  static func cases() throws -> [Case] {
    let path = try #require(shared("suites/yaml-test-suite/yaml-test-suite.json"))
    guard case .array(let list) = try JSON(parsing: try bytes(of: path)) else { return [] }
    return list.compactMap { element in
      guard case .object(let object) = element, case .string(let id)? = object["id"],
        case .string(let yaml)? = object["in_yaml"], case .bool(let mustFail)? = object["error"]
      else { return nil }
      if case .string(let json)? = object["in_json"] {
        return Case(id: id, yaml: yaml, json: json, mustFail: mustFail)
      }
      return Case(id: id, yaml: yaml, json: nil, mustFail: mustFail)
    }
  }

  @Test func `every case is read as the suite says, or is on the list of those that are not`() throws {
    let cases = try Self.cases()
    #expect(cases.count == 402)
    var found: [String] = []
    for one in cases {
      var verdict: String?
      let elapsed = cpuTime { verdict = difference(one) }
      // The suite's own bar.
      #expect(elapsed < .milliseconds(50), "\(one.id)")
      if let verdict { found.append("\(one.id) \(verdict)") }
    }
    try expectGolden(
      found.sorted().joined(separator: "\n") + "\n",
      at: packageRoot + "/Tests/SiteSpecsTests/BadSpecs/yaml-test-suite.txt")
  }

  /// How the reader differs from the suite, nil where it does not.
  private func difference(_ one: Case) -> String? {
    let reading = YAMLReader().read(file: "case.yaml", bytes: Array(one.yaml.utf8))
    let lines = one.yaml.split(separator: "\n", omittingEmptySubsequences: false).count
    for diagnostic in reading.diagnostics {
      #expect(diagnostic.location.line >= 1 && diagnostic.location.line <= lines + 1, "\(one.id)")
      #expect(diagnostic.location.column >= 1, "\(one.id)")
    }
    let problem = reading.diagnostics.first?.message
    if one.mustFail { return problem == nil ? "accepted, must be refused" : nil }
    if let problem { return "refused: \(problem)" }
    guard let json = one.json else { return nil }
    // A stream without a document is no JSON.
    guard let root = reading.root else { return json.isEmpty ? nil : "nothing read" }
    guard let expected = try? JSON(parsing: Array(json.utf8)) else { return "several documents" }
    return same(root.asJSON, expected) ? nil : "read differently"
  }

  /// Numbers compare by value: the suite's JSON was written by a printer of its own.
  private func same(_ a: JSON, _ b: JSON) -> Bool {
    switch (a, b) {
    case (.array(let a), .array(let b)): a.count == b.count && zip(a, b).allSatisfy(same)
    case (.object(let a), .object(let b)):
      a.count == b.count
        && a.names.allSatisfy { name in
          guard let one = a[name], let other = b[name] else { return false }
          return same(one, other)
        }
    case (.integer(let a), .number(let b, _)): Double(a) == b
    case (.number(let a, _), .integer(let b)): a == Double(b)
    case (.number(let a, _), .number(let b, _)): a == b
    default: a == b
    }
  }
}

extension YAMLNode {
  fileprivate var asJSON: JSON {
    switch content {
    case .sequence(let nodes): .array(nodes.map(\.asJSON))
    case .mapping(let members): .object(JSONObject(members.map { ($0.name, $0.value.asJSON) }))
    case .scalar(let scalar):
      switch scalar.resolved(tag: tag) {
      case .null: .null
      case .boolean(let value): .bool(value)
      case .integer(let value): .integer(value)
      case .decimal(let value, let lexeme): .number(value, lexeme: lexeme)
      case .text(let text): .string(text)
      }
    }
  }
}

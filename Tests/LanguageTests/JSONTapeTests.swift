import Glibc
import TestSupport
import Testing

@testable import Language

/// A tape says what the tree says, or nothing.
struct JSONTapeTests {
  private static let queries = [
    "$", "$.a", "$.b.a", "$.a[0]", "$.a[-1]", "$.a[-3].b", "$[*]", "$.a[*]", "$.a[*].b", "$[*][*]", "$['é']",
    "$[?@.a]", "$[?@.a == 1]", "$.a[?@.b == true]", "$.a[?@.b != null]", "$.a[?@.a == 'x' || @.b < 3]",
    "$.a[?@.a >= 'b' && !(@.b == false)].a", "$[?1 < @.b]", "$.a[?@[0] == 1.0]", "$[?@ == 'slot']", "$[?@ <= 1e2].a",
    "$..a", "$.a[0:2]", "$.a['a','b']", "$[?length(@) > 1]", "$[?@.a == $.b]", "$[?@.b > 'a']", "$[?@.a == '۳']",
  ]

  /// A value as sites write them, and now and then one as nobody should.
  private static func value(_ random: inout SplitMix, depth: Int = 0) -> String {
    func space() -> String { ["", "", "", " ", "\n", "\t "].randomElement(using: &random) ?? "" }
    switch Int.random(in: 0..<(depth > 4 ? 7 : 11), using: &random) {
    case 0: return "null"
    case 1: return Bool.random(using: &random) ? "true" : "false"
    case 2: return "\(Int.random(in: -5...500, using: &random))"
    case 3: return ["0.50", "1e2", "-0", "12345678901234567890", "1.0", "3E+1"].randomElement(using: &random) ?? "1"
    case 4: return #""slot""#
    case 5:
      return [#""""#, #""x\n""#, #""\u06f3""#, #""۳""#, #""\ud83d\ude00""#, #""c\/d""#].randomElement(using: &random)
        ?? ""
    case 6: return JSON.string(random.text(upTo: 30)).text
    case 7, 8:
      let items = (0..<Int.random(in: 0...4, using: &random)).map { _ in value(&random, depth: depth + 1) }
      return "[" + space() + items.joined(separator: space() + "," + space()) + space() + "]"
    default:
      let names = ["a", "b", "c", "long_name_of_ten", "long_name_of_two", "é", #"a\u0062"#].shuffled(using: &random)
      var members = names.prefix(Int.random(in: 0...5, using: &random)).map { name in
        "\"\(name)\"" + space() + ":" + space() + value(&random, depth: depth + 1)
      }
      if Int.random(in: 0..<20, using: &random) == 0 { members.append(#""a": 1"#) }
      if Int.random(in: 0..<40, using: &random) == 0 { members += (0..<30).map { "\"m\($0)\": \($0)" } }
      return "{" + members.joined(separator: "," + space()) + space() + "}"
    }
  }

  private func compare(_ text: [UInt8], _ paths: [JSONPath], _ what: @autoclosure () -> String) throws -> Bool {
    let tree = try? JSON(parsing: text)
    guard let tape = JSONTape(utf8: text) else { return false }
    guard let tree else {
      Issue.record("the tape takes what the tree does not: \(what())")
      return true
    }
    #expect(tape.root.json == tree, "\(what())")
    for path in paths {
      let wanted = try? path.select(from: tree)
      guard let found = path.select(from: tape.root) else { continue }
      #expect(found.map(\.json) == wanted, "\(path.source) on \(what())")
      if let single = path.single(from: tape.root) {
        #expect(single?.json == wanted?.first, "\(path.source) on \(what())")
      }
    }
    return true
  }

  @Test func `a text gives the same on a tape, whatever is asked`() throws {
    var random = SplitMix(seed: 1405)
    let paths = try Self.queries.map(JSONPath.init)
    var taken = 0
    for number in 0..<3000 {
      let text = Self.value(&random)
      if try compare(Array(text.utf8), paths, "text \(number): \(text.prefix(300))") { taken += 1 }
    }
    // The rest has names with escapes, or names that come twice.
    #expect(taken > 2000)
    #expect(paths.count { $0.tapePath != nil } >= 20)
  }

  @Test func `a text that was damaged is taken only where the tree takes it, and says the same`() throws {
    var random = SplitMix(seed: 7)
    let paths = try Self.queries.map(JSONPath.init)
    for number in 0..<6000 {
      var text = Array(Self.value(&random).utf8)
      for _ in 0..<Int.random(in: 1...3, using: &random) where !text.isEmpty {
        let place = Int.random(in: 0..<text.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: text.remove(at: place)
        case 1: text[place] = Array(#"{}[],:"\0e-.tfn u"#.utf8).randomElement(using: &random) ?? 0x20
        case 2: text.insert(UInt8.random(in: 0..<0x80, using: &random), at: place)
        default: text.removeSubrange(place...)
        }
      }
      // What is no UTF-8 is decoded before it comes here.
      guard String(validating: text, as: UTF8.self) != nil else { continue }
      _ = try compare(text, paths, "damaged \(number): \(String(decoding: text.prefix(300), as: UTF8.self))")
    }
  }

  @Test(.enabled(if: shared(JSONSuiteTests.folder) != nil, "needs ../shared/suites/json-parsing"))
  func `what JSONTestSuite refuses is on no tape`() throws {
    let folder = try #require(shared(JSONSuiteTests.folder))
    let listing = try #require(opendir(folder))
    defer { closedir(listing) }
    var taken = 0
    while let entry = readdir(listing) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard name.hasSuffix(".json") else { continue }
      let text = try bytes(of: folder + "/" + name)
      guard String(validating: text, as: UTF8.self) != nil else { continue }
      if try compare(text, [], name) { taken += 1 }
    }
    #expect(taken > 80)
  }

  @Test(.enabled(if: shared("suites/jsonpath-cts/cts.json") != nil, "needs ../shared/suites/jsonpath-cts"))
  func `queries of the RFC 9535 compliance suite give the same on a tape`() throws {
    let suite = try JSON(parsing: try bytes(of: #require(shared("suites/jsonpath-cts/cts.json"))))
    var asked = 0
    for case .object(let test) in try JSONPath("$.tests[*]").select(from: suite) {
      guard case .string(let selector)? = test["selector"], let path = try? JSONPath(selector),
        let document = test["document"]
      else { continue }
      _ = try compare(Array(document.text.utf8), [path], "\(selector)")
      if path.tapePath != nil { asked += 1 }
    }
    #expect(asked > 150)
  }

  @Test func `limits are those of the tree`() {
    #expect(JSONTape(utf8: Array(String(repeating: "[", count: 513).utf8)) == nil)
    let deep = String(repeating: "[", count: 512) + String(repeating: "]", count: 512)
    #expect(JSONTape(utf8: Array(deep.utf8)) != nil)
    #expect(JSONTape(utf8: Array("[1,2,3]".utf8), limits: JSONLimits(nodes: 3)) == nil)
    #expect(JSONTape(utf8: Array("[1,2,3]".utf8), limits: JSONLimits(nodes: 4)) != nil)
  }
}

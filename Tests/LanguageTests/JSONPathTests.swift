import Language
import Testing

struct JSONPathTests {
  static let shop = """
    {"calendar": {"turns": [1, 2]}, "result": {"a": {"x": {"turns": 1}}, "b": {"y": {"turns": 2}, "z": {}}},
     "rows": [{"id": 1, "name": "الف", "price": 10}, {"id": 2, "name": "ب", "price": 20.5}]}
    """

  @Test(arguments: [
    ("$.rows[*].id", "[1,2]"), ("$.result[*][*].turns", "[1,2]"), ("$.rows[-1].name", #"["ب"]"#),
    ("$.calendar.turns[5]", "[]"),
    ("$", ""), ("$.rows[?@.price > 15].id", "[2]"), ("$..turns", "[[1,2],1,2]"), ("$.rows[::-1].id", "[2,1]"),
    ("$.rows[?search(@.name, 'ال')].id", "[1]"), ("$.rows[?length(@.name) == 1].id", "[2]"),
    ("$.rows[0]['id','price']", "[1,10]"),
    ("$.rows[?@.id == $.calendar.turns[1]].id", "[2]"), ("$[?count(@.*) == 1]", "[{\"turns\":[1,2]}]"),
    ("$.rows[9:].id", "[]"),
  ])
  func `selects`(source: String, expected: String) throws {
    let shop = try JSON(parsing: Self.shop)
    let found = JSON.array(try JSONPath(source).select(from: shop))
    #expect(found.text == (expected.isEmpty ? "[\(shop.text)]" : expected))
    #expect(JSON.array(try JSONPath(source).nodes(from: shop).map(\.value)) == found)
  }

  @Test func `the current row is what $ means`() throws {
    let rows = try JSONPath("$.rows[*]").select(from: try JSON(parsing: Self.shop))
    let id = try JSONPath("$.id")
    #expect(id.isSingular)
    #expect(try rows.map { try id.first(in: $0) } == [.integer(1), .integer(2)])
    #expect(try JSONPath("$.none").first(in: rows[0]) == nil)
    #expect(try JSONPath("$[*]").first(in: rows[0]) == .integer(1))
  }

  @Test func `places are normalized paths`() throws {
    var places: [String] = []
    try JSONPath("$..id").select(from: try JSON(parsing: Self.shop)) { path, _ in places.append(path) }
    #expect(places == ["$['rows'][0]['id']", "$['rows'][1]['id']"])
    let odd = try JSON(parsing: #"{"a'\\\n\u0001é": 1}"#)
    let node = try #require(try JSONPath("$.*").nodes(from: odd).first)
    #expect(node.location.description == #"$['a\'\\\n\u0001é']"#)
    #expect(try JSONPath(node.location.description).select(from: odd) == [.integer(1)])
    #expect(node.location.steps == [.name("a'\\\n\u{1}é")])
  }

  @Test(
    arguments: [
      ("", 0, "write '$' for the document or the current row"),
      ("a.b", 0, "write '$' for the document or the current row"),
      ("$.a b", 3, "go on with '.name', '[…]' or '..', or end the path here"),
      ("$.", 2, nil), ("$.a-b", 3, "go on with '.name', '[…]' or '..', or end the path here"),
      ("$[a]", 2, "did you mean ['a']?"),
      ("$['a", 2, "a closing ' is missing"), ("$[0", 1, nil), ("$[01]", 2, "write it without leading 0 or '-0'"),
      ("$.[0]", 2, "leave out the '.' before '['"), ("$[(@.a)]", 2, "a filter begins with '?': [?@.a == 1]"),
      ("$[?@.a = 1]", 7, "did you mean '=='?"), ("$[?@.a =~ 'x']", 7, "use search(@.a, 'pattern')"),
      ("$[?.a]", 3, "did you mean '@.' (the node at hand)?"), ("$[?@.a == b]", 10, "did you mean '@.b' or '\"b\"'?"),
      ("$[?size(@.a) > 1]", 3, "did you mean 'length()'? functions: length(), count(), match(), search(), value()"),
      ("$[?@.a === 1]", 7, "did you mean '=='?"),
      ("$[?@[*] == 1]", 3, "use only names and indices, or value(…), count(…)"),
      ("$[?length(@.a)]", 14, "write length(…) > 0"), ("$[?match(@.a, '\\\\d+')]", 14, "did you mean [0-9]?"),
      ("$[?match(@.a, '(')]", 14, nil), ("$.نام[?@.a = 1]", 11, "did you mean '=='?"),
      ("$[0:9223372036854775807]", 4, "leave a bound out to go to the end: [0:]"),
      ("$[?match(@.a, 'a+?')]", 14, nil), ("$[?@.a and @.b]", 7, nil), ("$[?(@.a]", 7, nil), ("$[?@.a && ]", 10, nil),
    ] as [(String, Int, String?)])
  func `a mistake is located and helped`(source: String, offset: Int, help: String?) {
    #expect(
      performing: { try JSONPath(source) },
      throws: { error in
        guard let error = error as? SyntaxError else { return false }
        return error.offset == offset && error.help == help
      })
  }

  @Test(arguments: [
    ("'a.c'", ["abc", "a\nc"], [true, false]), ("'[a-c]{2,3}'", ["ab", "abcd"], [true, false]),
    (#"'\\p{L}+'"#, ["پزشک", "a1"], [true, false]), (#"'[^\\-x]'"#, ["-", "a"], [false, true]),
    ("'a|'", ["a", "b"], [true, false]),
    ("'(a|b)*c'", ["ababc", "c"], [true, true]), (#"'\\$[0-9]+'"#, ["$5", "5"], [true, false]),
    ("'[a-]'", ["-", "b"], [true, false]),
    ("'[.]'", [".", "a"], [true, false]), ("'x #y'", ["x #y", "xy"], [true, false]),
  ])
  func `patterns are I-Regexps`(pattern: String, texts: [String], expected: [Bool]) throws {
    let path = try JSONPath("$[?match(@, \(pattern))]")
    for (text, isMatch) in zip(texts, expected) {
      #expect(try path.select(from: .array([.string(text)])).isEmpty == !isMatch, "\(text)")
    }
  }

  @Test(arguments: [
    #"\\d"#, "a**", "(?=a)", "[[:alpha:]]", "a{2", "a{,2}", "[]", "[a-]b]", "]", #"\\p{Xx}"#, #"(a)\\1"#, "[z-a]",
    "(*FAIL)", "a{1,0}",
    #"\\"#, "(a", "a)", "[a",
  ])
  func `what is no I-Regexp is refused when it is a literal, and matches nothing in a document`(pattern: String) throws
  {
    #expect(throws: SyntaxError.self) { try JSONPath("$[?search(@, '\(pattern)')]") }
    let plain = pattern.replacing(#"\\"#, with: #"\"#)
    let document = JSON.object(JSONObject([("p", .string(plain)), ("t", .array([.string("a1")]))]))
    #expect(try JSONPath("$.t[?search(@, $.p)]").select(from: document).isEmpty)
  }

  @Test func `equality in filters is by value`() throws {
    let rows = try JSON(parsing: #"[{"a":1},{"a":1.0},{"a":"1"},{"a":{"x":1,"y":2}},{"a":9007199254740993}]"#)
    #expect(try JSONPath("$[?@.a == 1]").select(from: rows).count == 2)
    #expect(try JSONPath("$[?@.a == 9007199254740992]").select(from: rows).isEmpty)
    #expect(try JSONPath("$[?@.a > 9007199254740992.0]").select(from: rows).count == 1)
  }
}

/// Limits: DESIGN.md section 6 and RELIABILITY.md section 3.2.
struct JSONPathLimitTests {
  static let wide = JSON.array((0..<400).map { row in .array((0..<400).map { .integer(Int64(row * $0)) }) })

  @Test(arguments: [
    "$[*][*]", "$..*", "$..*..*..*", "$[*][0:]", "$[?@[?@ == -1]]", "$[?count($..*) > 0]", "$[*]['a',*]",
  ])
  func `more than 100,000 nodes are refused`(source: String) throws {
    #expect(throws: JSONPathLimit(limit: 100_000)) { try JSONPath(source).select(from: Self.wide) }
    #expect(throws: JSONPathLimit(limit: 100_000)) { try JSONPath(source).nodes(from: Self.wide) }
  }

  @Test func `comparing large values counts as visiting them`() throws {
    #expect(throws: JSONPathLimit(limit: 100_000)) { try JSONPath("$[?$ == $]").select(from: Self.wide) }
  }

  @Test func `a slice as long as can be written costs what is there`() throws {
    let path = try JSONPath("$[0:9007199254740991:9007199254740991]")
    #expect(try path.select(from: Self.wide).count == 1)
    #expect(try JSONPath("$[-9007199254740991:9007199254740991]").select(from: Self.wide).count == 400)
    #expect(try JSONPath("$[9007199254740991:-9007199254740991:-9007199254740991]").select(from: Self.wide).count == 1)
  }

  @Test(arguments: [("[?@", "]"), ("[?(", ")]"), ("[?!(", ")]"), ("[?length(", ")]")])
  func `nesting deeper than 32 is refused, not overflowed`(open: String, close: String) {
    let deep = "$" + String(repeating: open, count: 1000) + "@" + String(repeating: close, count: 1000)
    #expect(throws: SyntaxError.self) { try JSONPath(deep) }
  }

  @Test func `32 levels of filters run, 33 do not`() throws {
    func nested(_ depth: Int) -> String {
      "$" + String(repeating: "[?@", count: depth) + ".a" + String(repeating: "]", count: depth)
    }
    let deep = try JSON(parsing: String(repeating: "[", count: 40) + String(repeating: "]", count: 40))
    #expect(try JSONPath(nested(32)).select(from: deep).isEmpty)
    #expect(throws: SyntaxError.self) { try JSONPath(nested(33)) }
  }

  @Test func `a path over 4 KiB is refused`() {
    #expect(throws: SyntaxError.self) { try JSONPath("$" + String(repeating: ".a", count: 2048)) }
  }

  @Test func `the deepest document is walked without recursion`() throws {
    let deep = try JSON(parsing: String(repeating: "[", count: 512) + String(repeating: "]", count: 512))
    #expect(try JSONPath("$..*").select(from: deep).count == 511)
    #expect(try JSONPath("$" + String(repeating: "[*]", count: 511)).select(from: deep).count == 1)
    #expect(try JSONPath("$" + String(repeating: "[0]", count: 511)).nodes(from: deep).count == 1)
  }

  @Test func `a costly pattern is a limit, not a false`() throws {
    let text = JSON.array([.string(String(repeating: "a", count: 40) + "!")])
    #expect(throws: JSONPathLimit(limit: 100_000, reason: .pattern)) {
      try JSONPath("$[?match(@, '(a+)+')]").select(from: text)
    }
    let long = JSON.array([.string(String(repeating: "a", count: 65_537))])
    #expect(throws: JSONPathLimit(limit: 65_536, reason: .pattern)) {
      try JSONPath("$[?search(@, 'b')]").select(from: long)
    }
  }
}

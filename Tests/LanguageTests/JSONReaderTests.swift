import Language
import Testing

struct JSONReaderTests {
  @Test func `members keep their order, numbers every digit`() throws {
    let text = #"{"z":1,"a":1.50,"m":[12345678901234567890,-0.0,1E2],"id":9223372036854775807}"#
    let value = try JSON(parsing: text)
    #expect(value.text == text)
    guard case .object(let members) = value else { return #expect(Bool(false)) }
    #expect(members.names == ["z", "a", "m", "id"])
    #expect(members["id"] == .integer(.max))
    #expect(members["a"] == .number(1.5, lexeme: "1.50"))
  }

  @Test(arguments: [
    ("0", JSON.integer(0)), ("-0", .integer(0)), ("-9223372036854775808", .integer(.min)),
    ("9223372036854775808", .number(9_223_372_036_854_775_808, lexeme: "9223372036854775808")),
    ("0.1", .number(0.1, lexeme: "0.1")), ("1e2", .number(100, lexeme: "1e2")),
    ("123456789.123", .number(123456789.123, lexeme: "123456789.123")),
    ("5e-324", .number(.leastNonzeroMagnitude, lexeme: "5e-324")), ("1e400", .number(.infinity, lexeme: "1e400")),
    ("1e-400", .number(0, lexeme: "1e-400")), ("17.0000000000000000001", .number(17, lexeme: "17.0000000000000000001")),
    ("0e99999999999999999999", .number(0, lexeme: "0e99999999999999999999")),
    ("18446744073709551616", .number(18_446_744_073_709_551_616, lexeme: "18446744073709551616")),
    ("99999999999999999999", .number(1e20, lexeme: "99999999999999999999")),
  ])
  func `numbers are integers where they can be, else doubles with their text`(text: String, expected: JSON) throws {
    let value = try JSON(parsing: text)
    #expect(value == expected)
    if case .number(let a, _) = value, case .number(let b, _) = expected { #expect(a == b) }
  }

  @Test(arguments: [
    (#""a\u0041\n\/\"\\""#, "aA\n/\"\\"), (#""\ud83d\ude00""#, "😀"), (#""\ud83d""#, "\u{FFFD}"),
    (#""\ud83dx""#, "\u{FFFD}x"), (#""\ud83d\u0041""#, "\u{FFFD}A"), (#""\ude00\ud83d""#, "\u{FFFD}\u{FFFD}"),
    (#""\ud83d\ud83d\ude00""#, "\u{FFFD}😀"), (#""نوبت \u06F5""#, "نوبت ۵"), (#""\u0000""#, "\0"), (#""""#, ""),
    ("\"\u{7F}\u{2028}\"", "\u{7F}\u{2028}"), (#""1234567\"89""#, "1234567\"89"),
  ])
  func `strings and their escapes`(text: String, expected: String) throws {
    #expect(try JSON(parsing: text) == .string(expected))
  }

  @Test(arguments: [
    ("", JSONSyntaxError.Kind.truncated, 0), ("  ", .truncated, 2), ("[1,2", .truncated, 4), ("[1,", .truncated, 3),
    ("{", .truncated, 1), (#"{"a"#, .truncated, 3), (#"{"a""#, .truncated, 4), (#"{"a":"#, .truncated, 5),
    (#"{"a":1"#, .truncated, 6), (#"{"a":1,"#, .truncated, 7), (#""ab\"#, .truncated, 4), (#""ab\u12"#, .truncated, 7),
    ("nul", .truncated, 3), ("-", .truncated, 1), ("1.", .truncated, 2), ("1e+", .truncated, 3),
    ("[\"\u{63a}", .truncated, 4),
    ("[1,]", .malformed, 3), ("nux", .malformed, 2), ("[1 2]", .malformed, 3), ("01", .malformed, 1),
    ("+1", .malformed, 0),
    ("{a:1}", .malformed, 1), (#"{"a" 1}"#, .malformed, 5), ("[1}", .malformed, 2), ("1 x", .malformed, 2),
    ("\"a\u{1}\"", .malformed, 2), (#""\x""#, .malformed, 2), (#""\u12g4""#, .malformed, 5), ("1.x", .malformed, 2),
    ("'a'", .malformed, 0), ("[]]", .malformed, 2), ("<html>", .malformed, 0), ("{}{}", .malformed, 2),
    ("NaN", .malformed, 0),
  ])
  func `what is cut off is told from what is wrong, with its byte`(
    text: String, kind: JSONSyntaxError.Kind, offset: Int
  ) {
    #expect(
      performing: { try JSON(parsing: text) },
      throws: { error in
        guard let error = error as? JSONSyntaxError else { return false }
        return error.kind == kind && error.offset == offset
      })
  }

  @Test func `every cut of a document is truncated, never malformed`() throws {
    let bytes = Array(#"{"نام": [true, false, null, "a\u00e9\n", -1.5e+3, {"b": {}}], "c": []}"#.utf8)
    for count in 0..<bytes.count {
      #expect(
        performing: { try JSON(parsing: Array(bytes[..<count])) },
        throws: {
          ($0 as? JSONSyntaxError)?.kind == .truncated
        })
    }
  }

  @Test func `bytes that are not UTF-8 are refused where they stand`() {
    #expect(throws: JSONSyntaxError(.malformed, "byte 0xFF is not UTF-8 here", offset: 3)) {
      try JSON(parsing: [0x5B, 0x22, 0x61, 0xFF, 0x22, 0x5D])
    }
    #expect(throws: JSONSyntaxError.self) { try JSON(parsing: [0x22, 0x5C, 0x6E, 0xC0, 0xAF, 0x22]) }
  }

  @Test func `a byte order mark at the start is skipped`() throws {
    #expect(try JSON(parsing: [0xEF, 0xBB, 0xBF, 0x31]) == .integer(1))
    #expect(throws: JSONSyntaxError.self) { try JSON(parsing: [0x20, 0xEF, 0xBB, 0xBF, 0x31]) }
  }

  @Test func `depth and number of values are limited`() throws {
    func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    #expect(throws: Never.self) { try JSON(parsing: nested(512)) }
    #expect(throws: JSONSyntaxError(.limit, "deeper than 512 levels", offset: 512)) { try JSON(parsing: nested(513)) }
    #expect(throws: JSONSyntaxError.self) { try JSON(parsing: String(repeating: #"{"a":"#, count: 200_000)) }
    let limits = JSONLimits(nodes: 3)
    #expect(throws: Never.self) { try JSON(parsing: "[1,2]", limits: limits) }
    #expect(throws: JSONSyntaxError(.limit, "more than 3 values", offset: 5)) {
      try JSON(parsing: "[1,2,3]", limits: limits)
    }
  }

  @Test func `a buffer is read as an array is`() throws {
    let bytes = Array("[1]".utf8)
    let value = bytes.withUnsafeBufferPointer { try? JSON(parsing: $0) }
    #expect(value == .array([.integer(1)]))
  }
}

struct JSONObjectTests {
  @Test func `of members with one name the last counts, where the first stood`() throws {
    #expect(try JSON(parsing: #"{"a":1,"b":2,"a":3}"#).text == #"{"a":3,"b":2}"#)
    let many = (0..<40).map { #""k\#($0 % 30)":\#($0)"# }.joined(separator: ",")
    guard case .object(let members) = try JSON(parsing: "{\(many)}") else { return #expect(Bool(false)) }
    #expect(members.count == 30 && members["k5"] == .integer(35) && members.names[5] == "k5")
  }

  @Test func `names that only look alike stay apart`() throws {
    guard case .object(let members) = try JSON(parsing: "{\"é\":1,\"e\u{301}\":2}") else { return #expect(Bool(false)) }
    #expect(members.count == 2 && members["e\u{301}"] == .integer(2))
    #expect(JSON.string("é") != JSON.string("e\u{301}"))
    #expect(Set([JSON.string("é"), JSON.string("e\u{301}")]).count == 2)
  }

  @Test func `small and large objects behave the same`() {
    for size in [3, 15, 16, 17, 18, 100] {
      var members = JSONObject()
      for index in 0..<size { members["k\(index)"] = .integer(Int64(index)) }
      members["k1"] = nil
      members["k2"] = .null
      members["absent"] = nil
      members["new"] = .bool(true)
      #expect(members.count == size)
      #expect(members["k0"] == .integer(0) && members["k1"] == nil && members["k2"] == .null)
      #expect(members.names.last == "new" && members["k\(size)"] == nil)
      for (position, name) in members.names.enumerated() { #expect(members.position(of: name) == position) }
      #expect(members == JSONObject(Array(zip(members.names, members.values))))
    }
  }

  @Test func `order is part of equality, but not of being the same value`() throws {
    let (a, b) = (try JSON(parsing: #"{"a":1,"b":2.0}"#), try JSON(parsing: #"{"b":2,"a":1}"#))
    #expect(a != b)
    #expect(a.isSameValue(as: b))
    #expect(a.hashValue == (try JSON(parsing: a.text)).hashValue)
  }

  @Test func `a hundred thousand members are built and read at once`() {
    var members = JSONObject()
    for index in 0..<100_000 { members["name \(index)"] = .integer(Int64(index)) }
    #expect((0..<100_000).allSatisfy { members["name \($0)"] == .integer(Int64($0)) })
  }

  @Test(arguments: [
    ("9007199254740993", "9007199254740992.0", false), ("1", "1.0", true),
    ("9223372036854775807", "9223372036854775808", false),
    ("0", "-0.0", true), ("1e2", "100", true), ("\"1\"", "1", false), ("[1,{}]", "[1.0,{}]", true),
    ("null", "false", false),
  ])
  func `numbers are compared exactly`(left: String, right: String, same: Bool) throws {
    #expect(try JSON(parsing: left).isSameValue(as: JSON(parsing: right)) == same)
  }
}

struct JSONWriterTests {
  @Test func `text is on one line, pretty text on many`() throws {
    let value = try JSON(parsing: #"{"a": [1, {"b": null}], "c": {}, "d": [], "نام": "پ"}"#)
    #expect(value.text == #"{"a":[1,{"b":null}],"c":{},"d":[],"نام":"پ"}"#)
    #expect(
      value.prettyText == """
        {
          "a": [
            1,
            {
              "b": null
            }
          ],
          "c": {},
          "d": [],
          "نام": "پ"
        }
        """)
  }

  @Test func `what must be escaped is`() {
    let text = JSON.string("\"\\/\u{8}\u{C}\n\r\t\0\u{1F}\u{7F}é<\u{2028}").text
    #expect(text == #""\"\\/\b\f\n\r\t\u0000\u001f\u007fé<"# + "\u{2028}\"")
  }

  @Test func `embedded text cannot end a script`() throws {
    let value = JSON.object(JSONObject([("</script>", .string("<!--&\u{2028}\u{2029}‌\u{20AC}"))]))
    let text = value.text(.embeddable)
    #expect(text == #"{"\u003c/script\u003e":"\u003c!--\u0026\u2028\u2029"# + "‌\u{20AC}\"}")
    #expect(try JSON(parsing: text) == value)
  }

  @Test func `a number that JSON cannot hold is never written`() {
    #expect(JSON.number(.nan, lexeme: "NaN").text == "null")
    #expect(JSON.number(1.5, lexeme: "1,5").text == "1.5")
    #expect(JSON.number(.infinity, lexeme: "1e999").text == "1e999")
    #expect(JSON(1.5).text == "1.5" && JSON(.infinity) == .null && JSON(1e300).text == "1e+300")
    #expect(JSON.number(7, lexeme: "07").text == "7.0" && JSON.number(7, lexeme: "7]").text == "7.0")
  }
}

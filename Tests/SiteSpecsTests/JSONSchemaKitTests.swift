import Language
import TestSupport
import Testing

/// The test kit's validator, or the tests that lean on it would prove nothing.
struct JSONSchemaKitTests {
  @Test(arguments: [
    (#"{"type":"string"}"#, [#""a""#], ["1", "null", "[]"]),
    (#"{"type":["integer","null"]}"#, ["1", "1.0", "null"], ["1.5", #""1""#, "true"]),
    (#"{"enum":["a",1,false]}"#, [#""a""#, "1", "1.0", "false"], [#""b""#, "0", "true"]),
    (#"{"pattern":"^[0-9]+$"}"#, [#""12""#, "true"], [#""1a""#, #""""#]),
    (#"{"minLength":2,"maxLength":3}"#, [#""ab""#, #""اب""#, "1"], [#""a""#, #""abcd""#]),
    (#"{"uniqueItems":true}"#, [#"["a",1]"#, "7"], [#"["a","a"]"#, "[1,2,1.0]"]),
    (#"{"minimum":1,"maximum":2}"#, ["1", "2", "1.5", #""9""#], ["0", "3", "2.1"]),
    (#"{"items":{"type":"integer"},"minItems":1}"#, ["[1,2]", "{}"], ["[]", #"[1,"a"]"#]),
    (
      #"{"properties":{"a":{"type":"null"}},"additionalProperties":false}"#, ["{}", #"{"a":null}"#, "[]"],
      [#"{"a":1}"#, #"{"b":null}"#]
    ),
    (
      #"{"additionalProperties":{"type":"null"},"propertyNames":{"pattern":"^a"}}"#, [#"{"ab":null}"#],
      [#"{"ab":1}"#, #"{"b":null}"#]
    ),
    (
      #"{"required":["a"],"minProperties":1,"maxProperties":2}"#, [#"{"a":1}"#],
      [
        "{}", #"{"b":1}"#,
        #"{"a":1,"b":2,"c":3}"#,
      ]
    ),
    (#"{"anyOf":[{"type":"null"},{"minimum":3}],"not":{"enum":[4]}}"#, ["null", "3", "5"], ["4", "2"]),
    (#"{"allOf":[{"type":"integer"},{"minimum":3}]}"#, ["3"], ["2", "3.5"]),
    (
      #"{"if":{"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}}"#,
      [#"{"a":1,"b":1}"#, #"{"c":1}"#], [#"{"a":1,"c":1}"#, #"{"b":1}"#]
    ),
    (#"{"dependencies":{"a":{"properties":{"b":false}}}}"#, [#"{"b":1}"#, #"{"a":1}"#], [#"{"a":1,"b":1}"#]),
    (##"{"$ref":"#/definitions/x","type":"null","definitions":{"x":{"type":"integer"}}}"##, ["1"], ["null"]),
  ])
  func `each keyword is judged as draft-07 says`(schema: String, good: [String], bad: [String]) throws {
    let schema = try JSONSchema(JSON(parsing: schema))
    for text in good { #expect(try schema.problems(of: JSON(parsing: text)).isEmpty, "\(text)") }
    for text in bad { #expect(try !schema.problems(of: JSON(parsing: text)).isEmpty, "\(text)") }
  }

  @Test(arguments: [#"{"requierd":["a"]}"#, ##"{"$ref":"#/definitions/none"}"##, #"{"type":3}"#, "7"])
  func `a word that is not known is a mistake of the schema, not a pass`(schema: String) throws {
    let schema = try JSONSchema(JSON(parsing: schema))
    #expect(throws: JSONSchema.Mistake.self) { try schema.problems(of: .object(JSONObject([("a", .null)]))) }
  }
}

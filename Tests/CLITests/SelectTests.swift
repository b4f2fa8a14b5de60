import Glibc
import TestSupport
import Testing

/// `slothunter select`, from outside.
struct SelectTests {
  static let page = """
    <!DOCTYPE html><meta charset="utf-8"><ul id="slots"><li class="slot free" data-at="9">ساعت <b>۹</b> \n</li>
    <li class="slot">ten & more</li></ul>
    """

  @Test(arguments: [
    (["--xpath", "//li[1]"], [#""ساعت ۹ \n""#]),
    (["--xpath", "//li/@data-at"], [#""9""#]),
    (["--xpath", "string(//b)"], [#""۹""#]),
    (["--xpath", "//li[2]/text()"], [#""ten & more""#]),
    (["--css", "li.slot"], [#""ساعت ۹ \n""#, #""ten & more""#]),
    (["--css", "li.free::attr(data-at)"], [#""9""#]),
    (["--css", "b", "--outer"], [#""<b>۹</b>""#]),
    (["--xpath", "//b", "--outer"], [#""<b>۹</b>""#]),
    (["--pattern", #"data-at="(\d+)""#], [#""9""#]),
    (["--pattern", "ten & \\w+"], [#""ten & more""#]),
  ]) func `a match is one JSON value a line`(words: [String], lines: [String]) async throws {
    let result = try await slothunter(arguments(words), input: SelectTests.page)
    #expect(result.status == 0, "\(result)")
    #expect(result.lines == lines)
    #expect(result.err.isEmpty)
  }

  @Test(arguments: [
    ("$.a[*]", ["1", #""دو""#, "null", #"{"b":[1.50]}"#]), ("$..b", ["[1.50]"]), ("$.a[?@.b]", [#"{"b":[1.50]}"#]),
    ("$.none", []), ("$.c", ["12345678901234567890"]),
  ]) func `a JSONPath prints values as the file has them`(path: String, lines: [String]) async throws {
    let json = #"{"a": [1, "دو", null, {"b": [1.50]}], "c": 12345678901234567890}"#
    let result = try await slothunter(arguments(["--jsonpath", path]), input: json)
    #expect(result.status == (lines.isEmpty ? 1 : 0))
    #expect(result.lines == lines)
  }

  @Test(arguments: [["--xpath", "//h9"], ["--css", "h9"], ["--pattern", "zzz"], ["--jsonpath", "$.x"]])
  func `nothing found is exit code 1 and no line`(words: [String]) async throws {
    let result = try await slothunter(arguments(words), input: words[0] == "--jsonpath" ? "{}" : SelectTests.page)
    #expect(result.status == 1)
    #expect(result.out.isEmpty)
  }

  @Test(arguments: [
    ("xpath", "//li["), ("css", "li:has("), ("jsonpath", "$.["), ("pattern", "(a"), ("xpath", "//*//*//*//*"),
    ("css", ""), ("xpath", ""), ("jsonpath", "a"),
  ]) func `an expression that is none is exit code 2 and shows where`(kind: String, expression: String) async throws {
    let result = try await slothunter(arguments(["--" + kind, expression]), input: SelectTests.page)
    #expect(result.status == 2, "\(result)")
    #expect(result.err.contains(" selector: "))
    #expect(result.err.contains("^"))
    #expect(result.out.isEmpty)
  }

  @Test func `a file is read as what it is`() async throws {
    let folder = try TemporaryFolder()
    try folder.write(SelectTests.page, to: "صفحه.html")
    try folder.write("<?xml version=\"1.0\"?><r><A>x</A></r>", to: "feed.xml")
    let html = try await slothunter("select", "--css", "b", folder.path + "/صفحه.html")
    #expect(html.lines == [#""۹""#])
    let xml = try await slothunter("select", "--xpath", "/r/A", folder.path + "/feed.xml")
    #expect(xml.lines == [#""x""#])
    let forced = try await slothunter("select", "--xpath", "//a", "--as", "html", folder.path + "/feed.xml")
    #expect(forced.lines == [#""x""#])
  }

  @Test func `what can't be read is said, and is no match`() async throws {
    let result = try await slothunter("select", "--jsonpath", "$", "-", input: #"{"a": [1, "#)
    #expect(result.status == 1)
    #expect(result.out.isEmpty && result.err.contains("json"))
  }

  private func arguments(_ words: [String]) -> [String] { ["select"] + words + ["-"] }
}

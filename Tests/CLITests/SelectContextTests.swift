import TestSupport
import Testing

/// `slothunter select --context`, from outside.
struct SelectContextTests {
  @Test(arguments: [
    (["--css", "li.slot"], ["[1] line 1  /html/body/ul/li[1]", "[2] line 2  /html/body/ul/li[2]"], "2 | </li><li"),
    (["--xpath", "//li/@data-at"], ["[1] line 1  /html/body/ul/li[1]/@data-at"], "1 | <!DOCTYPE"),
  ]) func `a match of markup stands with its line and path`(words: [String], heads: [String], around: String)
    async throws
  {
    let page = SelectTests.page.replacing("</b> \\n", with: "\n</b>").replacing("</li>\n", with: "</li>")
    let result = try await slothunter(["select"] + words + ["--context", "-"], input: page)
    #expect(result.status == 0, "\(result)")
    #expect(result.lines.filter { $0.hasPrefix("[") } == heads, "\(result)")
    #expect(result.out.contains(around), "\(result)")
  }

  @Test func `a match of JSON stands with its normalized path and the line its value begins on`() async throws {
    let json =
      "{\n \"a]\": [\"x, \\\"]\", {}],\n \"slots\": [\n  {\"at\": 9},\n  {\"at\":\n    10, \"n\": [1,[2],{}]}\n ]\n}"
    let result = try await slothunter(["select", "--jsonpath", "$.slots[*].at", "--context", "-"], input: json)
    #expect(
      result.lines.filter { $0.hasPrefix("[") } == [
        "[1] line 4  $['slots'][0]['at']", "[2] line 6  $['slots'][1]['at']",
      ], "\(result)")
    let deep = try await slothunter(["select", "--jsonpath", "$..n[*]", "--context", "-"], input: json)
    #expect(deep.lines.filter { $0.hasPrefix("[") }.map { $0.suffix(1) } == ["]", "]", "]"])
    #expect(
      deep.lines.filter { $0.hasPrefix("[") }.allSatisfy { $0.contains("line 6  $['slots'][1]['n'][") }, "\(deep)")
  }

  @Test func `without a terminal the values stand alone, as scripts read them`() async throws {
    let result = try await slothunter(["select", "--css", "b", "-"], input: SelectTests.page)
    #expect(result.lines == [#""۹""#])
  }
}

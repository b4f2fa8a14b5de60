import Testing

@testable import SiteSpecs

struct YAMLBudgetTests {
  private func problem(_ text: String) -> String? {
    YAMLReader().read(file: "a.yaml", bytes: Array(text.utf8)).diagnostics.first?.message
  }

  /// libyaml alone takes 10.8 s for the first of them.
  @Test(
    .timeLimit(.minutes(10)),
    arguments: ["[", "{a: ", "- ", "? ", "[{", "- - ", "!!seq [", "&a [", "a:\n  "])
  func `nesting is refused at depth 64`(unit: String) {
    let text = String(repeating: unit, count: 100_000)
    #expect(problem(text) != nil)
  }

  @Test func `64 levels are read and 65 are not`() {
    #expect(problem(String(repeating: "[", count: 64) + String(repeating: "]", count: 64)) == nil)
    #expect(
      problem(String(repeating: "[", count: 65) + String(repeating: "]", count: 65))
        == "nested deeper than the limit of 64")
  }

  @Test func `an alias bomb is counted as what it stands for`() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      text += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", "))]\n"
    }
    #expect(problem(text) == "more values than the limit of 200000")
  }

  @Test func `aliases can't nest deeper than what is written`() {
    var text = "a0: &a0 [x]\n"
    for level in 1...70 { text += "a\(level): &a\(level) [*a\(level - 1)]\n" }
    #expect(problem(text) == "nested deeper than the limit of 64")
  }

  @Test func `100 anchors are read and 101 are not`() {
    func list(_ count: Int) -> String { (0..<count).map { "- &a\($0) x\n" }.joined() }
    #expect(problem(list(100)) == nil)
    #expect(problem(list(101)) == "more anchors than the limit of 100")
    #expect(problem((0..<101).map { "- &a\($0) [x]\n" }.joined()) == "more anchors than the limit of 100")
  }

  @Test func `100 aliases are read and 101 are not`() {
    let list = { (count: Int) in "a: &a 1\nb: [" + Array(repeating: "*a", count: count).joined(separator: ", ") + "]" }
    #expect(problem(list(100)) == nil)
    #expect(problem(list(101)) == "more aliases than the limit of 100")
  }

  @Test func `200,000 values are the most`() {
    #expect(problem("[" + String(repeating: "1,", count: 199_999) + "]") == nil)
    #expect(problem("[" + String(repeating: "1,", count: 200_000) + "]") == "more values than the limit of 200000")
  }

  @Test func `a file over 1 MiB is refused`() {
    let text = "a: " + String(repeating: "x", count: 1 << 20)
    #expect(problem(text) == "the file has 1048579 bytes, above the limit of 1048576")
  }

  @Test func `many keys cost no square`() {
    let text = (0..<60_000).map { "k\($0): 1\n" }.joined()
    #expect(problem(text) == nil)
  }
}

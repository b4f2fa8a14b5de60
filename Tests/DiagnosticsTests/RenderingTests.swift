import Diagnostics
import Testing

struct RenderingTests {
  let selector = Diagnostic(
    at: SpecLocation(file: "sites/shop.yaml", line: 14, column: 16), keyPath: "steps[0].rows.fields.price.patern",
    "unknown selector kind 'patern'", help: "did you mean 'pattern'? kinds: css, json, pattern, text, xpath",
    excerpt: "      price: { patern: '[0-9]+' }")

  @Test func `an error shows its line, a caret, the key path and help`() {
    #expect(
      selector.rendered() == """
        sites/shop.yaml:14:16: error: unknown selector kind 'patern'
        14 |       price: { patern: '[0-9]+' }
           |                ^ steps[0].rows.fields.price.patern
           = help: did you mean 'pattern'? kinds: css, json, pattern, text, xpath

        """)
  }

  @Test func `a note says where the other half stands`() {
    let diagnostic = Diagnostic(
      at: SpecLocation(file: "slothunter.yaml", line: 19, column: 12), keyPath: "watches[0].every",
      "'every: 5s' is below the minimum of 60s for paziresh24",
      notes: [.init("the minimum is set", at: SpecLocation(file: "sites/paziresh24.yaml", line: 13, column: 17))],
      excerpt: "    every: 5s")
    #expect(
      diagnostic.rendered() == """
        slothunter.yaml:19:12: error: 'every: 5s' is below the minimum of 60s for paziresh24
        19 |     every: 5s
           |            ^ watches[0].every
           = note: the minimum is set at sites/paziresh24.yaml:13:17

        """)
  }

  @Test func `the gutter is as wide as the line number`() {
    let diagnostic = Diagnostic(
      at: SpecLocation(file: "slothunter.yaml", line: 6, column: 12), keyPath: "channels.telegram.token",
      "environment variable TELEGRAM_TOKEN is not set",
      help: "export it, or run `slothunter check --no-secrets` to check everything else",
      excerpt: "    token: ${TELEGRAM_TOKEN}")
    #expect(
      diagnostic.rendered() == """
        slothunter.yaml:6:12: error: environment variable TELEGRAM_TOKEN is not set
        6 |     token: ${TELEGRAM_TOKEN}
          |            ^ channels.telegram.token
          = help: export it, or run `slothunter check --no-secrets` to check everything else

        """)
  }

  @Test func `colour changes nothing but colour`() {
    let coloured = selector.rendered(colour: true)
    #expect(coloured.contains("\u{1B}[1;31merror:\u{1B}[0m"))
    let plain = coloured.replacing(#/\u{1B}\[[0-9;]*m/#, with: "")
    #expect(plain == selector.rendered())
  }

  @Test func `a warning says so`() {
    var warning = selector
    warning.severity = .warning
    #expect(warning.rendered().hasPrefix("sites/shop.yaml:14:16: warning: unknown"))
  }

  @Test func `without an excerpt the key path is still told`() {
    let diagnostic = Diagnostic(at: SpecLocation(file: "a.yaml", line: 1, column: 1), keyPath: "steps", "missing")
    #expect(diagnostic.rendered() == "a.yaml:1:1: error: missing\n  = at: steps\n")
  }

  @Test(arguments: [1, 60, 500, 999])
  func `a long line is cut around the caret`(column: Int) throws {
    let line = String(repeating: "abcdefghi ", count: 100)
    let diagnostic = Diagnostic(at: SpecLocation(file: "a.yaml", line: 1, column: column), "x", excerpt: line)
    let lines = diagnostic.rendered(width: 60).split(separator: "\n").map(String.init)
    #expect(lines[1].count <= "1 | ".count + 62)
    let caret = try #require(lines[2].firstIndex(of: "^"))
    let offset = lines[2].distance(from: lines[2].startIndex, to: caret)
    let under = Array(lines[1])[offset]
    #expect(under == Array(line)[column - 1])
  }

  @Test func `tabs take one column and marks none`() {
    let tabbed = Diagnostic(at: SpecLocation(file: "a", line: 1, column: 3), "x", excerpt: "\t\tkey")
    #expect(tabbed.rendered().contains("1 |   key\n  |   ^"))
    // The kasra and the joiner take no cell of their own.
    let persian = Diagnostic(at: SpecLocation(file: "a", line: 1, column: 5), "x", excerpt: "مِ\u{200C}ه: 1")
    #expect(persian.rendered().contains("\n  |   ^"))
  }

  @Test func `what would turn a line round or move the cursor is not printed`() {
    let hostile = Diagnostic(
      at: SpecLocation(file: "a", line: 1, column: 1), keyPath: "k\u{1B}[2J", "m\u{202E}\u{1B}]0;x\nsecond",
      excerpt: "\u{1B}[31m\u{2067}x")
    let text = hostile.rendered()
    #expect(!text.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" || $0 == "\u{2067}" })
    #expect(text.split(separator: "\n").count == 3)
  }

  @Test(arguments: [Int.min, -1, 0, 1, 7, 100, Int.max])
  func `a column outside the line is no crash`(column: Int) {
    let diagnostic = Diagnostic(at: SpecLocation(file: "a", line: 1, column: column), "x", excerpt: "key: 1")
    #expect(diagnostic.rendered().contains("^"))
  }
}

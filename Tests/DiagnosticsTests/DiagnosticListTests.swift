import Diagnostics
import Testing

struct DiagnosticListTests {
  private func problem(
    _ line: Int, _ column: Int, _ message: String = "m", file: String = "a", severity: Diagnostic.Severity = .error
  ) -> Diagnostic { Diagnostic(severity, at: SpecLocation(file: file, line: line, column: column), message) }

  @Test func `problems come by file, line and column, errors first`() {
    let list = DiagnosticList([
      problem(2, 1, file: "b"), problem(3, 1), problem(2, 5), problem(2, 1, "w", severity: .warning),
      problem(2, 1, "e"),
    ])
    let order = list.sorted.map { "\($0.location) \($0.message)" }
    #expect(order == ["a:2:1 e", "a:2:1 w", "a:2:5 m", "a:3:1 m", "b:2:1 m"])
  }

  @Test func `the same of the same place is told once`() {
    #expect(DiagnosticList([problem(1, 1), problem(1, 1), problem(1, 2)]).all.count == 2)
  }

  @Test func `a file's problems are capped and the rest counted`() {
    let list = DiagnosticList((1...250).map { problem($0, 1) } + [problem(1, 1, file: "b")])
    #expect(list.all.count == 101)
    #expect(list.omitted == ["a": 150])
    #expect(list.rendered().hasSuffix("a: 150 more not shown\n"))
  }

  @Test func `errors beyond the cap still count as errors`() {
    let list = DiagnosticList((1...100).map { problem($0, 1, severity: .warning) } + [problem(200, 1)])
    #expect(list.hasErrors)
  }

  @Test func `the summary counts both kinds`() {
    #expect(
      DiagnosticList([problem(1, 1), problem(2, 1), problem(3, 1, severity: .warning)]).summary == "2 errors, 1 warning"
    )
    #expect(DiagnosticList().summary == "")
  }

  @Test func `a hundred warnings hide no error, and what is left out is said`() {
    func problem(_ severity: Diagnostic.Severity, _ line: Int) -> Diagnostic {
      Diagnostic(severity, at: SpecLocation(file: "a", line: line, column: 1), "\(line)")
    }
    var list = DiagnosticList((1...120).map { problem(.warning, $0) })
    list.append(problem(.error, 500))
    let all = list.sorted
    #expect(all.count == 101 && all.last?.severity == .error && list.hasErrors)
    #expect(all.last?.notes.map(\.message) == ["20 more problems of this file are not shown"])
  }
}

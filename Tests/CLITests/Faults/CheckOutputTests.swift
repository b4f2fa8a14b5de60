import Diagnostics
import Language
import TestSupport
import Testing

/// What `slothunter check` says to other programs.
struct CheckOutputTests {
  private static let unwise = CheckTests.good.replacing("$.id, start", with: "$.id, colour: $.colour, start")

  @Test func `warnings are 0, and with --strict 2`() async throws {
    let home = try TemporaryFolder()
    try home.write(Self.unwise, to: "sites/shop.yaml")
    let lenient = try await slothunter("check", "sites", folder: home.path)
    #expect(lenient.status == 0)
    #expect(lenient.out.contains("warning: nothing asks for the field 'colour' [dead-field]"))
    #expect(lenient.out.contains("1 file checked: 1 warning"))
    #expect(try await slothunter("check", "--strict", "sites", folder: home.path).status == 2)
    try home.write(CheckTests.good, to: "sites/shop.yaml")
    #expect(try await slothunter("check", "--strict", "sites", folder: home.path).status == 0)
  }

  @Test func `a field that a subscription's condition asks for is not dead`() async throws {
    let home = try TemporaryFolder()
    try home.write(Self.unwise, to: "sites/shop.yaml")
    try home.write(
      "notifier: console\nformat: text\nrecipient: none\nsend: { print: \"{message}\" }\n", to: "notifiers/console.yaml"
    )
    let configuration = """
      sites: [sites]
      notifiers: [notifiers]
      channels: { out: { notifier: console } }
      maintainers: [ { channel: out } ]
      watches:
        - site: shop
          notify: [ { channel: out, when: "colour == 'red'" } ]
      """
    try home.write(configuration, to: "slothunter.yaml")
    #expect(try await slothunter("check", folder: home.path).out == "3 files checked, no problem\n")
    try home.write(configuration.replacing("colour == 'red'", with: "id == 'red'"), to: "slothunter.yaml")
    #expect(try await slothunter("check", folder: home.path).out.contains("[dead-field]"))
  }

  @Test func `an object of --json holds every key that is documented, of the documented types`() async throws {
    let home = try TemporaryFolder()
    try home.write(CheckTests.good.replacing("as: instant", with: "as: instnat\n"), to: "shop.yaml")
    try home.write(CheckTests.good.replacing("site: shop", with: "site: twice\nsite: shop"), to: "twice.yaml")
    let result = try await slothunter("check", "--json", "shop.yaml", "twice.yaml", folder: home.path)
    let documented = try text(of: packageRoot + "/docs/diagnostics.md")
    var sawFix = false
    var sawNote = false
    for line in result.lines {
      guard case .object(let problem) = try JSON(parsing: Array(line.utf8)) else {
        throw SpawnProblem(description: line)
      }
      for name in problem.names { #expect(documented.contains("`\(name)`"), "\(name)") }
      for name in ["severity", "code", "file", "message", "key_path"] {
        guard case .string? = problem[name] else { throw SpawnProblem(description: "\(name): \(line)") }
      }
      for name in ["line", "column"] {
        guard case .integer(let number)? = problem[name], number >= 1 else { throw SpawnProblem(description: line) }
      }
      #expect(problem["end_line"] != nil && problem["end_column"] != nil && problem["help"] != nil)
      if case .object(let fix)? = problem["fix"], case .array(let edits)? = fix["edits"] {
        sawFix = sawFix || !edits.isEmpty
      }
      if case .array(let notes)? = problem["notes"], case .object(let note)? = notes.first {
        sawNote = sawNote || note["file"] == .string("twice.yaml") && note["line"] == .integer(1)
      }
    }
    #expect(sawFix && sawNote)
  }

  @Test func `--sarif gives a log that is valid in structure, whatever was found`() async throws {
    let faults = try FaultCorpus.read().faults.filter { $0.kind != .fine && $0.fileKind != .configuration }
    let home = try TemporaryFolder()
    var paths: [String] = []
    for fault in faults {
      let broken = try fault.broken()
      try home.write(broken.bytes, to: "\(fault.id) ی/\(broken.path)")
      paths.append("\(fault.id) ی/\(broken.path)")
    }
    let result = try await slothunter(["check", "--sarif", "--no-secrets"] + paths, folder: home.path)
    #expect(result.status == 2)
    let log = try JSON(parsing: Array(result.out.utf8))
    let problems = SARIFCheck(log).problems
    #expect(problems == [])
    let json = try await slothunter(["check", "--json", "--no-secrets"] + paths, folder: home.path)
    #expect(SARIFCheck(log).results == json.lines.count)
  }

  @Test func `of a valid file --sarif is a log without results`() async throws {
    let home = try TemporaryFolder()
    try home.write(CheckTests.good, to: "shop.yaml")
    let result = try await slothunter("check", "--sarif", "shop.yaml", folder: home.path)
    #expect(result.status == 0)
    let check = SARIFCheck(try JSON(parsing: Array(result.out.utf8)))
    #expect(check.problems == [] && check.results == 0)
    #expect(try await slothunter("check", "--sarif", "--json", "shop.yaml", folder: home.path).status == 64)
  }

  @Test func `every code is in the documentation, with its severity, and no other is`() throws {
    let page = try text(of: packageRoot + "/docs/diagnostics.md")
    for code in DiagnosticCode.allCases {
      let row = "| `\(code.rawValue)` | \(code.isWarning ? "warning" : "error") | \(code.summary) |"
      #expect(page.contains(row), "\(row)")
    }
    let rows = page.split(separator: "\n").filter {
      $0.hasPrefix("| `") && ($0.contains("| error |") || $0.contains("| warning |"))
    }
    #expect(rows.count == DiagnosticCode.allCases.count)
  }
}

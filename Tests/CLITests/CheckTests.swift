import Language
import TestSupport
import Testing

/// `slothunter check`, from outside.
struct CheckTests {
  static let good = """
    site: shop
    title: Shop
    timezone: UTC
    limits: { rate: 1/s, concurrency: 1, min_interval: 60s }
    steps:
      - step: list
        get: https://shop.example/slots.json
        anchor: $.slots
        rows: { each: "$.slots[*]", fields: { id: $.id, start: { json: $.at, as: instant } } }
    items: { key: [id], expect: { count: 0..10 } }
    alert:
      on: [added]
      title: { en: "Open" }
      line: { en: "{start | time}" }
    """

  @Test func `what this package ships is valid`() async throws {
    for words in [["check", "--no-secrets"], ["check", "sites"], ["check", "sites/paziresh24.yaml", "notifiers"]] {
      let result = try await slothunter(words)
      #expect(result.status == 0, "\(result)")
      #expect(result.out.contains("no problem"))
    }
  }

  @Test func `a good file is 0 and touches nothing`() async throws {
    let folder = try TemporaryFolder()
    try folder.write(CheckTests.good, to: "sites/shop.yaml")
    let result = try await slothunter("check", "sites", folder: folder.path)
    #expect(result.status == 0, "\(result)")
    #expect(result.lines == ["1 file checked, no problem"])
    #expect(try await runProgram("/bin/ls", ["-A", folder.path]).lines == ["sites"])
  }

  @Test func `every mistake of every file is printed in one pass, with its place and a suggestion`() async throws {
    let folder = try TemporaryFolder()
    try folder.write(
      CheckTests.good.replacing("as: instant", with: "as: instnat").replacing("{start | time}", with: "{strat | time}"),
      to: "sites/shop.yaml")
    try folder.write(
      CheckTests.good.replacing("site: shop", with: "site: b").replacing("key: [id]", with: "kye: [id]"),
      to: "sites/b.yaml")
    let result = try await slothunter("check", "sites", folder: folder.path)
    #expect(result.status == 2)
    #expect(result.out.contains("sites/shop.yaml:9:"))
    #expect(result.out.contains("did you mean 'instant'?"))
    #expect(result.out.contains("sites/shop.yaml:14:"))
    #expect(result.out.contains("did you mean 'start'?"))
    #expect(result.out.contains("sites/b.yaml:10:10: error: "))
    #expect(result.out.contains("did you mean 'key'?"))
    #expect(result.out.contains("2 files checked: "))
    #expect(!result.out.contains("\u{1B}["))
  }

  @Test func `with --json every problem is one object a line`() async throws {
    let folder = try TemporaryFolder()
    try folder.write(CheckTests.good.replacing("as: instant", with: "as: instnat"), to: "shop.yaml")
    let result = try await slothunter("check", "--json", "shop.yaml", folder: folder.path)
    #expect(result.status == 2)
    #expect(!result.lines.isEmpty)
    for line in result.lines {
      guard case .object(let problem) = try JSON(parsing: Array(line.utf8)) else {
        throw SpawnProblem(description: line)
      }
      #expect(problem["severity"] == .string("error"))
      #expect(problem["file"] == .string("shop.yaml"))
      #expect(problem["line"] == .integer(9))
      #expect(problem["message"] != nil && problem["help"] != nil && problem["key_path"] != nil)
    }
    let fine = try await slothunter("check", "--json", packageRoot + "/sites/doctuo.yaml")
    #expect(fine.status == 0 && fine.out.isEmpty)
  }

  @Test func `a file with Persian and with a broken encoding is reported, not crashed on`() async throws {
    let folder = try TemporaryFolder()
    try folder.write([0xFF, 0xFE, 0x73, 0x3A], to: "a.yaml")
    try folder.write("", to: "b.yaml")
    try folder.write("site: {", to: "c.yaml")
    try folder.write(CheckTests.good.replacing("title: Shop", with: "عنوان: فروشگاه"), to: "shop.yaml")
    for name in ["a.yaml", "b.yaml", "c.yaml", "shop.yaml"] {
      let result = try await slothunter("check", name, folder: folder.path)
      #expect(result.status == 2, "\(name): \(result)")
      #expect(result.out.contains("\(name):"), "\(result)")
    }
  }
}

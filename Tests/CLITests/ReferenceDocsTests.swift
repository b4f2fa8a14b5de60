import Language
import SiteSpecs
import TestSupport
import Testing

@testable import CLI

/// docs/reference is what the program would write, and what ships points to it.
struct ReferenceDocsTests {
  @Test func `every file of the reference is what the program writes`() async throws {
    let result = try await slothunter(["docs", "--check", "--in", packageRoot + "/docs/reference"], folder: "/tmp")
    #expect(result.status == 0, "\(result.out) \(result.err)")
  }

  @Test func `a file that was edited, is missing or is nobody's is told, with its line`() async throws {
    let folder = try TemporaryFolder()
    #expect(try await slothunter("docs", "--write", folder.path).status == 0)
    #expect(try await slothunter("docs", "--check", "--in", folder.path).status == 0)
    let page = try text(of: folder.path + "/site.md")
    try folder.write(page.replacing("`steps`", with: "`step`"), to: "site.md")
    try folder.write("x", to: "old.md")
    let result = try await slothunter("docs", "--check", "--in", folder.path)
    #expect(result.status == 1)
    let line = page.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.contains("`steps`") }
    #expect(result.lines.contains { $0.contains("site.md:\((line ?? 0) + 1): is not what") }, "\(result.out)")
    #expect(result.lines.contains { $0.contains("old.md: nothing writes") }, "\(result.out)")
    let empty = try TemporaryFolder()
    let missing = try await slothunter("docs", "--check", "--in", empty.path)
    #expect(missing.status == 1 && missing.out.contains("filters.md: is missing"))
  }

  @Test(arguments: [
    (["docs", "schema", "sit"], "kinds: site, notifier, slothunter"), (["docs", "pages"], "docs page NAME"),
    (["docs", "--check", "x"], "no argument"), (["docs", "--in", "x"], "--check"),
  ])
  func `a mistake on the command line is told`(words: [String], hint: String) async throws {
    let result = try await slothunter(words)
    #expect(result.status == 64 && result.err.contains(hint), "\(result)")
  }

  @Test func `a schema and a page are printed alone`() async throws {
    let schema = try JSON(parsing: try await slothunter("docs", "schema", "notifier").out)
    #expect(try JSONSchema(schema).problems(of: .object(JSONObject())) != [])
    let page = try await slothunter("docs", "page", "filters").out
    for filter in FilterChain.catalog { #expect(page.contains("| `\(filter.name)` |"), "\(filter.name)") }
    #expect(try await slothunter("docs").lines.contains("site.schema.json"))
  }

  /// The comment that editors read, in every file that a person is likely to copy.
  @Test func `every file that ships names its schema, and the schema is there and takes it`() throws {
    var files = [("slothunter.yaml", SpecKind.configuration)]
    for (folder, kind) in [("sites", SpecKind.site), ("notifiers", .notifier)] {
      files += try Files.list("\(packageRoot)/\(folder)").map { ("\(folder)/\($0)", kind) }
    }
    #expect(files.count >= 9)
    for (file, kind) in files {
      let content = try text(of: "\(packageRoot)/\(file)")
      let line = content.split(separator: "\n").first { $0.hasPrefix("# yaml-language-server: $schema=") }
      let path = try #require(line?.split(separator: "=").last, "\(file) names no schema")
      let up = file.contains("/") ? "../" : ""
      #expect(String(path) == "\(up)docs/reference/\(kind.schemaFile)", "\(file)")
      let schema = try JSON(parsing: try text(of: "\(packageRoot)/docs/reference/\(kind.schemaFile)"))
      let value = try #require(PlainYAML.read(file: file, bytes: Array(content.utf8)).value)
      #expect(try JSONSchema(schema).problems(of: value) == [], "\(file)")
    }
  }

  @Test func `every command is on the page of commands, with each of its options`() throws {
    let page = try text(of: packageRoot + "/docs/reference/commands.md")
    for command in SlotHunter.commands {
      #expect(page.contains("\n## \(command.name)\n"), "\(command.name)")
      for flag in command.flags { #expect(page.contains("  \(flag.name)"), "\(command.name) \(flag.name)") }
    }
  }
}

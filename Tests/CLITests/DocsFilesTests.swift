import TestSupport
import Testing

@testable import CLI

/// YAML in the documents that is a whole file, as its first line says, is accepted by `slothunter check`; and every key
/// that decides who hears what has its place in one.
struct DocsFilesTests {
  private struct Block {
    var page: String
    /// As in `# sites/vaccines.yaml`.
    var file: String
    var text: String
  }

  private static func pages() throws -> [String] {
    try Files.list(packageRoot + "/docs").filter { $0.hasSuffix(".md") }.sorted()
  }

  private static func blocks() throws -> [Block] {
    try pages().flatMap { page in
      try text(of: packageRoot + "/docs/" + page).split(separator: "```yaml\n", omittingEmptySubsequences: false)
        .dropFirst().compactMap { part in
          let text = String(part[..<(part.ranges(of: "```").first?.lowerBound ?? part.endIndex)])
          guard text.hasPrefix("# "), let line = text.split(separator: "\n").first, line.hasSuffix(".yaml") else {
            return nil
          }
          return Block(page: page, file: String(line.dropFirst(2)), text: text)
        }
    }
  }

  @Test func `every whole file in the documents is accepted`() async throws {
    let blocks = try Self.blocks()
    #expect(Set(blocks.map(\.page)).isSuperset(of: ["guide.md", "item-life.md", "delivery.md"]))
    for block in blocks {
      let folder = try TemporaryFolder()
      try folder.write(
        block.text.replacing("sites: [sites]", with: "sites: [\(packageRoot)/sites]").replacing(
          "notifiers: [notifiers]", with: "notifiers: [\(packageRoot)/notifiers]"), to: block.file)
      let isConfiguration = block.file == "slothunter.yaml"
      let result = try await slothunter(
        ["check", "--no-secrets"] + (isConfiguration ? [] : [block.file]), folder: folder.path)
      #expect(result.status == 0, "\(block.page), \(block.file): \(result.out)\(result.err)")
      #expect(!result.out.contains("warning"), "\(block.page), \(block.file): \(result.out)")
    }
  }

  @Test func `every key that decides who hears what is in an example that is accepted`() throws {
    let examples = try Self.blocks().map(\.text).joined() + text(of: packageRoot + "/docs/subscriptions.md")
    for key in [
      "track", "drop", "reopen_after", "settle", "useful_for", "digest", "urgent", "snooze", "stop", "on", "when",
      "at_most", "quiet", "first", "language", "budget", "rate", "per_recipient", "per_group", "group", "maintainers",
      "when_unsure",
    ] {
      let isThere = examples.contains("\(key):")
      #expect(isThere, "\(key)")
    }
  }

  @Test func `the guide leads to every page`() throws {
    let guide = try text(of: packageRoot + "/docs/guide.md")
    for page in try Self.pages() where page != "guide.md" { #expect(guide.contains("](\(page)"), "\(page)") }
  }

  /// Two pages that tell the same waits differently are worse than one.
  @Test func `the waits between tries are the code's, wherever they are written`() throws {
    for page in try Self.pages() {
      let text = try text(of: packageRoot + "/docs/" + page)
      #expect(!text.contains("2 s, 4 s, 8 s"), "\(page): tries wait 2 s, 12 s, 72 s")
    }
  }

  /// Words as a shell gives them, as far as the documents go: single quotes keep what stands in them together.
  private static func words(_ line: String) -> [String] {
    line.split(separator: "'", omittingEmptySubsequences: false).enumerated().flatMap { number, part in
      number % 2 == 1 ? [String(part)] : part.split(separator: " ").map(String.init)
    }
  }

  @Test func `every command that a document shows is understood`() throws {
    let decisions = try Files.list(packageRoot + "/docs/adr").map { "docs/adr/" + $0 }
    let pages =
      try Self.pages().map { "docs/" + $0 } + decisions + ["README.md", "deploy/README.md", "docs/fa/README.md"]
    var count = 0
    for page in pages {
      let text = try text(of: packageRoot + "/" + page).replacing("<code dir=\"ltr\">", with: "`").replacing(
        "</code>", with: "`")
      // Between backticks, or a line of a block, after a prompt or without.
      let quoted = text.replacing("```", with: "").replacing("\n", with: " ").split(
        separator: "`", omittingEmptySubsequences: false
      ).enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
      let typed = text.split(separator: "\n").map { $0.hasPrefix("$ ") ? $0.dropFirst(2) : $0 }.map(String.init)
      for line in (quoted + typed).filter({ $0.hasPrefix("slothunter ") }) {
        let words = Self.words(String(line.prefix { $0 != "#" })).dropFirst().filter { $0 != "…" && $0 != "|" }
        let name = try #require(words.first, "\(page): \(line)")
        if name.hasPrefix("--") || name == "COMMAND" { continue }
        let command = try #require(SlotHunter.commands.first { $0.name == name }, "\(page): \(line)")
        let flags = command.flags + [CommonFlags.help]
        // `--param …` stands for a value that is left out.
        let rest = Array(words.dropFirst()) + (line.hasSuffix("…") ? ["x"] : [])
        #expect(throws: Never.self, "\(page): \(line)") { _ = try Arguments(rest, flags: flags) }
        count += 1
      }
    }
    #expect(count > 40)
  }
}

import TestSupport
import Testing

@testable import CLI

/// What the documents list is what the code does.
struct DocsTests {
  @Test func `the guide lists every exit code with its meaning`() throws {
    let guide = try text(of: packageRoot + "/docs/guide.md")
    for code in ExitCode.allCases {
      #expect(guide.contains("| \(code.rawValue) | \(code.meaning) |"))
    }
  }

  @Test func `the README lists every command`() throws {
    let readme = try text(of: packageRoot + "/README.md")
    for command in SlotHunter.commands { #expect(readme.contains("| `\(command.name)"), "\(command.name)") }
  }

  @Test func `the version is the changelog's or unreleased`() throws {
    let changelog = try text(of: packageRoot + "/CHANGELOG.md")
    #expect(changelog.contains("## Unreleased") || changelog.contains("## \(SlotHunter.version)"))
  }
}

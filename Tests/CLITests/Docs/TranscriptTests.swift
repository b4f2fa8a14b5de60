import Glibc
import TestSupport
import Testing

@testable import CLI

/// docs/maintainers.md is followed to the letter by a maintainer who has nothing but it: every line behind a `$` is run in
/// a copy of what ships, one after the other, and what the page shows is what is printed.
struct TranscriptTests {
  private struct Step {
    var command: String
    /// Lines that must be printed, in this order; `…` stands for any.
    var shown: [String] = []
    /// From `# exits with 1` behind the command.
    var status: Int32 = 0
    var line: Int
  }

  private static func steps() throws -> [Step] {
    var steps: [Step] = []
    for block in try DocBlock.read("docs/maintainers.md") where block.language == "console" && block.role != "later" {
      for (offset, line) in block.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        if line.hasPrefix("$ ") {
          let parts = line.dropFirst(2).ranges(of: "  # exits with ")
          let command = parts.first.map { String(line.dropFirst(2)[..<$0.lowerBound]) } ?? String(line.dropFirst(2))
          let status = parts.first.flatMap { Int32(line.dropFirst(2)[$0.upperBound...]) } ?? 0
          steps.append(Step(command: command, status: status, line: block.line + 1 + offset))
        } else if !line.isEmpty, line != "…", !steps.isEmpty {
          steps[steps.count - 1].shown.append(String(line))
        }
      }
    }
    return steps
  }

  @Test func `the guide's commands do what it says, from the break to the mended spec`() async throws {
    let folder = try TemporaryFolder()
    for name in ["sites", "notifiers", "samples", "slothunter.yaml"] {
      let copied = try await runProgram("/bin/cp", ["-r", "\(packageRoot)/\(name)", folder.path + "/" + name])
      try #require(copied.status == 0)
    }
    let binary = try #require(slothunterBinary, "slothunter is not built")
    let path = binary.split(separator: "/").dropLast().map { "/" + $0 }.joined() + ":/usr/bin:/bin"
    let steps = try Self.steps()
    #expect(steps.count >= 8)
    for step in steps {
      let result = try await runProgram(
        "/bin/sh", ["-c", step.command], folder: folder.path, environment: ["PATH": path, "NO_COLOR": "1"])
      #expect(
        result.status == step.status, "docs/maintainers.md:\(step.line): \(step.command)\n\(result.out)\(result.err)")
      var rest = (result.out + result.err).split(separator: "\n").map(String.init)[...]
      for shown in step.shown {
        let found = rest.firstIndex { Self.matches($0, shown) }
        #expect(
          found != nil, "docs/maintainers.md:\(step.line): '\(shown)' is not printed:\n\(result.out)\(result.err)")
        rest = rest[(found.map { $0 + 1 } ?? rest.startIndex)...]
      }
    }
  }

  /// A page cuts long lines with `…` at their end.
  private static func matches(_ line: String, _ shown: String) -> Bool {
    shown.hasSuffix("…") ? line.hasPrefix(String(shown.dropLast())) : line == shown
  }

  @Test func `the Persian page keeps commands out of right-to-left text, and its divisions are closed`() throws {
    let page = try text(of: packageRoot + "/docs/fa/README.md")
    var isRightToLeft = false
    for (index, line) in page.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if line == "<div dir=\"rtl\">" {
        #expect(!isRightToLeft, "line \(index + 1): a division in a division")
        isRightToLeft = true
      } else if line == "</div>" {
        #expect(isRightToLeft, "line \(index + 1)")
        isRightToLeft = false
      } else if line.hasPrefix("```") {
        #expect(!isRightToLeft, "line \(index + 1): a block of code in right-to-left text")
      } else if line.unicodeScalars.contains(where: { (0x600...0x6FF).contains($0.value) }), !line.hasPrefix("$ ") {
        let isYAML = line.hasPrefix(" ") || line.hasPrefix("#")
        #expect(isRightToLeft || isYAML, "line \(index + 1): Persian text outside of a right-to-left division")
      }
      // A slash or a colon at its edge jumps to the other side: such code says its direction.
      #expect(!isRightToLeft || !line.contains("`"), "line \(index + 1): write <code dir=\"ltr\">")
    }
    #expect(!isRightToLeft)
  }
}

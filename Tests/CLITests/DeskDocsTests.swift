import Language
import Notifying
import PluginHost
import Storage
import TestSupport
import Testing

@testable import CLI
@testable import Engine

/// The promise table and the runbook say what is there.
struct DeskDocsTests {
  static func cells(of line: Substring) -> [String] {
    line.split(separator: "|").map { $0.trimmingSpaces }
  }

  /// What stands between backticks.
  static func quoted(_ text: String) -> [String] {
    text.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
      .map { String($0.element) }
  }

  /// Names of every test function in Tests/.
  static func testNames() throws -> Set<String> {
    var names: Set<String> = []
    for folder in try Files.list(packageRoot + "/Tests") {
      let path = packageRoot + "/Tests/" + folder
      guard Files.isDirectory(path) else { continue }
      for file in try Files.list(path) where file.hasSuffix(".swift") {
        // The name may stand on a line of its own below `@Test(arguments: …)`.
        for line in try text(of: path + "/" + file).split(separator: "\n") {
          guard let start = line.ranges(of: "func `").first?.upperBound,
            let end = line[start...].firstIndex(of: "`")
          else { continue }
          names.insert(String(line[start..<end]))
        }
      }
    }
    return names
  }

  @Test func `every test that the promises name is there, and every promise names one`() throws {
    let names = try Self.testNames()
    #expect(names.count > 500)
    let rows = try text(of: packageRoot + "/docs/promises.md").split(separator: "\n").filter {
      $0.hasPrefix("| ") && !$0.hasPrefix("| #")
    }
    #expect(rows.count > 20)
    var numbers: Set<String> = []
    for row in rows {
      let cells = Self.cells(of: row)
      try #require(cells.count == 3, "\(row)")
      numbers.insert(cells[0])
      let named = Self.quoted(cells[2])
      #expect(!named.isEmpty, "\(cells[1]): held by no test")
      for name in named { #expect(names.contains(name), "\(cells[1]): no test is called '\(name)'") }
    }
    // The eight of DESIGN.md section 4, and those to operators.
    #expect(Set((1...8).map(String.init)).isSubset(of: numbers))
  }

  @Test func `the runbook has every alarm, state, reason and cause`() throws {
    let runbook = try text(of: packageRoot + "/docs/runbook.md")
    let headings = Set(runbook.split(separator: "\n").filter { $0.hasPrefix("### ") }.map { String($0.dropFirst(4)) })
    let verdicts = [Verdict.layoutBroken, .suspicious, .blocked, .gone].map(\.rawValue)
    for kind in verdicts + ["unread", "emptied"] + ChannelTroubles.kinds {
      #expect(headings.contains(kind), "\(kind)")
    }
    let words = Set(Self.quoted(runbook.replacing("```", with: "")))
    for incident in StoreHealth.Trouble.incidents {
      #expect(runbook.contains("`\(incident)`"), "\(incident)")
    }
    for trouble in StoreHealth.Trouble.allCases { #expect(words.contains(trouble.rawValue), "store is \(trouble)") }
    for word in NotifyReason.allCases.map(\.rawValue) { #expect(words.contains(word), "reason \(word)") }
    for word in DeliveryRecord.State.allCases.map(\.rawValue) { #expect(words.contains(word), "state \(word)") }
    for word in HeldBack.Cause.allCases.map(\.rawValue) { #expect(words.contains(word), "cause \(word)") }
    for word in StoreError.Reason.allCases.map(\.rawValue) { #expect(words.contains(word), "store \(word)") }
    for word in OutboxRefusal.allCases.map(\.rawValue) { #expect(words.contains(word), "refusal \(word)") }
  }

  @Test func `every command that the runbook names is understood`() throws {
    let runbook = try text(of: packageRoot + "/docs/runbook.md")
    let lines = Self.quoted(runbook.replacing("\n", with: " ")).filter { $0.hasPrefix("slothunter ") }
    #expect(lines.count > 15)
    for line in lines {
      let words = line.split(separator: " ").dropFirst().map(String.init).filter { $0 != "…" }
      let command = try #require(SlotHunter.commands.first { $0.name == words[0] }, "\(line)")
      _ = try Arguments(Array(words.dropFirst()), flags: command.flags)
      if command.name == "subscriptions" || command.name == "outbox", words.count > 1 {
        #expect(command.help.contains(words[1]), "\(line)")
      }
    }
  }

  @Test func `the keys of every answer in JSON are those that are written down`() async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(world, subscribers: [ServiceHome.chat("100200300", first: "all")])
    #expect(try await home.command(["run", "--once"] + world.origins).status == 0)
    world.telegram(then: { _ in .json(#"{"ok":false,"error_code":403,"description":"Forbidden"}"#, status: 403) })
    world.slots = ["s1": [0, 1]]
    _ = try await home.command(["subscriptions", "snooze", "telegram/100200300", "--until", "1s"])
    let id = try #require(try await home.outbox().first).text("$.id")
    let stop = try await home.command(["subscriptions", "stop", "telegram/100200300", "--json"])
    _ = try await home.command(["run", "--once"] + world.origins)
    let held = try #require(try await home.outbox("--state", "cancelled").first).text("$.id")
    let status = try await home.status()
    let why = try JSON(parsing: try await home.command("why", id, "--json").out)
    let waiting = try JSON(parsing: try await home.command("why", held, "--json").out)
    func first(_ words: String...) async throws -> JSON {
      try JSON(parsing: try #require(try await home.command(words).lines.first))
    }
    let found: [(String, JSON)] = [
      ("`outbox list`", try await first("outbox", "list", "--json")),
      ("`outbox retry`, `outbox drop`", try await first("outbox", "retry", id, "--json")), ("`why`", why),
      ("`why` changes", try one(waiting, "$.changes[0]")), ("`why` attempts", try one(why, "$.attempts[0]")),
      ("`why` held_back", try one(waiting, "$.held_back[0]")), ("`status`", status),
      ("`status` watches", try one(status, "$.watches[0]")), ("`status` channels", try one(status, "$.channels[0]")),
      ("`status` store", try one(status, "$.store")), ("`status` holds", try one(status, "$.holds[0]")),
      ("`subscriptions list`", try await first("subscriptions", "list", "--json")),
      ("`subscriptions snooze`, `stop`, `resume`", try JSON(parsing: stop.out)),
    ]
    let rows = try text(of: packageRoot + "/docs/runbook.md").split(separator: "\n").map(Self.cells)
    for (name, json) in found {
      let row = try #require(rows.first { $0.count == 2 && $0[0] == name }, "\(name)")
      guard case .object(let object) = json else { throw NeverHappened(description: "\(name): \(json.text)") }
      #expect(object.names == Self.quoted(row[1]), "\(name)")
    }
  }

  private func one(_ json: JSON, _ path: String) throws -> JSON {
    try #require(try JSONPath(path).select(from: json).first, "\(path)")
  }

  @Test func `excerpts of the configuration show no recipient, and keep their caret`() {
    #expect(
      AddressMasking.mask("  - { channel: x, to: \"0912\", on: [a] }") == "  - { channel: x, to: ••••••, on: [a] }")
    #expect(AddressMasking.mask("to: 09120000000 # me") == "to: ••••••••••• # me")
    #expect(AddressMasking.mask("photo: a, goto: b") == "photo: a, goto: b")
  }
}

extension String.SubSequence {
  fileprivate var trimmingSpaces: String {
    var text = self
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}

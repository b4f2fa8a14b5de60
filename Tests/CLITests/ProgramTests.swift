import Language
import LoopbackServer
import TestSupport
import Testing

@testable import CLI

/// The built binary from outside: help, mistakes on the command line, exit codes.
struct ProgramTests {
  @Test(arguments: SlotHunter.commands.map { $0.name }) func `a command explains itself`(name: String) async throws {
    for words in [[name, "--help"], ["help", name]] {
      let result = try await slothunter(words, folder: "/tmp")
      #expect(result.status == 0)
      #expect(result.out.contains("USAGE\n  slothunter \(name)"))
      #expect(result.out.contains("OPTIONS") && result.out.contains("--help"))
      #expect(result.err.isEmpty)
    }
  }

  @Test func `the overview lists every command and every exit code`() async throws {
    let result = try await slothunter("--help")
    #expect(result.status == 0)
    for command in SlotHunter.commands {
      #expect(result.out.contains("\n  \(command.name) "), "\(command.name)")
      #expect(!command.summary.isEmpty)
    }
    for code in ExitCode.allCases { #expect(result.out.contains("\n  \(code.rawValue) ")) }
  }

  @Test func `nothing at all is a mistake that is answered with the overview`() async throws {
    let result = try await slothunter()
    #expect(result.status == 64)
    #expect(result.out.isEmpty && result.err.contains("COMMANDS"))
  }

  @Test(arguments: [
    (["chekc"], "did you mean 'check'?"), (["tyr"], "did you mean 'try'?"),
    (["check", "--jsn"], "did you mean '--json'?"), (["try", "--frm", "x"], "did you mean '--from'?"),
    (["select", "--xpth", "//a", "-"], "did you mean '--xpath'?"), (["try"], "SITE"), (["try", "a", "b"], "SITE"),
    (["try", "paziresh24", "--param"], "NAME=VALUE"), (["try", "paziresh24", "--param", "slug"], "NAME=VALUE"),
    (["check", "--json=yes"], "takes no value"), (["try", "a", "--now", "1", "--now", "2"], "given twice"),
    (["select", "-"], "--xpath"), (["select", "--xpath", "//a"], "FILE"),
    (["select", "--xpath", "//a", "--css", "a", "-"], "--xpath"),
    (["select", "--xpath", "//a", "--as", "yaml", "/dev/null"], "html"),
  ]) func `a mistake on the command line ends with 64 and says what to write`(words: [String], hint: String)
    async throws
  {
    let result = try await slothunter(words)
    #expect(result.status == 64)
    #expect(result.err.contains(hint), "\(result)")
    #expect(result.out.isEmpty)
  }

  @Test(arguments: [
    ["check", "no/such.yaml"], ["select", "--css", "a", "no/such.html"], ["try", "x", "--from", "no/such"],
  ])
  func `a file that is not there ends with 66 and is named`(words: [String]) async throws {
    let result = try await slothunter(words)
    #expect(result.status == 66)
    #expect(result.err.contains("no/such"))
  }

  @Test func `the kinds are listed as one JSON object`() async throws {
    let result = try await slothunter("kinds", "--json")
    #expect(result.status == 0 && result.lines.count == 1)
    guard case .object(let kinds) = try JSON(parsing: Array(result.out.utf8)) else {
      throw SpawnProblem(description: result.out)
    }
    for group in ["selectors", "types", "filters", "verdicts", "message formats", "fetchers"] {
      #expect(kinds[group] != nil, "\(group)")
    }
  }

  @Test func `the kinds include the notifiers of the configuration and what each takes`() async throws {
    let result = try await slothunter("kinds")
    #expect(result.status == 0)
    #expect(result.lines.contains { $0.hasPrefix("  telegram ") && $0.contains("token (required, secret)") })
    #expect(result.lines.allSatisfy { !$0.hasSuffix(" ") })
  }
}

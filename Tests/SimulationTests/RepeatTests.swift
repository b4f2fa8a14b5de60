import TestSupport
import Testing

/// The simulator as a program: a process of its own, as it takes the concurrency runtime for itself.
struct RepeatTests {
  private func simulate(_ arguments: String...) async throws -> ProgramResult {
    let beside = try #require(slothunterBinary).split(separator: "/").dropLast().joined(separator: "/")
    return try await runProgram(
      "/\(beside)/simulate", arguments, environment: ["SWIFT_BACKTRACE": "enable=no"], timeout: .seconds(600))
  }

  @Test func `the same seed tells the same story line by line, another seed another`() async throws {
    let first = try await simulate("--seed", "3", "--trace")
    #expect(first.status == 0, "\(first.lines.suffix(3))")
    #expect(first.lines.count > 100)
    #expect(first.lines.last?.hasPrefix("ok 3 ") == true)
    let second = try await simulate("--seed", "3", "--trace")
    #expect(first.lines == second.lines)
    let other = try await simulate("--seed", "4", "--trace")
    #expect(other.status == 0 && other.lines != first.lines)
  }

  @Test func `a violation is told with its seed, its invariant and how to see every line of it`() async throws {
    // Lines of news that vanish from the outbox.
    let caught = try await simulate("--mutant", "drop-row", "--seed", "1", "--seeds", "20")
    #expect(caught.status == 1)
    #expect(caught.lines.last?.hasPrefix("FAIL ") == true)
    #expect(caught.lines.last?.contains(" I1 ") == true || caught.lines.last?.contains(" I2 ") == true)
    #expect(caught.err.contains("TRACE=1") && caught.err.contains("KnownSeeds.swift"))
  }

  @Test func `a command line that is not understood is refused`() async throws {
    #expect(try await simulate("--sead", "3").status == 64)
    #expect(try await simulate("--mutant", "no-such-mistake").status == 64)
  }
}

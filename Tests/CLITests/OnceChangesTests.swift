import Language
import TestSupport
import Testing

/// `run --once --changes`, for scripts and pipes.
struct OnceChangesTests {
  @Test func `each change is one line of JSON with typed fields, and nothing else is said`() async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(world)
    world.slots = ["s1": [0]]
    let words = ["run", "--once", "--changes", "--log=error"] + world.origins
    #expect(try await home.command(words).out == "", "the first reading is no news")
    world.slots = ["s1": [0, 1, 2]]
    let lines = try await home.command(words).out.split(separator: "\n").map { try JSON(parsing: String($0)) }
    #expect(lines.map { $0.text("$.kind") } == ["added", "added"])
    #expect(lines.allSatisfy { $0.text("$.watch") == "paziresh24/dr-sample" })
    #expect(lines.allSatisfy { !$0.text("$.item").isEmpty && !$0.text("$.fields.start").isEmpty })
    #expect(try await home.command(words).out == "")
  }

  @Test func `what it does not go with is said`() async throws {
    let home = try ServiceHome(try ServiceWorld())
    for words in [["run", "--changes"], ["run", "--once", "--changes", "--json"]] {
      let result = try await home.command(words)
      #expect(result.status == 64)
      #expect(result.err.contains("--changes goes with --once"))
    }
  }
}

import Testing

@testable import Torture

struct ChanceTests {
  @Test func `a seed always tells the same story, another one another`() {
    func story(_ seed: UInt64) -> [UInt64] {
      var chance = Chance(seed: seed)
      return (0..<8).map { _ in chance.bits() }
    }
    #expect(story(7) == story(7))
    #expect(story(7) != story(8))
  }

  @Test func `command lines are understood or refused as a whole`() throws {
    let options = try #require(Options(["kills", "--kills=50", "--seed=", "--time=tell"]))
    #expect(options.number("kills", or: 1000) == 50)
    #expect(options.text("seed") == nil && options.text("time") == "tell")
    #expect(Options([])?.command == "kills")
    #expect(Options(["--kils=5"]) == nil)
    #expect(Options(["dance"]) == nil)
  }
}

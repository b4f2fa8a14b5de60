import Language
import PluginHost
import Storage
import Testing

/// Branches that a good parent no longer lists.
struct ItemEndTests {
  private static let lists: KeyValuePairs<String, [String]> = ["a": ["1", "2"], "b": ["1", "2"], "c": ["1", "2"]]

  @Test func `a parent that lists half as much is asked again, however few items each branch held`() async throws {
    var desk = try ItemDesk()
    try desk.show(Self.lists)
    try await desk.run()
    try desk.show(["a": ["1", "2"]])
    let doubted = try await desk.run()
    #expect(doubted.changes.isEmpty && doubted.awaitsConfirmation && doubted.endedBranches.isEmpty)
    try desk.show(Self.lists)
    try await desk.run()
    #expect(try await desk.hear() == [], "neither gone nor new")
    #expect(try await desk.states().values.allSatisfy { $0 == .open })
  }

  @Test func `what two readings of the parent leave out has gone, also over a restart`() async throws {
    var desk = try ItemDesk()
    try desk.show(Self.lists)
    try await desk.run()
    try desk.show(["a": ["1", "2"]])
    try await desk.run()
    try desk.restart()
    let believed = try await desk.run(after: .seconds(10))
    #expect(believed.changes.signs == ["-b1", "-b2", "-c1", "-c2"])
    #expect(!believed.awaitsConfirmation && believed.endedBranches.count == 2)
    try desk.show(Self.lists)
    #expect(try await desk.run().changes.signs == ["+b1", "+b2", "+c1", "+c2"])
  }

  @Test func `one small branch of several ends at once`() async throws {
    var desk = try ItemDesk()
    try desk.show(Self.lists)
    try await desk.run()
    try desk.show(["a": ["1", "2"], "b": ["1", "2"]])
    #expect(try await desk.run().changes.signs == ["-c1", "-c2"])
  }

  @Test func `a branch that blinks is news in neither direction while settle lasts`() async throws {
    var desk = try ItemDesk(items: "settle: 150s")
    try desk.show(["a": ["1"], "b": ["2"]])
    try await desk.run()
    try desk.show(["a": ["1"]])
    for _ in 0..<2 {
      let run = try await desk.run()
      #expect(run.changes.isEmpty && !run.awaitsConfirmation && run.endedBranches.isEmpty)
    }
    try desk.show(["a": ["1"], "b": ["2"]])
    for _ in 0..<4 { try await desk.run() }
    #expect(try await desk.hear() == [])
  }

  @Test func `a branch that stays away is told when that has settled, once, also over a restart`() async throws {
    var desk = try ItemDesk(items: "settle: 150s")
    try desk.show(["a": ["1"], "b": ["2"]])
    try await desk.run()
    try desk.show(["a": ["1"]])
    for _ in 0..<3 { try await desk.run() }
    try desk.restart()
    #expect(try await desk.hear() == [])
    #expect(try await desk.run().endedBranches.count == 1)
    #expect(try await desk.hear() == ["-b2"])
    for _ in 0..<3 { try await desk.run() }
    #expect(try await desk.hear() == [])
  }

  @Test func `a run in which an item begins to wait says so to the store`() async throws {
    var desk = try ItemDesk(items: "settle: 5m")
    try desk.show(["a": ["1"]])
    try await desk.run()
    #expect(!(try await desk.run().movesItems))
    desk.show("a", ["1", "2"])
    #expect(try await desk.run().movesItems)
    #expect(!(try await desk.run().movesItems))
    desk.show("a", ["1"])
    #expect(try await desk.run().movesItems, "the arrival is over, and must not count as settled later")
  }

  @Test func `another key tells what is open once more, as first says, and nothing as news`() async throws {
    var desk = try ItemDesk(first: .summary)
    try desk.show(["a": ["1"]])
    try await desk.run()
    #expect(try await desk.hear() == ["=a1"])
    desk.watch.spec = try ItemDesk.spec(key: "[id, list]")
    // What opened while the key was wrong is among it: nothing is lost by the edit.
    desk.show("a", ["1", "2"])
    #expect(try await desk.run().newBaseline)
    #expect(try await desk.hear() == ["=a1", "=a2"])
    try await desk.run()
    #expect(try await desk.hear() == [])
  }
}

import Engine
import Language
import PluginHost
import Testing

/// What an edited spec does to what is known.
struct ItemMendTests {
  static let six = (1...6).map(String.init)

  @Test func `a mended spec loses nothing that opened during the break`() async throws {
    var desk = try ItemDesk(on: [.added])
    try desk.show(["a": ["1", "2", "3"]])
    try await desk.run()
    // The page renames `id`; meanwhile 3 goes and 4 opens.
    desk.site.set("/list/a", #"{"rows": [{"nr": "1"}, {"nr": "2"}, {"nr": "4"}]}"#)
    for _ in 0..<3 {
      let broken = try await desk.run()
      #expect(broken.verdict == .layoutBroken && broken.changes.isEmpty)
    }
    desk.watch.spec = try ItemDesk.spec(id: "$.nr")
    let mended = try await desk.run()
    #expect(mended.changes.signs == ["+a4", "-a3"])
    #expect(!mended.newBaseline)
    #expect(try await desk.hear() == ["+a4"])
  }

  @Test func `a slot taken and replaced while a small calendar could not be read is told after the mending`()
    async throws
  {
    var desk = try ItemDesk(on: [.added])
    try desk.show(["a": ["1"]])
    try await desk.run()
    desk.site.set("/list/a", #"{"rows": [{"nr": "2"}]}"#)
    try await desk.run()
    desk.watch.spec = try ItemDesk.spec(id: "$.nr")
    try await desk.run()
    #expect(try await desk.hear() == ["+a2"])
  }

  @Test func `T21: another selector for a field that is no key is no news`() async throws {
    var desk = try ItemDesk(items: "track: [price]")
    try desk.show(["a": Self.six])
    try await desk.run()
    desk.watch.spec = try ItemDesk.spec(items: "track: []\n  keep: id != null")
    let run = try await desk.run()
    #expect(run.changes.isEmpty && !run.newBaseline && run.deliveries.isEmpty)
  }

  @Test func `T21: another selector for the key gives no storm, and what comes after it is news`() async throws {
    var desk = try ItemDesk(first: .summary)
    try desk.show(["a": Self.six, "b": ["1"]])
    try await desk.run()
    _ = try await desk.hear()
    desk.watch.spec = try ItemDesk.spec(id: "$.code")
    desk.show("b", status: 500)
    let edited = try await desk.run()
    #expect(edited.changes.isEmpty && edited.deliveries.isEmpty && !edited.newBaseline)
    #expect(edited.outcomes.contains { $0.detail?.contains("new baseline") == true })
    desk.show("a", Self.six + ["7"])
    try await desk.run()
    #expect(try await desk.hear() == ["+ac-7"])
    #expect(try await desk.run().changes.isEmpty)
  }

  @Test func `another key starts a new baseline, once it could be read`() async throws {
    var desk = try ItemDesk()
    try desk.show(["a": Self.six])
    try await desk.run()
    let before = try await desk.store.state(of: desk.watch.id)
    desk.watch.spec = try ItemDesk.spec(key: "[id, list]")
    desk.site.set("/lists", "", status: 503)
    let failed = try await desk.run()
    #expect(!failed.newBaseline)
    #expect(try await desk.store.state(of: desk.watch.id).items == before.items)
    try desk.show(["a": Self.six])
    let read = try await desk.run()
    #expect(read.newBaseline && read.changes.isEmpty)
    #expect(try await desk.hear() == [])
    desk.show("a", Self.six + ["7"])
    try await desk.run()
    #expect(try await desk.hear() == ["+a7"])
  }

  @Test func `a branch that could not be read when the key changed is no news when it can`() async throws {
    var desk = try ItemDesk()
    try desk.show(["a": Self.six, "b": Self.six])
    try await desk.run()
    desk.watch.spec = try ItemDesk.spec(key: "[id, list]")
    desk.show("b", status: 503)
    try await desk.run()
    desk.show("b", Self.six)
    #expect(try await desk.run().changes.isEmpty)
    #expect(try await desk.hear() == [])
  }
}

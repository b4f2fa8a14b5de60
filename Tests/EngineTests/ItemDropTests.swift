import Language
import PluginHost
import Testing

/// A reading that lacks more than half of what a branch held is asked for once more.
struct ItemDropTests {
  static let eight = (1...8).map(String.init)

  @Test func `half a page is not believed, and what is new on it is told at once`() async throws {
    var desk = try ItemDesk()
    try desk.show(["a": Self.eight])
    try await desk.run()
    desk.show("a", ["1", "2", "9"])
    let doubted = try await desk.run()
    #expect(doubted.changes.signs == ["+a9"])
    #expect(doubted.awaitsConfirmation)
    #expect(doubted.nextRunAt == desk.now + .seconds(10))
    #expect(doubted.outcomes.first { $0.name != .root }?.detail?.hasPrefix("6 of 8 items are missing") == true)
    #expect(try await desk.hear() == ["+a9"])

    desk.show("a", Self.eight + ["9"])
    let whole = try await desk.run(after: .seconds(10))
    #expect(whole.changes.isEmpty && whole.deliveries.isEmpty)
    #expect(!whole.awaitsConfirmation)
    #expect(try await desk.hear() == [])
    #expect(Set(try await desk.states().values) == [.open])
    #expect(try await desk.store.state(of: desk.watch.id).branches.map(\.ignoredDrops).reduce(0, +) == 1)
    #expect(try await desk.store.status().watches.first?.ignoredDrops == 1)
  }

  @Test func `a drop that the next reading confirms is believed`() async throws {
    var desk = try ItemDesk()
    try desk.show(["a": Self.eight])
    try await desk.run()
    desk.show("a", ["1", "2"])
    #expect(try await desk.run().changes.isEmpty)
    #expect(try await desk.store.status().watches.first?.leavingItems == 6)
    let confirmed = try await desk.run(after: .seconds(10))
    #expect(confirmed.changes.signs == ["-a3", "-a4", "-a5", "-a6", "-a7", "-a8"])
    #expect(try await desk.hear() == ["-a3", "-a4", "-a5", "-a6", "-a7", "-a8"])
    #expect(try await desk.run().changes.isEmpty)
    #expect(try await desk.store.state(of: desk.watch.id).branches.allSatisfy { $0.ignoredDrops == 0 })
  }

  @Test func `an empty page with a good status is confirmed too, and half or three at once are believed`() async throws
  {
    var desk = try ItemDesk()
    try desk.show(["a": Self.eight, "b": ["1", "2", "3"], "c": Self.eight])
    try await desk.run()
    desk.show("a", [])
    desk.show("b", [])
    desk.show("c", ["1", "2", "3", "4"])
    let run = try await desk.run()
    #expect(run.changes.signs == ["-b1", "-b2", "-b3", "-c5", "-c6", "-c7", "-c8"])
    #expect(try await desk.run().changes.count == 8)
  }

  @Test func `only what two readings in a row lack has gone`() async throws {
    var desk = try ItemDesk()
    try desk.show(["a": Self.eight])
    try await desk.run()
    desk.show("a", ["1", "2", "3"])
    try await desk.run()
    // Another half: 4 is back, 1 to 3 are missing for the first time.
    desk.show("a", ["4"])
    #expect(try await desk.run().changes.signs == ["-a5", "-a6", "-a7", "-a8"])
    #expect(try await desk.run().changes.signs == ["-a1", "-a2", "-a3"])
  }

  @Test(arguments: [true, false])
  func `a restart between the two readings loses and doubles nothing`(isConfirmed: Bool) async throws {
    var desk = try ItemDesk()
    try desk.show(["a": Self.eight])
    try await desk.run()
    desk.show("a", ["1", "9"])
    try await desk.run()
    try desk.restart()
    #expect(try await desk.hear() == ["+a9"])
    if !isConfirmed { desk.show("a", Self.eight + ["9"]) }
    #expect(try await desk.run().changes.count == (isConfirmed ? 7 : 0))
    try desk.restart()
    #expect(try await desk.hear().count == (isConfirmed ? 7 : 0))
    #expect(try await desk.run().changes.isEmpty)
  }

  @Test func `a failed fetch in between confirms nothing`() async throws {
    var desk = try ItemDesk()
    try desk.show(["a": Self.eight])
    try await desk.run()
    desk.show("a", ["1"])
    try await desk.run()
    desk.show("a", status: 503)
    #expect(try await desk.run().changes.isEmpty)
    desk.show("a", Self.eight)
    #expect(try await desk.run().changes.isEmpty)
    #expect(Set(try await desk.states().values) == [.open])
  }

  @Test func `a branch that its parent stops listing ends when the next reading of the parent agrees`() async throws {
    var desk = try ItemDesk()
    try desk.show(["a": Self.eight, "b": ["1"]])
    try await desk.run()
    try desk.show(["b": ["1"]])
    let doubted = try await desk.run()
    #expect(doubted.changes.isEmpty && doubted.endedBranches.isEmpty && doubted.awaitsConfirmation)
    try desk.show(["a": Self.eight, "b": ["1"]])
    #expect(try await desk.run().changes.isEmpty)
    try desk.show(["b": ["1"]])
    try await desk.run()
    let ended = try await desk.run()
    #expect(ended.changes.count == 8)
    #expect(ended.endedBranches.map(\.text) == ["list=a"])
    #expect(try await desk.hear().count == 8)
  }

  @Test func `items whose time is over leave without a word, and need no second look`() async throws {
    var desk = try ItemDesk(items: "drop: start <= now")
    try desk.show(["a": []])
    try await desk.run()
    let soon = desk.now.milliseconds / 1000 + 90
    desk.show("a", Self.eight, "\"start\": \(soon)")
    #expect(try await desk.run().changes.count == 8)
    desk.show("a", [])
    let after = try await desk.run()
    #expect(after.changes.isEmpty && !after.awaitsConfirmation)
    #expect(Set(try await desk.states().values) == [.passed])
  }

  @Test func `settle waits for a later reading of its own, and no run comes early for it`() async throws {
    var desk = try ItemDesk(items: "settle: 90s")
    try desk.show(["a": Self.eight])
    try await desk.run()
    desk.show("a", [])
    #expect(try await !desk.run().awaitsConfirmation)
    desk.show("a", Self.eight)
    let back = try await desk.run()
    #expect(back.changes.isEmpty)
    #expect(try await desk.store.state(of: desk.watch.id).branches.allSatisfy { $0.ignoredDrops == 0 })
  }

  @Test func `the confirming request does not ask whether the doubted answer has changed`() async throws {
    var desk = try ItemDesk()
    func show(_ ids: [String], tag: String) {
      let rows = ids.map { "{\"id\": \"\($0)\"}" }.joined(separator: ",")
      desk.site.set("/list/a", "{\"rows\": [\(rows)]}", headers: [.init("ETag", "\"\(tag)\"")])
    }
    try desk.show(["a": []])
    show(Self.eight, tag: "whole")
    try await desk.run()
    show(["1"], tag: "half")
    try await desk.run()
    try await desk.run()
    let asked = desk.site.requests.filter { $0.url.hasSuffix("/list/a") }.map(\.validators?.etag)
    #expect(asked == [nil, "\"whole\"", "\"whole\""])
  }

  @Test func `a kept list of services is read anew before a full service ends`() async throws {
    var desk = try ItemDesk()
    desk.watch.spec.steps[0].refresh = .seconds(3600)
    try desk.show(["a": Self.eight, "b": ["1"]])
    try await desk.run()
    try desk.show(["b": ["1"]])
    let doubted = try await desk.run(after: .seconds(3600))
    #expect(doubted.awaitsConfirmation)
    try desk.show(["a": Self.eight, "b": ["1"]])
    #expect(try await desk.run().changes.isEmpty)
    #expect(desk.site.requests.count { $0.url.hasSuffix("/lists") } == 3)
    #expect(Set(try await desk.states().values) == [.open])
  }
}

import PluginHost
import Testing

@testable import Torture

/// A judge that can't find anybody guilty is none: every kind of fault is brought before it once.
struct JudgeTests {
  private static let chat = Listener(channel: "telegram", address: "1000")
  private static let mobile = Listener(channel: "sms", address: "09000001000")
  private let world = World(sites: 1, subscriptions: [[JudgeTests.chat, JudgeTests.mobile, World.webhook]])

  private func open(isBlink: Bool = false) throws -> Opening {
    try #require(world.open(0, isBlink: isBlink, again: false))
  }

  private func tell(_ opening: Opening, _ kind: News.Kind = .added, to listeners: [Listener]? = nil) {
    for listener in listeners ?? world.listeners(of: 0) { world.accept(listener, [(kind, opening)]) }
  }

  private func violations(_ judge: Judge = Judge(), judgesTime: Bool = true) -> [String] {
    var judge = judge
    judge.close(world, judgesTime: judgesTime)
    return judge.violations
  }

  private func news(_ opening: Opening, _ listener: Listener) -> News {
    News(listener: listener, kind: .added, opening: opening)
  }

  @Test func `a world where everybody heard everything once is innocent`() throws {
    let opening = try open()
    tell(opening)
    world.close(opening)
    tell(opening, .removed, to: [World.webhook])
    _ = try open(isBlink: true)
    #expect(violations().isEmpty)
  }

  @Test func `an opening that one listener never heard of is lost`() throws {
    tell(try open(), to: [JudgeTests.chat, World.webhook])
    #expect(violations().contains { $0.hasPrefix("lost: s0-3#1 added for sms") })
  }

  @Test func `a going that was never told to who heard of the coming is lost`() throws {
    let opening = try open()
    tell(opening)
    world.close(opening)
    #expect(violations().contains { $0.hasPrefix("lost: s0-3#1 removed for hook") })
  }

  @Test func `what when_unsure gave up counts apart only where two kills explain it`() throws {
    let opening = try open()
    tell(opening, to: [JudgeTests.chat, World.webhook])
    var judge = Judge()
    judge.settled = [news(opening, JudgeTests.mobile)]
    judge.unsure = judge.settled
    judge.allowed = [news(opening, JudgeTests.mobile): 1]
    #expect(violations(judge).count == 1)
    judge.allowed = [news(opening, JudgeTests.mobile): 2]
    #expect(violations(judge).isEmpty)
  }

  @Test func `a duplicate is forgiven once for each kill that found it under way`() throws {
    let opening = try open()
    tell(opening)
    tell(opening, to: [JudgeTests.chat])
    var judge = Judge()
    #expect(violations(judge).contains { $0.contains("heard 2 times") })
    judge.inFlight = 1
    judge.allowed = [news(opening, JudgeTests.chat): 1]
    #expect(violations(judge).isEmpty)
    tell(opening, to: [JudgeTests.chat])
    #expect(violations(judge).contains { $0.contains("heard 3 times") })
    #expect(violations(judge).contains("2 duplicates, 1 sends were under way at kills"))
  }

  @Test func `false alerts of every kind are seen`() throws {
    let opening = try open()
    tell(Opening(site: 0, slot: 99, turn: 1), to: [JudgeTests.chat])
    tell(Opening(site: 0, slot: 0, turn: 0), to: [JudgeTests.chat])
    tell(opening, to: [Listener(channel: "telegram", address: "1")])
    tell(opening, .removed, to: [World.webhook])
    world.accept(JudgeTests.chat, [])
    world.acceptForMaintainers("Layout broken")
    let found = violations()
    for part in [
      "was never there", "from the beginning", "who never asked", "while it was there", "without an opening",
    ] {
      #expect(found.contains { $0.hasPrefix("false alert") && $0.contains(part) }, "\(part)")
    }
    #expect(found.contains("maintainers heard: Layout broken"))
  }

  @Test func `a damaged store and a late first fetch are violations`() {
    var judge = Judge()
    var check = StoreCheck()
    check.findings = ["row 7 missing from index"]
    judge.note(check, after: "kill 1")
    judge.firstFetches = [.milliseconds(300), .milliseconds(2100)]
    #expect(violations(judge).contains { $0.hasPrefix("kill 1: integrity_check") })
    #expect(violations(judge).contains { $0.hasPrefix("first fetch after 2.100 s") })
    #expect(!violations(judge, judgesTime: false).contains { $0.hasPrefix("first fetch") })
  }

  @Test func `openings are read back from any text that names them`() {
    let opening = Opening(site: 7, slot: 12, turn: 3)
    #expect(Opening.all(in: "<b>Open</b>\n• s7-12#3\ns7-12 s7#3 x7-12#3 s07-12#3") == [opening])
  }

  @Test func `a turn of a slot is told apart from the one before`() throws {
    let first = try open()
    tell(first)
    world.close(first)
    #expect(world.open(0, isBlink: false, again: true)?.slot != first.slot)
    tell(first, .removed, to: [World.webhook])
    let back = try #require(world.open(0, isBlink: false, again: true))
    #expect(back.slotID == first.slotID && back.turn == 2)
    #expect(world.missing(settled: []).contains(news(back, JudgeTests.chat)))
  }
}

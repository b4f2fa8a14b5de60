import Language
import PluginHost
import Storage
import Synchronization
import TestSupport
import Testing

@testable import CLI

/// Runs the demo as `slothunter demo` does, and keeps what it prints.
private func play(json: Bool, _ chapters: [DemoChapter] = DemoChapter.story) async throws -> (
  isSound: Bool, lines: [String]
) {
  let lines = Lines()
  let view = DemoView(terminal: Terminal(colour: false, isInteractive: false), json: json) { lines.add($0) }
  let isSound = try await DemoCommand.play(root: packageRoot, view, chapters: chapters)
  return (isSound, lines.all)
}

private final class Lines: Sendable {
  private let lines = Mutex<[String]>([])
  func add(_ line: String) { lines.withLock { $0.append(line) } }
  var all: [String] { lines.withLock { $0 } }
}

struct DemoTests {
  @Test(.timeLimit(.minutes(10))) func `the whole story ends well and says what each receiver saw`() async throws {
    let (isSound, lines) = try await play(json: false)
    let output = lines.joined(separator: "\n")
    #expect(isSound, "\(output)")
    // Jalali dates of 2026-10-06, 2026-10-07 and 2026-10-10.
    #expect(output.contains("│ سه‌شنبه ۱۴ مهر ساعت ۱۵:۰۰، مطب"))
    #expect(output.contains("│ چهارشنبه ۱۵ مهر ساعت ۱۳:۴۰، مطب"))
    #expect(output.contains("│ شنبه ۱۸ مهر ساعت ۱۷:۳۰، مطب"))
    #expect(lines.count { $0.contains("the page no longer fits the spec") } == 1)
    #expect(lines.count { $0.contains("paziresh24: reads again") } == 1)
    #expect(lines.count { $0.contains("people: nothing") } == 1)
    #expect(output.contains("8 alerts, 2 maintainer messages, 24 requests, 0 duplicates, 0 lost"))
  }

  @Test(.timeLimit(.minutes(10)))
  func `as JSON each message is a line, Telegram's trouble delays no SMS, nothing is doubled`()
    async throws
  {
    let (isSound, lines) = try await play(json: true)
    #expect(isSound)
    let objects = try lines.map { try #require(JSONObject(line: $0)) }
    #expect(objects.count == 11)
    let second = objects.filter { $0["chapter"] == .integer(2) }
    #expect(second.map { $0["channel"] } == [.string("sms"), .string("sms"), .string("telegram")])
    guard case .integer(let waited)? = second.last?["after_ms"] else { throw Missing() }
    // 2 s less a fifth after the 500, the second that the 429 asks for and a little more.
    #expect(waited >= 2850)
    #expect(Set(lines).count == lines.count)
    #expect(objects.last?["duplicates"] == .integer(0))
    #expect(objects.last?["lost"] == .integer(0))
    #expect(objects.last?["problems"] == .array([]))
  }

  @Test func `no key is ever printed`() async throws {
    let chapter = DemoChapter(
      title: "", samples: [("paziresh24", "demo-1-open"), ("doctuo", "demo-1-open")], troubles: [.down], note: "",
      expected: (3, 0))
    for json in [false, true] {
      let output = try await play(json: json, [chapter]).lines.joined(separator: "\n")
      #expect(!output.contains("whsec_") && !output.contains("1001:") && !output.contains("/bot"))
      #expect(!output.contains(try Regex("[A-Za-z0-9]{32}")))
    }
  }

  @Test func `a message too few fails the demo`() async throws {
    let chapter = DemoChapter(
      title: "", samples: [("paziresh24", "demo-1-open"), ("doctuo", "demo-1-open")], note: "", expected: (4, 0))
    let (isSound, lines) = try await play(json: false, [chapter])
    #expect(!isSound)
    #expect(lines.contains { $0.contains("wrong: chapter 1: 3 messages for people") })
  }

  @Test func `a request that no recording answers fails the demo`() async throws {
    let chapter = DemoChapter(title: "", samples: [("doctuo", "demo-1-open")], note: "", expected: (1, 0))
    let (isSound, lines) = try await play(json: false, [chapter])
    #expect(!isSound)
    #expect(lines.contains { $0.contains("wrong: no recording answers GET https://www.paziresh24.com/dr/") })
  }
}

struct DemoTallyTests {
  private func message(_ receipt: String, _ content: String) -> DemoMessage {
    DemoMessage(channel: .telegram, to: "1001", content: content, receipt: receipt, at: .zero)
  }

  @Test func `what is received twice is a duplicate, and what no delivery stands for is unexplained`() {
    let tally = DemoTally(messages: [message("1", "a"), message("2", "a")], deliveries: [], requests: 0)
    #expect(tally.duplicates == 1)
    #expect(tally.unexplained == 2)
    #expect(!tally.isSound)
  }

  @Test func `a delivery that nobody received is lost`() async throws {
    let store = try Store(path: "", mode: .inMemory)
    let text = Message(
      kind: .alert, site: "s", watch: "s/1", language: "fa", title: "t", lines: [], at: Instant(seconds: 0))
    var commit = RunCommit(
      watch: "s/1", site: "s", specVersion: "1", startedAt: Instant(seconds: 0), endedAt: Instant(seconds: 0),
      verdict: .items, keyFields: ["k"])
    commit.deliveries = [
      NewDelivery(
        id: "d_1", channel: "telegram", recipient: "1001", subscription: "telegram|1001", message: text, rule: "r")
    ]
    _ = try await store.commit(commit)
    let tally = DemoTally(messages: [], deliveries: try await store.deliveries(), requests: 0)
    #expect(tally.lost == 1)
    #expect(!tally.isSound)
  }
}

struct DemoBubbleTests {
  @Test func `Telegram's HTML is shown as its reader sees it`() {
    let message = DemoMessage(
      channel: .telegram, to: "1",
      content: "<b>a &amp;lt; b</b>\n&lt;i&gt;\n<a href=\"https://x.example/?a=1&amp;b\">go</a>",
      receipt: "1", at: .zero)
    let bubble = DemoBubble(message)
    #expect(bubble.hasTitle)
    #expect(bubble.lines == ["a &lt; b", "<i>", "go ↗"])
  }

  @Test func `an SMS says in how many parts it is paid`() {
    let message = DemoMessage(
      channel: .sms, to: "09120000000", content: String(repeating: "س", count: 71), receipt: "1", at: .zero)
    #expect(DemoBubble(message).caption == "SMS to 09120000000, 2 parts")
  }
}

private struct Missing: Error {}

extension JSONObject {
  fileprivate init?(line: String) {
    guard case .object(let object)? = try? JSON(parsing: line) else { return nil }
    self = object
  }
}

import Language
import LoopbackServer
import PluginHost
import Testing

/// "No slots" and "cannot read" are never confused, on the real pipeline.
struct VerdictTests {
  static let ten = FakeClinic.midnight + 10 * 3600
  static let eleven = FakeClinic.midnight + 11 * 3600

  @Test func `a first reading is the baseline and a later slot is news, once`() async throws {
    var bench = try Bench([("s1", .slots([Self.ten]))])
    let first = try await bench.run()
    #expect(first.verdict == .items)
    #expect(first.changes.isEmpty)
    bench.clinic.set("s1", .slots([Self.ten, Self.eleven]))
    let second = try await bench.run()
    #expect(second.changes.map(\.kind) == [.added])
    #expect(second.toPeople.count == 1)
    let third = try await bench.run()
    #expect(third.verdict == .unchanged)
    #expect(third.toPeople.isEmpty)
  }

  @Test func `the message is Persian with a Jalali date and the time in Tehran`() async throws {
    var bench = try Bench([("s1", .slots([Self.ten]))])
    _ = try await bench.run()
    bench.clinic.set("s1", .slots([Self.ten, Self.eleven]))
    let message = try await bench.run().toPeople.first?.message
    #expect(message?.title == "نوبت خالی: دکتر نمونه رضایی‌فر")
    #expect(
      message?.lines.map(\.text) == ["سه‌شنبه ۱۴ مهر ساعت ۱۱:۰۰، مطب ۱"].map { $0.replacing("مطب ۱", with: "مطب 1") })
    #expect(message?.link?.hasPrefix("https://www.paziresh24.com/dr/%D8%AF") == true)
  }

  @Test func `a new subscriber gets one summary of what is open`() async throws {
    var bench = try Bench([("s1", .slots([Self.ten, Self.eleven]))], first: .summary)
    let first = try await bench.run()
    #expect(first.toPeople.map(\.message.kind) == [.summary])
    #expect(first.toPeople.first?.message.lines.count == 2)
    #expect(try await bench.run().toPeople.isEmpty)
  }

  @Test(arguments: [
    FakeClinic.Service.http(429, headers: []), .http(500, headers: []), .http(403, headers: []), .bodyStatus(3),
    .body("<html><title>Just a moment…</title></html>", type: "text/html"),
    .body(#"{"status": 1, "calendar": {"turns": [17"#, type: "application/json"),
    .body(#"{"status": 1, "days": []}"#, type: "application/json"), .body("", type: "application/json"),
  ]) func `an answer that can't be read leaves the snapshot alone`(answer: FakeClinic.Service) async throws {
    var bench = try Bench([("s1", .slots([Self.ten])), ("s2", .slots([Self.eleven]))])
    _ = try await bench.run()
    bench.clinic.set("s1", answer)
    let broken = try await bench.run()
    #expect(broken.verdict("service_id=s1")?.isGood == false)
    #expect(broken.verdict("service_id=s2") == .unchanged)
    #expect(broken.changes.isEmpty)
    #expect(broken.toPeople.isEmpty)
    bench.clinic.set("s1", .slots([Self.ten]))
    let healed = try await bench.run()
    #expect(healed.changes.isEmpty)
    #expect(healed.toPeople.isEmpty)
  }

  @Test func `a service that answers 429, then 500, then 200 loses and doubles nothing`() async throws {
    var bench = try Bench([("s1", .slots([Self.ten])), ("s2", .slots([Self.eleven])), ("s3", .slots([]))])
    _ = try await bench.run()
    bench.clinic.set("s1", .http(429, headers: []))
    bench.clinic.set("s2", .slots([Self.eleven, Self.eleven + 600]))
    let throttled = try await bench.run()
    #expect(throttled.verdict == .throttled)
    #expect(throttled.verdict("service_id=s1") == .throttled)
    #expect(throttled.changes.map(\.item.key) == ["s2\u{1F}\(Self.eleven + 600)"])
    bench.clinic.set("s1", .http(500, headers: []))
    let failed = try await bench.run()
    #expect(failed.verdict("service_id=s1") == .failed)
    #expect(failed.changes.isEmpty)
    bench.clinic.set("s1", .slots([Self.ten]))
    let healed = try await bench.run()
    #expect(healed.verdict("service_id=s1") == .unchanged)
    #expect(healed.changes.isEmpty)
  }

  @Test func `declared empty takes what was there away, and a slot that comes back is news again`() async throws {
    var bench = try Bench([("s1", .slots([Self.ten]))])
    _ = try await bench.run()
    bench.clinic.set("s1", .bodyStatus(32))
    let empty = try await bench.run()
    #expect(empty.verdict == .empty)
    #expect(empty.changes.map(\.kind) == [.removed])
    #expect(empty.toPeople.isEmpty)
    bench.clinic.set("s1", .slots([Self.ten]))
    let back = try await bench.run()
    #expect(back.changes.map(\.kind) == [.added])
    #expect(back.toPeople.count == 1)
  }

  @Test func `a sold-out first window leads to the turns of the days it names`() async throws {
    let day = FakeClinic.midnight + 86_400
    var bench = try Bench([("s1", .days([day: [day + 36_000, day + 36_600]]))])
    let run = try await bench.run()
    #expect(run.verdict == .items)
    #expect(run.items.count == 2)
    #expect(bench.clinic.requests(ending: "getFreeTurns").count == 1)
  }

  @Test func `a degraded page is unreadable, not empty`() async throws {
    var bench = try Bench([("s1", .slots([Self.ten]))]) { $0.steps[0].refresh = nil }
    _ = try await bench.run()
    bench.clinic.change {
      $0.page = .html(
        #"<html><script id="__NEXT_DATA__">{"props":{"pageProps":{"shouldFetchOnClient":true,"information":null,"centers":[]}}}</script></html>"#
      )
    }
    let run = try await bench.run()
    #expect(run.verdict == .unreadable)
    #expect(run.changes.isEmpty && run.endedBranches.isEmpty)
  }

  @Test func `renamed markup tells the maintainer once, and once when it heals, and nobody else`() async throws {
    var bench = try Bench([("s1", .slots([Self.ten]))]) { $0.steps[0].refresh = nil }
    _ = try await bench.run()
    bench.clinic.change { $0.scriptID = "__APP_STATE__" }
    var told = 0
    for _ in 0..<3 {
      let run = try await bench.run()
      #expect(run.verdict == .layoutBroken)
      #expect(run.toPeople.isEmpty)
      told += run.joinedIncidents.count
    }
    #expect(told == 1)
    bench.clinic.change { $0.scriptID = "__NEXT_DATA__" }
    let healed = try await bench.run()
    #expect(healed.leftIncidents.count == 1)
    #expect(healed.toPeople.isEmpty && healed.changes.isEmpty)
    let messages = try await bench.store.deliveries().filter { $0.channel == "ops" }
    #expect(messages.count == 2)
  }

  @Test func `a service that the page no longer lists ends, and one listed later is news`() async throws {
    var bench = try Bench([("s1", .slots([Self.ten])), ("s2", .slots([Self.eleven]))]) { $0.steps[0].refresh = nil }
    _ = try await bench.run()
    bench.clinic.change { $0.services = [$0.services[0], ("s3", .slots([Self.eleven]))] }
    let run = try await bench.run()
    #expect(run.endedBranches.map(\.text) == ["service_id=s2"])
    #expect(Set(run.changes.map(\.kind)) == [.added, .removed])
    #expect(run.toPeople.first?.message.lines.count == 1)
  }

  @Test func `a slot whose time has come leaves without a word`() async throws {
    var bench = try Bench([("s1", .slots([FakeClinic.midnight + 90, Self.ten]))])
    _ = try await bench.run()
    let later = try await bench.run()
    #expect(later.verdict == .unchanged)
    #expect(later.changes.isEmpty)
  }

  @Test func `700 is believed only after the services were read again`() async throws {
    var bench = try Bench([("s1", .slots([Self.ten]))])
    _ = try await bench.run()
    #expect(bench.clinic.requests(ending: "/").count == 1)
    bench.clinic.set("s1", .bodyStatus(700))
    let run = try await bench.run()
    #expect(bench.clinic.requests(ending: "/").count == 2)
    #expect(run.verdict == .empty)
    #expect(run.changes.map(\.kind) == [.removed])
  }

  @Test func `a count outside expect is suspicious`() async throws {
    var bench = try Bench([("s1", .slots([Self.ten]))]) { $0.items.expect = 1...500 }
    _ = try await bench.run()
    bench.clinic.set("s1", .bodyStatus(32))
    let run = try await bench.run()
    #expect(run.verdict == .suspicious)
    #expect(run.changes.isEmpty)
  }

  @Test func `no request goes where never forbids, after a redirect either`() async throws {
    var bench = try Bench([("s1", .slots([Self.ten]))])
    bench.clinic.set("s1", .http(307, headers: [ServerHeader("Location", "/booking/v2/getFreeTurn")]))
    let run = try await bench.run()
    #expect(run.verdict == .layoutBroken)
    #expect(bench.clinic.requests(ending: "getFreeTurn").isEmpty)
  }
}

import Language
import PluginHost
import TestSupport
import Testing

@testable import Notifying

struct WorkerTests {
  @Test func `a delivery goes out once and its receipt is recorded`() async throws {
    let bench = try WorkerBench(try Notifiers.telegram()) { _, _ in answer(200, telegramOK) }
    await bench.add("d1", to: "111")
    #expect(await bench.runToEnd())
    #expect(bench.channel.calls.count == 1)
    #expect(bench.channel.calls[0].request.member("chat_id") == "111")
    let record = try #require(await bench.outbox.entry("d1")?.records.first)
    #expect(record.outcome == .delivered(receipt: "42") && record.status == 200 && record.reason == "ok")
  }

  @Test func `after 500, then 429 with retry_after, it arrives once and no earlier than asked`() async throws {
    let bench = try WorkerBench(try Notifiers.telegram()) { _, number in
      switch number {
      case 1: answer(500, "<html>oops</html>")
      case 2: telegramError(429, "Too Many Requests: retry after 35", parameters: #"{"retry_after":35}"#)
      default: answer(200, telegramOK)
      }
    }
    await bench.add("d1")
    #expect(await bench.runToEnd())
    let calls = bench.channel.calls
    #expect(calls.count == 3)
    #expect(calls[1].at - calls[0].at >= .milliseconds(1600))
    #expect(calls[2].at - calls[1].at >= .seconds(35))
    #expect(calls[2].at - calls[1].at < .seconds(37))
    #expect(await bench.outbox.outcomes("d1") == ["retry", "throttled", "delivered"])
  }

  @Test func `a proxy's HTML 403 unsubscribes nobody`() async throws {
    let bench = try WorkerBench(try Notifiers.telegram()) { _, _ in answer(403, "<html>Forbidden</html>") }
    await bench.add("d1")
    #expect(await bench.runToEnd())
    #expect(await bench.outbox.outcomes("d1") == ["rejected"])
  }

  @Test func `no more than eight sends are in flight, and a message waits for no other recipient`() async throws {
    let time = ManualTime()
    let bench = try WorkerBench(try Notifiers.telegram(), time: time) { request, _ in
      // One recipient is slow.
      if request.member("chat_id") == "5" {
        try? await time.sleep(for: .seconds(14))
      } else {
        try? await time.sleep(for: .milliseconds(100))
      }
      return answer(200, telegramOK)
    }
    for number in 0..<40 { await bench.add("d\(number)", to: "\(number)") }
    bench.start()
    let isDone = await time.advance { await bench.outbox.open == 1 }
    #expect(isDone)
    #expect(time.uptime() < .seconds(2))
    #expect(bench.channel.mostAtOnce == 8)
    #expect(await bench.outbox.end("d5") == nil)
    await bench.stop(draining: .zero)
  }

  @Test func `the channel's rate and the recipient's rate are kept`() async throws {
    let spec = try Notifiers.telegram(
      rate: RateLimit(count: 5, per: .seconds(1)), perRecipient: RateLimit(count: 1, per: .seconds(1)))
    let bench = try WorkerBench(spec) { _, _ in answer(200, telegramOK) }
    for number in 0..<20 { await bench.add("d\(number)", to: number < 4 ? "same" : "\(number)") }
    #expect(await bench.runToEnd(steps: 2000))
    let calls = bench.channel.calls
    #expect(calls.count == 20)
    for index in 5..<calls.count { #expect(calls[index].at - calls[index - 5].at >= .seconds(1)) }
    let same = calls.filter { $0.request.member("chat_id") == "same" }.map(\.at)
    for (earlier, later) in zip(same, same.dropFirst()) { #expect(later - earlier >= .seconds(1)) }
  }

  @Test func `a throttled recipient gets nothing early while others go on`() async throws {
    let bench = try WorkerBench(try Notifiers.telegram()) { request, number in
      request.member("chat_id") == "a" && number == 1
        ? telegramError(429, "Too Many Requests: retry after 50", parameters: #"{"retry_after":50}"#)
        : answer(200, telegramOK)
    }
    await bench.add("a1", to: "a")
    await bench.add("a2", to: "a")
    await bench.add("a3", to: "a")
    for number in 0..<10 { await bench.add("b\(number)", to: "b\(number)") }
    #expect(await bench.runToEnd())
    let toA = bench.channel.calls.filter { $0.request.member("chat_id") == "a" }.map(\.at)
    #expect(toA.count == 4)
    #expect(toA[1] - toA[0] >= .seconds(50))
    let toB = bench.channel.calls.filter { $0.request.member("chat_id") != "a" }.map(\.at)
    #expect(toB.allSatisfy { $0 < .seconds(1) })
  }

  @Test func `markup that the channel can't read is resent once as plain text`() async throws {
    let bench = try WorkerBench(try Notifiers.telegram()) { request, _ in
      request.member("parse_mode") == nil
        ? answer(200, telegramOK) : telegramError(400, "Bad Request: can't parse entities: Unsupported start tag")
    }
    await bench.add("d1", message: .alert("a < b & c"))
    #expect(await bench.runToEnd())
    #expect(await bench.outbox.outcomes("d1") == ["resend_plain", "delivered"])
    #expect(bench.channel.calls[1].request.member("text")?.hasPrefix("a < b & c\n") == true)
  }

  @Test func `plain text that is refused too is given up`() async throws {
    let bench = try WorkerBench(try Notifiers.telegram()) { _, _ in
      telegramError(400, "Bad Request: can't parse entities: it is what it is")
    }
    await bench.add("d1")
    #expect(await bench.runToEnd())
    #expect(await bench.outbox.outcomes("d1") == ["resend_plain", "rejected"])
  }

  @Test func `a moved group is followed`() async throws {
    let bench = try WorkerBench(try Notifiers.telegram()) { request, _ in
      request.member("chat_id") == "-100123"
        ? answer(200, telegramOK)
        : telegramError(400, "Bad Request: group chat was upgraded", parameters: #"{"migrate_to_chat_id":-100123}"#)
    }
    await bench.add("d1", to: "-5")
    #expect(await bench.runToEnd())
    #expect(await bench.outbox.outcomes("d1") == ["moved", "delivered"])
  }

  @Test func `a wrong token stops the channel and keeps what waits`() async throws {
    let bench = try WorkerBench(try Notifiers.telegram()) { _, _ in telegramError(401, "Unauthorized") }
    for number in 0..<30 { await bench.add("d\(number)", to: "\(number)") }
    bench.start()
    await bench.time.advance(by: .seconds(600))
    #expect(bench.channel.calls.count <= 8)
    let open = await bench.outbox.open
    #expect(open >= 22)
    #expect(bench.eventList.count { if case .halted = $0 { true } else { false } } == 1)
    await bench.stop(draining: .zero)
    #expect(await bench.outbox.leased == 0)
  }

  @Test func `no credit pauses the channel and it goes on when there is some`() async throws {
    let bench = try WorkerBench(try Notifiers.smsir()) { _, number in
      number == 1
        ? answer(400, #"{"status":102,"message":"no credit"}"#)
        : answer(200, #"{"status":1,"data":{"messageIds":[7]}}"#)
    }
    await bench.add("d1", to: "09120000000", usefulFor: .seconds(3600))
    #expect(await bench.runToEnd())
    #expect(await bench.outbox.outcomes("d1") == ["paused", "delivered"])
    #expect(bench.channel.calls[1].at - bench.channel.calls[0].at >= .seconds(600))
  }

  @Test func `late news is not sent`() async throws {
    let bench = try WorkerBench(try Notifiers.telegram()) { _, _ in answer(500) }
    await bench.add("d1", usefulFor: .seconds(60))
    #expect(await bench.runToEnd())
    #expect(await bench.outbox.end("d1") == "expired")
    #expect(bench.channel.calls.allSatisfy { $0.at < .seconds(60) })
  }

  @Test func `maintainer messages are retried for 28 hours and then given up`() async throws {
    let bench = try WorkerBench(try Notifiers.telegram()) { _, _ in .failure(FetchFailure(.connect, "refused")) }
    await bench.add("m1", usefulFor: nil)
    #expect(await bench.runToEnd(steps: 20_000))
    let records = try #require(await bench.outbox.entry("m1")?.records)
    #expect(records.last?.reason == "gave_up")
    let span = try #require(records.last).endedAt - (try #require(records.first)).startedAt
    #expect(span > .seconds(28 * 3600) && span < .seconds(29 * 3600))
  }
}

import Language
import PluginHost
import TestSupport
import Testing

@testable import Notifying

struct WorkerFaultTests {
  @Test func `a dead channel is probed with one message, then drained`() async throws {
    let time = ManualTime()
    let bench = try WorkerBench(try Notifiers.telegram(), time: time) { _, _ in
      time.uptime() < .seconds(300) ? .failure(FetchFailure(.connect, "refused")) : answer(200, telegramOK)
    }
    for number in 0..<100 { await bench.add("d\(number)", to: "\(number)") }
    #expect(await bench.runToEnd(steps: 5000))
    let whileDown = bench.channel.calls.filter { $0.at < .seconds(300) }
    // Eight at first, then one probe per opening: 5, 10, 20, 40, 60, 60 … s.
    #expect(whileDown.count <= 8 + 9)
    #expect(bench.eventList.contains { if case .breakerOpened = $0 { true } else { false } })
    #expect(bench.eventList.contains { if case .breakerClosed = $0 { true } else { false } })
    for number in 0..<100 { #expect(await bench.outbox.end("d\(number)") == "delivered") }
  }

  @Test func `a channel that hangs delays no other channel`() async throws {
    let time = ManualTime()
    let dead = try WorkerBench(try Notifiers.webhook(), time: time) { _, _ in
      do { try await time.sleep(for: .seconds(3600)) } catch { return .failure(FetchFailure(.cancelled, "cut")) }
      return answer(200)
    }
    let healthy = try WorkerBench(try Notifiers.telegram(), time: time) { _, _ in answer(200, telegramOK) }
    await dead.add("w1", to: "")
    for number in 0..<20 { await healthy.add("d\(number)", to: "\(number)") }
    dead.start()
    healthy.start()
    await time.settle(rounds: 2000)
    #expect(await healthy.outbox.open == 0)
    await time.advance(by: .seconds(18))
    #expect(await dead.outbox.outcomes("w1").first == "retry")
    #expect(await dead.outbox.entry("w1")?.records.first?.reason == "timeout")
    await dead.stop(draining: .zero)
    await healthy.stop(draining: .zero)
  }

  @Test func `an SMS that may have been accepted is sent a second time, and no third`() async throws {
    let bench = try WorkerBench(try Notifiers.smsir()) { _, _ in .failure(FetchFailure(.timeout, "no answer")) }
    await bench.add("d1", to: "09120000000")
    #expect(await bench.runToEnd())
    #expect(await bench.outbox.outcomes("d1") == ["retry", "rejected"])
    #expect(await bench.outbox.entry("d1")?.records.last?.reason == "unsure")
    #expect(bench.channel.calls.count == 2)
  }

  @Test func `an SMS that surely was not accepted is retried as often as it is useful`() async throws {
    let bench = try WorkerBench(try Notifiers.smsir()) { _, number in
      number < 5 ? .failure(FetchFailure(.connect, "refused")) : answer(200, #"{"status":1,"data":{"messageIds":[7]}}"#)
    }
    await bench.add("d1", to: "09120000000")
    #expect(await bench.runToEnd())
    #expect(await bench.outbox.end("d1") == "delivered")
  }

  @Test func `what a crash left unsure follows when_unsure`() async throws {
    for (policy, doubts, sends) in [
      (NotifierSpec.WhenUnsure.resend, 5, 1), (.resendOnce, 1, 1), (.resendOnce, 2, 0), (.drop, 1, 0),
    ] {
      let bench = try WorkerBench(try Notifiers.smsir(whenUnsure: policy)) { _, _ in
        answer(200, #"{"status":1,"data":{"messageIds":[7]}}"#)
      }
      await bench.add("d1", to: "09120000000", unsure: true, doubts: doubts)
      #expect(await bench.runToEnd())
      #expect(bench.channel.calls.count == sends, "\(policy) \(doubts)")
    }
  }

  @Test func `equal texts go in batches of 100 with each recipient's own result`() async throws {
    let bench = try WorkerBench(try Notifiers.smsir()) { request, _ in
      guard case .object(let body) = request.json, case .array(let mobiles)? = body["mobiles"] else {
        return answer(400)
      }
      let ids = mobiles.indices.map { $0 == 3 ? "0" : $0 == 4 ? "null" : "\(1000 + $0)" }
      return answer(200, #"{"status":1,"data":{"messageIds":[\#(ids.joined(separator: ","))]}}"#)
    }
    for number in 0..<130 { await bench.add("d\(number)", to: "0912\(1_000_000 + number)") }
    await bench.add("other", to: "09350000000", message: .alert("چیز دیگر"))
    #expect(await bench.runToEnd())
    let sizes = bench.channel.calls.map { call -> Int in
      guard case .object(let body) = call.request.json, case .array(let mobiles)? = body["mobiles"] else { return 0 }
      return mobiles.count
    }
    #expect(sizes.reduce(0, +) == 131)
    #expect(sizes.allSatisfy { $0 <= 100 } && sizes.contains(100) && sizes.contains(1))
    #expect(await bench.outbox.entry("d3")?.records.first?.reason == "opted_out")
    #expect(await bench.outbox.outcomes("d4") == ["recipient_gone"])
    #expect(await bench.outbox.entry("d5")?.records.first?.outcome == .delivered(receipt: "1005"))
  }

  @Test func `a batch refused for one bad mobile is resent one by one`() async throws {
    let bench = try WorkerBench(try Notifiers.smsir()) { request, _ in
      guard case .object(let body) = request.json, case .array(let mobiles)? = body["mobiles"] else {
        return answer(400)
      }
      return mobiles.contains(.string("09120000003"))
        ? answer(400, #"{"status":104,"message":"bad mobile"}"#)
        : answer(200, #"{"status":1,"data":{"messageIds":[7]}}"#)
    }
    for number in 0..<10 { await bench.add("d\(number)", to: "0912000000\(number)") }
    #expect(await bench.runToEnd())
    #expect(bench.channel.calls.count == 11)
    for number in 0..<10 {
      #expect(await bench.outbox.outcomes("d\(number)") == [number == 3 ? "recipient_gone" : "delivered"])
    }
  }

  @Test func `stopping lets sends end and gives back the rest`() async throws {
    let time = ManualTime()
    let bench = try WorkerBench(try Notifiers.telegram(), time: time) { _, _ in
      try? await time.sleep(for: .seconds(5))
      return answer(200, telegramOK)
    }
    for number in 0..<100 { await bench.add("d\(number)", to: "\(number)") }
    bench.start()
    await time.settle(rounds: 1000)
    #expect(bench.channel.calls.count == 8)
    let stopping = bench.stopping(.seconds(15))
    await time.advance(by: .seconds(6))
    await stopping.value
    #expect(time.uptime() < .seconds(7))
    #expect(bench.channel.calls.count == 8)
    #expect(await bench.outbox.open == 92)
    #expect(await bench.outbox.leased == 0)
  }

  @Test func `sends cut off at the end of draining are kept`() async throws {
    for (spec, isRecorded) in [(try Notifiers.telegram(), true), (try Notifiers.smsir(batch: 1), false)] {
      let time = ManualTime()
      let bench = try WorkerBench(spec, time: time) { _, _ in
        do { try await time.sleep(for: .seconds(3600)) } catch { return .failure(FetchFailure(.cancelled, "cut")) }
        return answer(200)
      }
      await bench.add("d1", to: "09120000000")
      bench.start()
      await time.settle(rounds: 1000)
      let stopping = bench.stopping(.seconds(3))
      await time.advance(by: .seconds(4))
      await stopping.value
      #expect(await bench.outbox.open == 1)
      #expect(await bench.outbox.outcomes("d1") == (isRecorded ? ["retry"] : []))
      #expect(await bench.outbox.leased == (isRecorded ? 0 : 1))
    }
  }

  @Test func `while the outbox fails nothing is sent twice and nothing is lost`() async throws {
    let bench = try WorkerBench(try Notifiers.telegram()) { _, _ in answer(200, telegramOK) }
    for number in 0..<30 { await bench.add("d\(number)", to: "\(number)") }
    bench.start()
    // Fails from the middle of the first sends on.
    await bench.outbox.fail(6)
    let done = await bench.time.advance { await bench.outbox.open == 0 }
    #expect(done)
    await bench.stop(draining: .seconds(1))
    #expect(bench.channel.calls.count == 30)
    #expect(bench.eventList.contains { if case .storeFailed = $0 { true } else { false } })
  }

  @Test func `stopping is not held up by an outbox that fails`() async throws {
    let bench = try WorkerBench(try Notifiers.telegram()) { _, _ in answer(200, telegramOK) }
    await bench.add("d1")
    bench.start()
    await bench.time.settle(rounds: 20)
    await bench.outbox.fail(1000)
    await bench.time.advance(by: .seconds(3))
    let stopping = bench.stopping(.seconds(2))
    await bench.time.advance(by: .seconds(3))
    await stopping.value
  }

  @Test func `a lease that runs out under a send does not double it`() async throws {
    let time = ManualTime()
    let bench = try WorkerBench(try Notifiers.telegram(), time: time) { _, _ in
      try? await time.sleep(for: .seconds(10))
      return answer(200, telegramOK)
    }
    await bench.add("d1", usefulFor: nil)
    bench.start()
    await time.settle(rounds: 500)
    // The wall clock jumps: leases end by it.
    time.setWall(time.now() + .seconds(3600))
    bench.worker.wake()
    let done = await time.advance { await bench.outbox.open == 0 }
    #expect(done)
    await bench.stop(draining: .seconds(1))
    #expect(bench.channel.calls.count == 1)
  }

  @Test func `every send of a delivery has the same id and a timestamp of its own`() async throws {
    let bench = try WorkerBench(try Notifiers.webhook()) { _, number in answer(number < 3 ? 500 : 204) }
    await bench.add("msg_1", to: "")
    #expect(await bench.runToEnd())
    let calls = bench.channel.calls.map(\.request)
    #expect(Set(calls.map { $0.header("webhook-id") }) == ["msg_1"])
    #expect(Set(calls.map { $0.header("webhook-timestamp") }).count == 3)
    #expect(calls.allSatisfy { $0.maxRedirects == 0 })
  }
}

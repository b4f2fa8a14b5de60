import Language
import PluginHost
import TestSupport
import Testing

@testable import Notifying

/// What happens between the choice of what to send and its request.
struct DeliveryReviewWorkerTests {
  @Test func `a channel is tried again although the one that was to try it could not be sent`() async throws {
    let box = AnswerBox()
    let bench = try WorkerBench(try Notifiers.smsir(batch: 1)) { _, _ in box.answer }
    for n in 0..<5 { await bench.add("down-\(n)", to: "0912000000\(n)", usefulFor: .seconds(4)) }
    bench.start()
    #expect(
      await bench.time.advance(steps: 200) {
        bench.eventList.contains { if case .breakerOpened = $0 { true } else { false } }
      })
    box.answer = answer(200, #"{"status":1,"data":{"messageIds":[7]}}"#)
    // Its beginning can't be noted at first.
    await bench.add("probe-refused", to: "09120000009")
    bench.worker.wake()
    #expect(await bench.time.advance(steps: 200) { await bench.outbox.end("probe-refused") == "delivered" })
    await bench.stop()
  }

  @Test func `lines that fell out of one message of a batch fall out of no other`() async throws {
    var spec = try Notifiers.smsir()
    spec.rate = RateLimit(count: 1, per: .seconds(10))
    let bench = try WorkerBench(spec) { request, _ in
      let ids = (1..<request.text.split(separator: "0912").count).map(String.init).joined(separator: ",")
      return answer(200, #"{"status":1,"data":{"messageIds":["# + ids + "]}}")
    }
    await bench.add("first", to: "09120000000", message: .alert(lines: ["other"]))
    for n in 1...3 { await bench.add("b\(n)", to: "0912000000\(n)", message: .alert(lines: ["stays", "goes"])) }
    await bench.outbox.loseLine(of: ["b2"])
    #expect(await bench.runToEnd())
    for n in 1...3 {
      let texts = bench.channel.calls.map(\.request.text).filter { $0.contains("0912000000\(n)") }
      #expect(texts.count == 1)
      #expect(texts[0].contains("goes") == (n != 2), "\(n): \(texts)")
    }
  }
}

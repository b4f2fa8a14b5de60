import Language
import PluginHost
import TestSupport
import Testing

@testable import Notifying

/// What holds for every notifier, whatever its file says.
struct NotifierConformanceTests {
  private let time = ManualTime()

  private static let kinds = ["telegram", "smsir", "webhook"]

  private func spec(_ kind: String) throws -> NotifierSpec {
    switch kind {
    case "telegram": try Notifiers.telegram()
    case "smsir": try Notifiers.smsir()
    default: try Notifiers.webhook()
    }
  }

  /// A channel whose answer the test sets; made once, because making one prepares every form of its secrets.
  private struct Bench {
    let box: AnswerBox
    let adapter: NotifierAdapter

    init(_ spec: NotifierSpec, _ time: ManualTime) throws {
      let box = AnswerBox()
      self.box = box
      adapter = try Notifiers.adapter(spec, FakeChannel(time) { _, _ in box.answer }, time)
    }

    func send(_ answer: Result<Response, FetchFailure>) async -> SendResult {
      box.answer = answer
      return await adapter.sendNow(.alert(), to: "09120000000", id: "d1")
    }
  }

  private func send(_ kind: String, _ result: Result<Response, FetchFailure>) async throws -> SendResult {
    await (try Bench(try spec(kind), time)).send(result)
  }

  @Test(arguments: kinds) func `every status has its verdict when the body says nothing`(_ kind: String) async throws {
    let bench = try Bench(try spec(kind), time)
    for status in 100...599 {
      let word = await bench.send(answer(status, "<html>a page of some proxy</html>")).outcome.word
      let expected =
        switch status {
        case 200...299: kind == "webhook" ? "delivered" : "retry"
        case 410: kind == "webhook" ? "recipient_gone" : "rejected"
        case 408, 500...599: "retry"
        case 429: "throttled"
        default: "rejected"
        }
      #expect(word == expected, "\(kind) \(status)")
    }
  }

  @Test(arguments: kinds) func `nothing but the body's word ends a recipient or stops a channel`(_ kind: String)
    async throws
  {
    let statuses = Array(stride(from: 100, through: 599, by: 11)) + [200, 401, 403, 404, 410, 429]
    for status in statuses where kind != "webhook" {
      for body in ["", "{}", "[]", "null", "<html></html>", #"{"message":"forbidden"}"#, "\u{0}", "{"] {
        let outcome = try await send(kind, answer(status, body)).outcome
        #expect(outcome != .recipientGone && outcome != .misconfigured && outcome != .paused)
      }
    }
  }

  @Test(arguments: kinds) func `Retry-After in seconds and as a date is obeyed`(_ kind: String) async throws {
    let bench = try Bench(try spec(kind), time)
    let headers = [
      ("120", Duration.seconds(120)), ("0", .zero), ("Mon, 05 Oct 2026 20:31:40 GMT", .seconds(100)),
      ("Fri, 31 Dec 1999 23:59:59 GMT", .zero),
    ]
    for (header, wait) in headers {
      let result = await bench.send(answer(429, headers: [Request.Header("retry-after", header)]))
      #expect(result.outcome == .throttled(retryAfter: wait), "\(header)")
      let busy = await bench.send(answer(503, headers: [Request.Header("Retry-After", header)]))
      #expect(busy.outcome == .retry(after: wait), "\(header)")
    }
    for bad in ["soon", "-5", "1.5", ""] {
      let result = await bench.send(answer(429, headers: [Request.Header("Retry-After", bad)]))
      #expect(result.outcome == .throttled(retryAfter: nil))
    }
  }

  @Test(arguments: FetchFailure.Reason.allCases) func `no answer has its word and is tried again`(
    _ reason: FetchFailure.Reason
  ) async throws {
    for kind in Self.kinds {
      let result = try await send(kind, .failure(FetchFailure(reason, "it did not work")))
      #expect(result.status == nil)
      if reason == .refusedURL || reason == .refusedNever {
        #expect(result.outcome == .misconfigured)
      } else {
        #expect(result.outcome == .retry(after: nil) && result.isFault)
      }
      // The last three are words of sites: no channel is asked for its robots.txt, waits for a line or has a proxy.
      let others: [FetchFailure.Reason] = [
        .refusedNever, .tooManyRedirects, .heldBack, .refusedRobots, .offline, .proxy,
      ]
      #expect(result.reason.rawValue == reason.rawValue || others.contains(reason))
    }
  }

  @Test(arguments: kinds) func `no secret in any result, whatever the channel says back`(_ kind: String) async throws {
    let bench = try Bench(try spec(kind), time)
    let secrets = [Notifiers.token, Notifiers.smsKey, Notifiers.webhookSecret]
    var echoes: [String] = []
    for secret in secrets {
      echoes += [
        secret, percentEncoded(secret), percentEncoded(secret, keeping: ":"), Base64.encode(Array(secret.utf8)),
        Base64.encode(Array(("key:" + secret).utf8)), "https://api.telegram.org/bot\(secret)/sendMessage",
      ]
    }
    let own = kind == "telegram" ? Notifiers.token : kind == "smsir" ? Notifiers.smsKey : Notifiers.webhookSecret
    let forms = [own, percentEncoded(own), percentEncoded(own, keeping: ":"), Base64.encode(Array(own.utf8))]
    for echo in echoes {
      let json = JSON.object(JSONObject([("description", .string(echo)), ("message", .string(echo))])).text
      for result in [answer(400, json), answer(500, echo), .failure(FetchFailure(.connect, "to \(echo) failed"))] {
        let printed = "\(await bench.send(result))"
        for form in forms { #expect(!printed.contains(form)) }
      }
    }
  }

  @Test func `the provider's words are kept, without the person`() async throws {
    let result = try await send("telegram", telegramError(400, "Bad Request: no rights to write to 09120000000"))
    #expect(result.detail == "Bad Request: no rights to write to •••")
    #expect(result.status == 400 && result.reason == .clientError)
  }

  @Test func `cancelling the task ends the send and counts as perhaps accepted`() async throws {
    let time = time
    let channel = FakeChannel(time) { _, _ in
      do { try await time.sleep(for: .seconds(60)) } catch { return .failure(FetchFailure(.cancelled, "cancelled")) }
      return answer(200, telegramOK)
    }
    let adapter = try Notifiers.adapter(try Notifiers.telegram(), channel, time)
    let task = time.start { await adapter.sendNow(.alert(), to: "1", id: "d1") }
    await time.settle()
    task.cancel()
    let result = await task.value
    #expect(result.reason == .cancelled && result.doubtful && result.outcome == .retry(after: nil))
  }
}

struct CapturedAnswerTests {
  private let time = ManualTime()

  private func outcome(_ spec: NotifierSpec, _ status: Int, _ body: String, to recipient: String) async throws
    -> SendResult
  {
    let adapter = try Notifiers.adapter(spec, FakeChannel(time) { _, _ in answer(status, body) }, time)
    return await adapter.sendNow(.alert(), to: recipient, id: "d1")
  }

  @Test(.enabled(if: shared("captures/synthetic/telegram_responses.json") != nil, "needs ../shared/captures/synthetic"))
  func `Telegram's answers`() async throws {
    let expected = [
      "ok_sendMessage": "delivered", "e401": "misconfigured", "e401_bad_token_form": "misconfigured",
      "e403_blocked": "recipient_gone", "e403_deactivated": "recipient_gone", "e403_not_started": "recipient_gone",
      "e403_kicked_group": "recipient_gone", "e403_kicked_supergroup": "recipient_gone",
      "e400_chat_not_found": "recipient_gone", "e400_parse_html": "rejected", "e400_parse_mdv2": "rejected",
      "e400_not_modified": "rejected", "e400_query_old": "rejected", "e400_migrated": "moved",
      "e404_method": "misconfigured", "e409_webhook_active": "rejected", "e429": "throttled", "e500_restart": "retry",
      "e502_gateway_not_json": "retry",
    ]
    let file = try #require(shared("captures/synthetic/telegram_responses.json"))
    guard case .object(let answers) = try JSON(parsing: try bytes(of: file)) else { return }
    for (name, word) in expected {
      let json = DocumentNode.json(try #require(answers[name]))
      let status = try #require(Int(try PathSelector("$.http").select(from: json).first?.text ?? ""))
      let body = try PathSelector("$.body").select(from: json).first?.text
      let text = try PathSelector("$.body_text").select(from: json).first?.text
      let result = try await outcome(try Notifiers.telegram(), status, body ?? text ?? "", to: "-5")
      // sendNow resends plain text once, which this channel refuses again.
      #expect(result.outcome.word == word, "\(name)")
      if name == "e429" { #expect(result.outcome == .throttled(retryAfter: .seconds(35))) }
      if name == "e400_migrated" { #expect(result.outcome == .moved(to: "-1001234567890")) }
    }
  }

  @Test(.enabled(if: shared("captures/synthetic/smsir_errors.json") != nil, "needs ../shared/captures/synthetic"))
  func `Sms.ir's answers`() async throws {
    let expected = [
      "invalid_key": "misconfigured", "rate_limited": "throttled", "no_credit": "paused",
      "bad_mobile": "recipient_gone",
      "system_problem": "retry",
    ]
    let file = try #require(shared("captures/synthetic/smsir_errors.json"))
    guard case .object(let answers) = try JSON(parsing: try bytes(of: file)) else { return }
    for (name, word) in expected {
      let json = DocumentNode.json(try #require(answers[name]))
      let body = try #require(try PathSelector("$.body").select(from: json).first?.text)
      // By the body's status whatever HTTP says: one third party saw errors arrive with 200.
      for status in [200, 400, 401, 500] {
        #expect(
          try await outcome(try Notifiers.smsir(), status, body, to: "09120000000").outcome.word == word, "\(name)")
      }
    }
    for name in ["blacklisted_one_of_two_in_bulk", "blacklisted_null_form"] {
      let captured = DocumentNode.json(try #require(answers[name]))
      let body = try #require(try PathSelector("$.body").select(from: captured).first?.text)
      let adapter = try Notifiers.adapter(
        try Notifiers.smsir(), FakeChannel(time) { _, _ in answer(200, body) }, time)
      let message = Message.alert()
      let results = await adapter.send(
        Outgoing(
          id: "d", recipients: ["09120000000", "09120000001"], message: message, rendered: adapter.render(message)))
      #expect(results.map(\.outcome) == [.delivered(receipt: "86522023"), .recipientGone])
      #expect(results[1].reason == .optedOut)
    }
  }
}

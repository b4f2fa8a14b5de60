import Language
import PluginHost
import TestSupport
import Testing

@testable import Notifying

/// What a notifier's templates become.
struct RequestTests {
  private let time = ManualTime()

  private func request(
    _ spec: NotifierSpec, settings: [String: Channel.Setting] = [:], to recipient: String = "1",
    _ message: Message = .alert()
  ) async throws -> (Request?, SendResult) {
    let channel = FakeChannel(time) { _, _ in answer(200, telegramOK) }
    let adapter = try Notifiers.adapter(spec, settings: settings, channel, time)
    let result = await adapter.sendNow(message, to: recipient, id: "msg.1")
    return (channel.calls.first?.request, result)
  }

  private func spec(
    _ url: String, headers: [(String, String)] = [], query: [(String, String)] = [], body: RequestTemplate.Body = .none
  ) throws -> NotifierSpec {
    Notifiers.spec(
      "x",
      send: .http(
        RequestTemplate(
          method: .post, url: try Template(url), query: try query.map { ($0.0, try Template($0.1)) },
          headers: try headers.map { ($0.0, try Template($0.1)) }, body: body)),
      options: [Option(name: "api"), Option(name: "token", secret: true)])
  }

  @Test func `Telegram's request is what its API asks for`() async throws {
    let (request, result) = try await request(try Notifiers.telegram(), to: "123456789")
    let sent = try #require(request)
    #expect(sent.url == "https://api.telegram.org/bot\(Notifiers.token)/sendMessage")
    #expect(sent.method == .post && sent.header("content-type") == "application/json" && sent.maxRedirects == 0)
    #expect(sent.member("chat_id") == "123456789" && sent.member("parse_mode") == "HTML")
    #expect(sent.timeout == .seconds(15))
    #expect(result.outcome == .delivered(receipt: "42"))
  }

  @Test func `an option that is an address begins the URL, its slash not doubled`() async throws {
    let settings: [String: Channel.Setting] = ["api": .plain(.text("http://127.0.0.1:8081/base/"))]
    let (request, _) = try await request(try spec("{api}/send/{recipient}"), settings: settings, to: "a b/../?#%ف")
    #expect(request?.url == "http://127.0.0.1:8081/base/send/a%20b%2F..%2F%3F%23%25%D9%81")
  }

  @Test func `data never chooses the host, and never climbs a path`() async throws {
    for (url, recipient) in [("https://{recipient}/x", "evil.example/"), ("https://{recipient}.example/x", "u@evil:1")]
    {
      let (request, _) = try await request(try spec(url), to: recipient)
      let host = try #require(request?.url.dropFirst("https://".count).split(separator: "/").first)
      #expect(!host.contains("@") && !host.contains(":") && host.contains("%"))
    }
    for recipient in [".", ".."] {
      let (request, result) = try await request(
        try spec("{api}/x/{recipient}/y"), settings: ["api": .plain(.text("https://a.example"))], to: recipient)
      #expect(request == nil && result.outcome == .rejected)
    }
    let (_, result) = try await request(try spec("{api}/x"), settings: ["api": .plain(.text("ftp://a.example"))])
    #expect(result.outcome == .misconfigured)
    let (none, recipientFirst) = try await request(try spec("{recipient}/x"), to: "https://evil.example")
    #expect(none?.url.hasPrefix("https://evil") != true && recipientFirst.outcome != .delivered(receipt: nil))
  }

  @Test func `a line break in a header is refused before anything is sent`() async throws {
    let withTitle = try spec("https://a.example/", headers: [("Title", "{recipient}")])
    for bad in ["x\r\nX-Evil: 1", "a\u{0}b", "a\nb", "a\u{7F}"] {
      let (request, result) = try await request(withTitle, to: bad)
      #expect(request == nil)
      #expect(result.outcome == .rejected && result.reason == .unsendable)
      #expect(result.detail?.contains("Title") == true && result.detail?.contains("Evil") == false)
    }
    let (_, fine) = try await request(withTitle, to: "  متن\t ")
    #expect(fine.reason != .unsendable)
  }

  @Test func `a message too long for a URL is refused alone and does not stop the channel`() async throws {
    let inURL = try spec("https://a.example/send", query: [("text", "{recipient}")])
    let (request, result) = try await request(inURL, to: String(repeating: "پ", count: 1400))
    #expect(request == nil)
    #expect(result.outcome == .rejected && result.reason == .unsendable)
  }

  @Test func `an option set to the empty text counts as not set`() async throws {
    let optional = try spec("https://a.example/", headers: [("Authorization", "Bearer {token}")])
    let (request, _) = try await request(optional, settings: ["token": .secret(Secret(""))])
    let sent = try #require(request)
    #expect(sent.header("Authorization") == nil)
  }

  @Test func `members whose value is not set are left out`() async throws {
    let body = RequestTemplate.Body.json(
      .object([
        .init("a", .text(try Template("{link}"))), .init("b", .literal(.null)), .init("c", .literal(.integer(1))),
      ]))
    let open = try spec(
      "https://a.example/?x=1", headers: [("Authorization", "Bearer {token}")],
      query: [("q", "{link}"), ("w", "{title}")],
      body: body)
    let (bare, _) = try await request(open, .alert("a&b=c", link: nil))
    #expect(bare?.header("Authorization") == nil)
    #expect(bare?.url == "https://a.example/?x=1&w=a%26b%3Dc")
    #expect(bare?.text == #"{"b":null,"c":1}"#)
    let (full, _) = try await request(open, settings: ["token": .secret(Secret("t0ken\n"))], .alert("a"))
    #expect(full?.header("Authorization") == "Bearer t0ken")
  }

  @Test func `forms are encoded, JSON keeps types, raw bodies are as they are`() async throws {
    let form = RequestTemplate.Body.form([("t", try Template("{title}")), ("u", try Template("x y&~*"))])
    let (formed, _) = try await request(try spec("https://a.example/", body: form), .alert("a+b=ف"))
    #expect(formed?.text == "t=a%2Bb%3D%D9%81&u=x+y%26%7E*")
    #expect(formed?.header("Content-Type") == "application/x-www-form-urlencoded")
    let (raw, _) = try await request(
      try spec("https://a.example/", body: .raw(try Template("{title}!"))), .alert("{title}"))
    #expect(raw?.text == "{title}!")
    let (sms, _) = try await request(try Notifiers.smsir(), to: "09120000000")
    #expect(sms?.text.contains(#""lineNumber":30000000"#) == true)
    #expect(sms?.text.contains(#""mobiles":["09120000000"]"#) == true)
  }

  @Test func `a webhook's body is the object and is signed as sent`() async throws {
    let (request, _) = try await request(try Notifiers.webhook(), .alert(lines: ["😀"]))
    let sent = try #require(request)
    #expect(sent.url == "https://hooks.example/in?of=slots")
    #expect(sent.text.hasPrefix(#"{"type":"slot.alert","timestamp":"#))
    let signing = try StandardWebhooks(secret: Secret(Notifiers.webhookSecret))
    #expect(
      signing.verify(
        id: sent.header("webhook-id"), timestamp: sent.header("webhook-timestamp"),
        signature: sent.header("webhook-signature"), body: sent.body ?? [], now: time.now()))
    // A '.' in an id would let a signature be read in two ways.
    #expect(sent.header("webhook-id") == "msg_1")
  }

  @Test func `a set option chooses the variant, which sends one at a time`() async throws {
    let settings: [String: Channel.Setting] = ["template": .plain(.integer(123_456))]
    let long = Message.alert("نوبت خالی: دکتر با نامی بسیار بسیار دراز")
    let (request, _) = try await request(try Notifiers.smsir(), settings: settings, to: "09120000000", long)
    #expect(request?.url == "https://api.sms.example/v1/send/verify")
    #expect(request?.text.contains(#""templateId":123456"#) == true)
    let value = try #require(request?.member("value"))
    #expect(value.count <= 25 && value.hasSuffix("…"))
    let adapter = try Notifiers.adapter(
      try Notifiers.smsir(), settings: settings, FakeChannel(time) { _, _ in answer(200) }, time)
    #expect(adapter.batch == 1)
  }

  @Test func `a required option that is missing is found when the channel is set up`() throws {
    let problem = #expect(throws: ChannelProblem.self) {
      try NotifierAdapter(
        spec: try Notifiers.telegram(),
        channel: Channel(name: "t", notifier: "telegram", enabled: true, settings: ["token": .secret(Secret(""))]),
        catalog: Notifiers.catalog, fetcher: FakeChannel(time) { _, _ in answer(200) }, time: time)
    }
    #expect(problem?.option == "token")
  }

  @Test func `an address of another kind is not written to`() async throws {
    var telegram = try Notifiers.telegram()
    telegram.recipientPattern = TextSelector { $0.allSatisfy(\.isNumber) }
    let (request, result) = try await request(telegram, to: "someone@example.com")
    #expect(request == nil && result.reason == .unsendable)
    #expect(result.detail?.contains("someone") == false)
  }

  @Test func `print shows the message and is delivered`() async throws {
    let box = LineBox()
    let console = Notifiers.spec("console", takesRecipient: false, send: .print(try Template("{message}")))
    let adapter = try NotifierAdapter(
      spec: console, channel: Channel(name: "c", notifier: "console", enabled: true, settings: [:]),
      catalog: Notifiers.catalog, fetcher: FakeChannel(time) { _, _ in answer(200) }, time: time
    ) { box.add($0) }
    let result = await adapter.sendNow(.alert("Title", lines: ["line"], link: nil), to: nil, id: "a")
    #expect(result.outcome == .delivered(receipt: nil))
    #expect(box.all == ["Title\nline"])
  }
}

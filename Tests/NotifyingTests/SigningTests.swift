import Language
import PluginHost
import TestSupport
import Testing

@testable import Notifying

struct SigningTests {
  private func text(_ path: String, _ node: DocumentNode) throws -> String {
    try #require(try PathSelector(path).select(from: node).first?.text)
  }

  @Test(.enabled(if: shared("suites/standard-webhooks") != nil, "needs ../shared/suites/standard-webhooks"))
  func `every vector of the suite is signed to the letter`() throws {
    let file = try #require(shared("suites/standard-webhooks/vectors.json"))
    let vectors = try PathSelector("$.positive[*]").select(from: .json(try JSON(parsing: try bytes(of: file))))
    #expect(vectors.count == 7)
    for vector in vectors {
      let signing = try StandardWebhooks(secret: Secret(try text("$.secret", vector)))
      let at = Instant(seconds: try #require(Int64(try text("$['webhook-timestamp']", vector))))
      let body = Array(try text("$.body", vector).utf8)
      let id = try text("$['webhook-id']", vector)
      let headers = signing.headers(id: id, at: at, body: body)
      let signature = try text("$['webhook-signature']", vector)
      #expect(headers.last == Request.Header("webhook-signature", signature))
      #expect(signing.verify(id: id, timestamp: String(at.seconds), signature: signature, body: body, now: at))
    }
  }

  @Test(.enabled(if: shared("captures/standard-webhooks") != nil, "needs ../shared/captures/standard-webhooks"))
  func `the captured vectors match, and the wrong one fails`() throws {
    let file = try #require(shared("captures/standard-webhooks/vectors.json"))
    let json = DocumentNode.json(try JSON(parsing: try bytes(of: file)))
    for vector in try PathSelector("$.vectors[*]").select(from: json) {
      let signing = try StandardWebhooks(secret: Secret(try text("$.secret", vector)))
      let at = Instant(seconds: try #require(Int64(try text("$.timestamp", vector))))
      let headers = signing.headers(
        id: try text("$.id", vector), at: at, body: Array(try text("$.payload", vector).utf8))
      #expect(headers.last?.value == (try text("$.signature", vector)))
    }
    let signing = try StandardWebhooks(secret: Secret(try text("$.negative.secret", json)))
    let now = SystemTime().now()
    #expect(
      !signing.verify(
        id: try text("$.negative.id", json), timestamp: String(now.seconds),
        signature: try text("$.negative.signature_must_fail", json),
        body: Array(try text("$.negative.payload", json).utf8), now: now))
  }

  @Test func `receivers refuse what the suite says they must`() throws {
    let signing = try StandardWebhooks(secret: Secret(Notifiers.webhookSecret))
    let (at, body) = (Instant(seconds: 1_700_000_000), Array("{}".utf8))
    let good = signing.headers(id: "a", at: at, body: body)[2].value
    func verify(
      id: String? = "a", timestamp: String? = "1700000000", signature: String?, body: [UInt8] = Array("{}".utf8),
      after: Duration = .zero
    ) -> Bool {
      signing.verify(id: id, timestamp: timestamp, signature: signature, body: body, now: at + after)
    }
    #expect(verify(signature: good))
    #expect(verify(signature: "v1,bad v1,AAAA " + good))
    #expect(verify(signature: good, after: .seconds(300)))
    #expect(!verify(signature: good, after: .seconds(301)))
    #expect(!verify(signature: good, after: .seconds(-301)))
    #expect(!verify(signature: "v2" + good.dropFirst(2)))
    #expect(!verify(signature: String(good.dropFirst(3))))
    #expect(!verify(signature: good, body: Array("{ }".utf8)))
    #expect(!verify(id: "b", signature: good))
    #expect(!verify(id: nil, signature: good))
    #expect(!verify(timestamp: nil, signature: good))
    #expect(!verify(signature: nil))
    #expect(!verify(timestamp: "soon", signature: good))
    #expect(!verify(timestamp: "-9223372036854775808", signature: good))
  }

  @Test func `keys in rotation all sign`() throws {
    let other = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"
    let both = try StandardWebhooks(secret: Secret(Notifiers.webhookSecret + " " + other))
    let (at, body) = (Instant(seconds: 1_700_000_000), Array("{}".utf8))
    let signatures = both.headers(id: "a", at: at, body: body)[2].value
    #expect(signatures.split(separator: " ").count == 2)
    for secret in [Notifiers.webhookSecret, other] {
      let one = try StandardWebhooks(secret: Secret(secret))
      #expect(one.verify(id: "a", timestamp: "1700000000", signature: signatures, body: body, now: at))
    }
  }

  @Test func `a secret that is no base64, or empty, is found when the channel is set up`() throws {
    for bad in ["whsec_%%%", "", "   ", "whsec_", "whsec_A", "not base64!"] {
      #expect(throws: StandardWebhooks.BadSecret.self) { try StandardWebhooks(secret: Secret(bad)) }
    }
    let problem = #expect(throws: ChannelProblem.self) {
      try Notifiers.adapter(
        try Notifiers.webhook(), settings: ["secret": .secret(Secret("whsec_%%%"))],
        FakeChannel(ManualTime()) { _, _ in answer(200) }, ManualTime())
    }
    #expect(problem?.option == "secret" && problem?.message.contains("%%%") == false)
  }

  @Test func `base64 both ways`() {
    for (bytes, text) in [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ] {
      #expect(Base64.encode(Array(bytes.utf8)) == text)
      #expect(Base64.decode(text) == Array(bytes.utf8))
    }
    for bad in ["Zg=", "Z", "Zh==", "Zm9v=", "Zm 9", "=", "Zg==Zg=="] { #expect(Base64.decode(bad) == nil) }
  }
}

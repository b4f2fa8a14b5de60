import Language
import LoopbackServer
import Notifying
import PluginHost

/// Stand-ins for the three channels, each speaking its real interface on loopback.
final class DemoChannels: Sendable {
  static let origins = ["https://api.telegram.org", "https://api.sms.ir", "https://ops.example"]

  /// Keys of this one run, never printed.
  struct Keys: Sendable {
    var token: String
    var smsKey: String
    var webhookSecret: String

    init(_ random: RandomSource) {
      let letters = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789")
      // 32 letters are base64 of 24 bytes, the least a webhook's secret may have.
      func word() -> String { String((0..<32).map { _ in letters[Int(random.bits() % UInt64(letters.count))] }) }
      token = "1001:" + word()
      smsKey = word()
      webhookSecret = "whsec_" + word()
    }
  }

  let inbox: DemoInbox
  private let servers: [LoopbackServer]

  init(keys: Keys, inbox: DemoInbox, time: any TimeSource) throws {
    self.inbox = inbox
    let signatures = try StandardWebhooks(secret: Secret(keys.webhookSecret))
    servers = [
      try LoopbackServer { DemoChannels.telegram($0, keys, inbox) },
      try LoopbackServer { DemoChannels.smsir($0, keys, inbox) },
      try LoopbackServer { DemoChannels.webhook($0, signatures, inbox, now: time.now()) },
    ]
  }

  var mappings: [String] { zip(DemoChannels.origins, servers).map { $0 + "=" + $1.origin } }

  func stop() { for server in servers { server.stop() } }

  /// Telegram's Bot API: <https://core.telegram.org/bots/api#sendmessage>.
  private static func telegram(_ request: ServerRequest, _ keys: Keys, _ inbox: DemoInbox) -> ServerResponse {
    func refuse(_ status: Int, _ words: String, _ more: String = "") -> ServerResponse {
      .json(#"{"ok":false,"error_code":\#(status),"description":"\#(words)"\#(more)}"#, status: status)
    }
    let path = request.path.replacing("%3A", with: ":")
    guard request.method == "POST", path == "/bot\(keys.token)/sendMessage" else {
      inbox.fault("a request to Telegram had a wrong path or token")
      return refuse(401, "Unauthorized")
    }
    guard let body = request.json, let text = body.text("text"), let chat = body.text("chat_id") else {
      inbox.fault("a request to Telegram had no chat_id or text")
      return refuse(400, "Bad Request: message text is empty")
    }
    switch inbox.nextTrouble() {
    case .down: return refuse(500, "Internal Server Error: restart")
    case .busy(let seconds):
      return refuse(
        429, "Too Many Requests: retry after \(seconds)", #","parameters":{"retry_after":\#(seconds)}"#)
    case nil:
      let id = inbox.accept(.telegram, to: chat, text)
      return .json(#"{"ok":true,"result":{"message_id":\#(id)}}"#)
    }
  }

  /// Sms.ir's bulk call: <https://apidocs.sms.ir>.
  private static func smsir(_ request: ServerRequest, _ keys: Keys, _ inbox: DemoInbox) -> ServerResponse {
    guard request.method == "POST", request.path == "/v1/send/bulk", request.header("X-API-KEY") == keys.smsKey else {
      inbox.fault("a request to Sms.ir had a wrong path or key")
      return .json(#"{"status":10,"message":"کلید وب‌سرویس نامعتبر است","data":null}"#, status: 401)
    }
    guard let body = request.json, let text = body.text("messageText"), case .array(let mobiles)? = body["mobiles"]
    else {
      inbox.fault("a request to Sms.ir had no messageText or mobiles")
      return .json(#"{"status":103,"message":"متن پیامک خالی است","data":null}"#, status: 400)
    }
    let ids = mobiles.map { inbox.accept(.sms, to: Value(json: $0).plainText, text) }.joined(separator: ",")
    return .json(#"{"status":1,"message":"موفق","data":{"packId":"demo","messageIds":[\#(ids)],"cost":1.0}}"#)
  }

  /// A receiver of Standard Webhooks that believes nothing unsigned.
  private static func webhook(
    _ request: ServerRequest, _ signatures: StandardWebhooks, _ inbox: DemoInbox, now: Instant
  ) -> ServerResponse {
    let id = request.header("webhook-id")
    let isGenuine = signatures.verify(
      id: id, timestamp: request.header("webhook-timestamp"), signature: request.header("webhook-signature"),
      body: request.body, now: now)
    guard let id, isGenuine, request.method == "POST", request.path == "/hook" else {
      inbox.fault("a webhook's signature did not verify, or its path was wrong")
      return .text("bad signature\n", status: 401)
    }
    _ = inbox.accept(.ops, to: "ops.example", request.text, receipt: id)
    return ServerResponse(status: 204)
  }
}

extension ServerRequest {
  /// The body as a JSON object; nil for anything else.
  fileprivate var json: JSONObject? {
    guard case .object(let object)? = try? JSON(parsing: body) else { return nil }
    return object
  }
}

extension JSONObject {
  fileprivate func text(_ name: String) -> String? { self[name].map { Value(json: $0).plainText } }
}

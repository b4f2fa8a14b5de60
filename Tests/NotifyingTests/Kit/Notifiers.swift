import Language
import Notifying
import PluginHost

/// Notifiers made by hand, in the shape that reading the shipped files gives.
enum Notifiers {
  static let token = "123456789:AAExampleTelegramToken-0123456789abcdefg"
  static let webhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
  static let smsKey = "kEy+Of/The=Panel0123456789"

  static let catalog = PluginCatalog(
    formats: [TelegramHTMLFormat(), TextFormat(), SMSFormat(), Notifying.JSONFormat()])

  static func spec(
    _ id: String, format: String = "text", takesRecipient: Bool = true, send: NotifierSpec.Transport,
    options: [Option] = [], outcomes: [NotifierOutcomeRule] = [], batch: Int = 1,
    whenUnsure: NotifierSpec.WhenUnsure = .resend, signing: NotifierSpec.Signing? = nil, maxLength: Int? = nil,
    rate: RateLimit? = nil, perRecipient: RateLimit? = nil,
    variants: [(option: String, send: NotifierSpec.Transport)] = [],
    pattern: (any CompiledSelector)? = nil
  ) -> NotifierSpec {
    NotifierSpec(
      id: id, title: id, options: OptionSchema(options), recipientName: "address", recipientPattern: pattern,
      takesRecipient: takesRecipient, format: format, maxLength: maxLength, rate: rate, ratePerRecipient: perRecipient,
      send: send, variants: variants, outcomes: outcomes, batch: batch, whenUnsure: whenUnsure, signing: signing,
      signingOption: signing == nil ? nil : "secret", version: "1", file: "notifiers/\(id).yaml")
  }

  static func telegram(rate: RateLimit? = nil, perRecipient: RateLimit? = nil) throws -> NotifierSpec {
    spec(
      "telegram", format: "telegram_html",
      send: .http(
        RequestTemplate(
          method: .post, url: try Template("{api}/bot{token}/sendMessage"),
          body: .json(
            .object([
              .init("chat_id", .text(try Template("{recipient}"))), .init("text", .text(try Template("{message}"))),
              .init("parse_mode", .literal(.string("HTML"))),
            ])))),
      options: [
        Option(name: "token", secret: true, required: true),
        Option(name: "api", defaultValue: .text("https://api.telegram.org")),
      ],
      outcomes: [
        try .when(.delivered, "$.ok", .equals(.boolean(true)), receipt: "$.result.message_id"),
        try .when(.throttled, "$.error_code", .equals(.integer(429)), retryAfter: "$.parameters.retry_after"),
        try .when(.moved, "$.parameters.migrate_to_chat_id", to: "$.parameters.migrate_to_chat_id"),
        try .when(.resendPlain, "$.description", .pattern(TextSelector.contains("can't parse entities"))),
        try .when(.recipientGone, "$.error_code", .equals(.integer(403))),
        try .when(.recipientGone, "$.description", .pattern(TextSelector.contains("chat not found"))),
        try .when(.misconfigured, "$.error_code", .in([.integer(401), .integer(404)])),
      ], maxLength: 4096, rate: rate, perRecipient: perRecipient)
  }

  static func smsir(batch: Int = 100, whenUnsure: NotifierSpec.WhenUnsure = .resendOnce) throws -> NotifierSpec {
    spec(
      "smsir", format: "sms",
      send: .http(
        RequestTemplate(
          method: .post, url: try Template("{api}/send/bulk"), headers: [("X-API-KEY", try Template("{key}"))],
          body: .json(
            .object([
              .init("lineNumber", .text(try Template("{line}"))),
              .init("messageText", .text(try Template("{message}"))),
              .init("mobiles", .text(try Template("{recipients}"))),
            ])))),
      options: [
        Option(name: "key", secret: true, required: true), Option(name: "line"), Option(name: "template"),
        Option(name: "api", defaultValue: .text("https://api.sms.example/v1")),
      ],
      outcomes: [
        try .when(
          .delivered, "$.status", .equals(.integer(1)), receipt: "$.data.messageId", each: "$.data.messageIds[*]",
          refused: [.integer(0), .null]),
        try .when(.retry, "$.status", .equals(.integer(0))),
        try .when(.throttled, "$.status", .equals(.integer(20))),
        try .when(.paused, "$.status", .equals(.integer(102))),
        try .when(.recipientGone, "$.status", .in([.integer(104), .integer(115)])),
        try .when(.misconfigured, "$.status", .in([.integer(10), .integer(101)])),
        try .when(.rejected, "$.status", .in([.integer(16), .integer(103)])),
      ], batch: batch, whenUnsure: whenUnsure, maxLength: 268,
      variants: [
        (
          "template",
          .http(
            RequestTemplate(
              method: .post, url: try Template("{api}/send/verify"),
              body: .json(
                .object([
                  .init("mobile", .text(try Template("{recipient}"))),
                  .init("templateId", .text(try Template("{template}"))),
                  .init("value", .text(try Template("{title | truncate: 25}"))),
                ]))))
        )
      ])
  }

  static func webhook() throws -> NotifierSpec {
    spec(
      "webhook", format: "json", takesRecipient: false,
      send: .http(
        RequestTemplate(method: .post, url: try Template("{url}"), body: .json(.text(try Template("{message}"))))),
      options: [Option(name: "url", required: true), Option(name: "secret", secret: true, required: true)],
      outcomes: [
        NotifierOutcomeRule(
          outcome: .delivered, condition: OutcomeCondition(statuses: [200...299]), keyPath: "outcomes[0]"),
        NotifierOutcomeRule(
          outcome: .recipientGone, condition: OutcomeCondition(statuses: [410...410]), keyPath: "outcomes[1]"),
      ], signing: .standardWebhooks)
  }

  static let settings: [String: [String: Channel.Setting]] = [
    "telegram": ["token": .secret(Secret(token)), "api": .plain(.text("https://api.telegram.org"))],
    "smsir": [
      "key": .secret(Secret(smsKey)), "line": .plain(.integer(30_000_000)),
      "api": .plain(.text("https://api.sms.example/v1")),
    ],
    "webhook": [
      "url": .plain(.text("https://hooks.example/in?of=slots")), "secret": .secret(Secret(webhookSecret)),
    ],
  ]

  static func adapter(
    _ spec: NotifierSpec, settings: [String: Channel.Setting] = [:], _ fetcher: any Fetcher,
    _ time: any TimeSource
  ) throws -> NotifierAdapter {
    let all = (Notifiers.settings[spec.id] ?? [:]).merging(settings) { $1 }
    return try NotifierAdapter(
      spec: spec, channel: Channel(name: spec.id, notifier: spec.id, enabled: true, settings: all),
      catalog: catalog, fetcher: fetcher, time: time)
  }
}

extension Message {
  static func alert(
    _ title: String = "نوبت خالی: دکتر نمونه", lines: [String] = ["شنبه ۱۱ مهر ساعت ۹:۳۰"],
    link: String? = "https://www.example.com/dr/x/", language: String = "fa"
  ) -> Message {
    Message(
      kind: .alert, site: "paziresh24", watch: "w1", language: language, title: title,
      lines: lines.enumerated().map { Line(change: .added, text: $1, itemKey: "k\($0)") }, link: link,
      at: Instant(seconds: 1_791_232_200))
  }
}

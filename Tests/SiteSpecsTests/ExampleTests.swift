import Diagnostics
import Language
import PluginHost
import TestSupport
import Testing

@testable import SiteSpecs

struct ExampleTests {
  let reader = SpecReader(catalog: catalog)

  @Test func `the design's site spec is read without a diagnostic`() throws {
    let (spec, diagnostics) = reader.readSite(file: "sites/paziresh24.yaml", text: Examples.site)
    #expect(rendered(diagnostics) == "")
    let site = try #require(spec)
    #expect(site.id == "paziresh24")
    #expect(site.title == "پذیرش۲۴")
    #expect(site.parameters == ["slug"])
    #expect(site.limits.gap == .seconds(1))
    #expect(site.limits.never.count == 7)
    #expect(site.steps.map(\.name) == ["services", "days", "turns"])
    #expect(site.steps[0].request.headers.map(\.name) == ["Origin", "Accept-Language"])
    #expect(site.steps[0].request.timeout == .seconds(15))
    #expect(site.steps[0].document?.kind == .json)
    #expect(site.steps[0].outcomes.map(\.verdict) == [.gone, .unreadable, .blocked])
    #expect(site.steps[0].outcomes[0].condition.statuses == [404...404, 410...410])
    #expect(site.steps[1].outcomes.map(\.reread) == [nil, "services", nil, nil])
    #expect(site.steps[1].rows.count == 2)
    #expect(site.steps[1].rows[1].limit == 2)
    #expect(
      site.steps[0].rows[0].rows[0].fields.map(\.name) == ["bookable", "service_id", "user_center_id", "service"])
    #expect(site.items.key == ["service_id", "start"])
    #expect(site.items.expect == 0...500)
    #expect(site.alert.on == [.added])
    #expect(site.alert.until == "start")
    #expect(site.alert.usefulFor == .seconds(900))
    #expect(site.version.count == 16)
    #expect(site.links[0].match("http://paziresh24.com/dr/%D8%AF%DA%A9%D8%AA%D8%B1?x=1#y") == ["slug": "دکتر"])
  }

  @Test func `the design's notifier is read without a diagnostic`() throws {
    let (spec, diagnostics) = reader.readNotifier(file: "notifiers/telegram.yaml", text: Examples.notifier)
    #expect(rendered(diagnostics) == "")
    let notifier = try #require(spec)
    #expect(notifier.recipientName == "chat_id")
    #expect(notifier.takesRecipient)
    #expect(notifier.rate == RateLimit(count: 30, per: .seconds(1)))
    #expect(notifier.options["token"]?.secret == true)
    #expect(notifier.outcomes.map(\.outcome.rawValue).first == "delivered")
    #expect(notifier.outcomes.count == 7)
    guard case .http(let request) = notifier.send, case .json(.object(let members)) = request.body else {
      Issue.record("not a JSON request")
      return
    }
    #expect(members.map(\.name) == ["chat_id", "text", "parse_mode", "link_preview_options"])
    #expect(members[2].value == .literal(.string("HTML")))
    #expect(members[3].value == .object([.init("is_disabled", .literal(.bool(true)))]))
  }

  @Test func `the design's configuration is read without a diagnostic`() throws {
    let result = loader(Examples.files).load("slothunter.yaml")
    #expect(rendered(result.diagnostics) == "")
    let configuration = try #require(result.configuration)
    #expect(configuration.sites.map(\.id) == ["paziresh24"])
    #expect(configuration.notifiers.map(\.id) == ["smsir", "telegram", "webhook"])
    #expect(configuration.channels.map(\.name) == ["telegram", "sms", "ops"])
    #expect(configuration.channels.map(\.enabled) == [true, false, true])
    #expect(configuration.watches[0].params == ["slug": "دکتر-نمونه"])
    #expect(configuration.maintainers == [MaintainerTarget(channel: "ops")])
    let notify = configuration.watches[0].notify[0]
    #expect(notify.to == "123456789")
    #expect(notify.quiet == .init(from: CivilTime(hour: 23, minute: 0), to: CivilTime(hour: 7, minute: 0)))
    #expect(notify.atMost == RateLimit(count: 10, per: .seconds(86_400)))
    guard case .secret(let token)? = configuration.channels[0].settings["token"],
      case .plain(let api)? = configuration.channels[0].settings["api"],
      case .plain(let line)? = configuration.channels[1].settings["line"]
    else {
      Issue.record("settings of the wrong kind")
      return
    }
    #expect(token.reveal() == "12:ab")
    #expect(api == .text("https://api.telegram.org"))
    #expect(line == .integer(30_007_732))
  }

  @Test(.enabled(if: shared("DESIGN.md") != nil, "needs ../shared/DESIGN.md"))
  func `the examples here are the design's`() throws {
    let design = try text(of: try #require(shared("DESIGN.md")))
    for example in [Examples.site, Examples.notifier, Examples.configuration] { #expect(design.contains(example)) }
  }
}

func rendered(_ diagnostics: [Diagnostic]) -> String { DiagnosticList(diagnostics).rendered() }

/// A loader over files in memory, with the example's secrets in its environment.
func loader(
  _ files: [String: String],
  environment: [String: String] = ["TELEGRAM_BOT_TOKEN": "12:ab", "WEBHOOK_SECRET": "whsec_x"],
  ignoresSecrets: Bool = false
) -> ConfigurationLoader {
  ConfigurationLoader(
    catalog: catalog, environment: environment, files: SpecFiles(files), ignoresSecrets: ignoresSecrets)
}

extension Examples {
  /// The three examples in their places, with the two notifiers that the configuration names beside Telegram.
  static let files: [String: String] = [
    "slothunter.yaml": configuration,
    "sites/paziresh24.yaml": site,
    "notifiers/telegram.yaml": notifier,
    "notifiers/smsir.yaml": sms,
    "notifiers/webhook.yaml": webhook,
  ]

  static let sms = #"""
    notifier: smsir
    title: Sms.ir
    options:
      key: { secret: true, required: true }
      line: { required: true }
      template: { help: The id of an approved template }
    recipient: { name: mobile, pattern: '^09\d{9}$' }
    format: text
    batch: 100
    when_unsure: resend_once
    send:
      post: https://api.sms.ir/v1/send/bulk
      headers: { X-API-KEY: "{key}" }
      json: { lineNumber: "{line}", messageText: "{message}", mobiles: "{recipients}" }
    variants:
      - when_option: template
        send:
          post: https://api.sms.ir/v1/send/verify
          headers: { X-API-KEY: "{key}" }
          json: { mobile: "{recipient}", templateId: "{template}", parameters: [ { name: TITLE, value: "{title}" } ] }
    outcomes:
      - delivered: { json: $.status, equals: 1, each: "$.data.messageIds[*]", refused: [0, null] }
      - paused: { json: $.status, equals: 102 }
      - misconfigured: { json: $.status, in: [10, 11, 12] }
    """#

  static let webhook = #"""
    notifier: webhook
    title: Webhook
    options:
      url: { required: true }
      secret: { secret: true, required: true }
    recipient: none
    format: json
    sign: standard_webhooks
    send: { post: "{url}", json: "{message}" }
    outcomes:
      - delivered: { status: 200..299 }
      - recipient_gone: { status: 410 }
    """#
}

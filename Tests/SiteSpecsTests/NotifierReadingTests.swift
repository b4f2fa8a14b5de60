import PluginHost
import Testing

@testable import SiteSpecs

struct NotifierReadingTests {
  private func notifier(_ text: String, id: String) throws -> NotifierSpec {
    let (spec, diagnostics) = SpecReader(catalog: catalog).readNotifier(file: "notifiers/\(id).yaml", text: text)
    #expect(rendered(diagnostics) == "")
    return try #require(spec)
  }

  private func problems(_ text: String) -> [String] {
    SpecReader(catalog: catalog).readNotifier(file: "n.yaml", text: text).diagnostics.map(\.message)
  }

  @Test func `batches, variants and results per recipient are read`() throws {
    let sms = try notifier(Examples.sms, id: "smsir")
    #expect(sms.batch == 100)
    #expect(sms.whenUnsure == .resendOnce)
    #expect(sms.variants.map(\.option) == ["template"])
    #expect(sms.outcomes[0].each?.source == "$.data.messageIds[*]")
    #expect(sms.outcomes[0].refused == [.integer(0), .null])
    guard case .in(let codes) = sms.outcomes[2].condition.test else {
      Issue.record("not a list")
      return
    }
    #expect(codes == [.integer(10), .integer(11), .integer(12)])
  }

  @Test func `a batch needs its list of addresses`() {
    let text = Examples.sms.replacing("notifier: smsir", with: "notifier: n").replacing(
      "\"{recipients}\"", with: "\"{recipient}\"")
    #expect(problems(text) == ["'batch' needs {recipients} in 'send'"])
  }

  @Test func `a signed webhook is its own address and may end by status`() throws {
    let webhook = try notifier(Examples.webhook, id: "webhook")
    #expect(!webhook.takesRecipient)
    #expect(webhook.signing == .standardWebhooks)
    #expect(webhook.signingOption == "secret")
    #expect(webhook.addressOptions == ["url"])
    #expect(webhook.outcomes[0].condition.statuses == [200...299])
  }

  @Test func `the signing option can have another name`() throws {
    let text = Examples.webhook.replacing("sign: standard_webhooks", with: "sign: { standard_webhooks: key }")
      .replacing("secret: { secret", with: "key: { secret")
    #expect(try notifier(text, id: "webhook").signingOption == "key")
  }

  @Test func `printing needs no request`() throws {
    let console = try notifier(
      "notifier: console\nformat: text\nrecipient: none\nsend: { print: \"{message}\" }\n", id: "console")
    guard case .print(let template) = console.send else {
      Issue.record("not printed")
      return
    }
    #expect(template.references.map(\.name) == ["message"])
    #expect(console.options.options.isEmpty)
    #expect(console.title == "console")
  }

  @Test func `without signing a status alone unsubscribes nobody`() {
    let text = Examples.webhook.replacing("sign: standard_webhooks\n", with: "").replacing(
      "notifier: webhook", with: "notifier: n")
    #expect(problems(text) == ["'recipient_gone' needs proof in the body"])
  }

  @Test(arguments: [
    ("{ status: 401 }", false), ("{ status: 401, json: $.code, equals: 401 }", true),
    ("{ json: $.code, not: 0 }", false),
    ("{ text: bad key }", true), ("{ json: $.code, not: 0, text: bad key }", true), ("{ json: $.error.code }", true),
  ])
  func `ending a channel needs proof in the body`(condition: String, isProof: Bool) {
    let text =
      Examples.webhook.replacing("notifier: webhook", with: "notifier: n") + "\n  - misconfigured: \(condition)\n"
    #expect(problems(text).isEmpty == isProof)
  }

  @Test func `a recipient can't be named where there is none, nor can page data choose a host`() {
    let text = Examples.webhook.replacing("notifier: webhook", with: "notifier: n")
    #expect(
      problems(text.replacing("\"{url}\"", with: "\"{url}/{recipient}\"")) == ["no name 'recipient' is visible here"])
    #expect(problems(text.replacing("\"{url}\"", with: "\"{link}\"")) == ["'link' can't choose the host of a URL"])
    #expect(
      problems(text.replacing("\"{url}\"", with: "\"{secret}\"")) == [
        "the secret 'secret' can't be part of a URL's host"
      ])
  }
}

struct ReferenceTests {
  @Test(arguments: [SpecReference.site, SpecReference.notifier, SpecReference.configuration])
  func `every key has help, and every table that a key names is there`(tables: [TableReference]) {
    let names = Set(tables.map(\.name))
    #expect(names.count == tables.count)
    for table in tables {
      #expect(Set(table.keys.map(\.name)).count == table.keys.count)
      for key in table.keys {
        #expect(key.help.hasSuffix("."), "\(table.name).\(key.name)")
        for used in key.shape.tables { #expect(names.contains(used), "\(table.name).\(key.name) names \(used)") }
      }
    }
  }
}

import PluginHost
import Testing

@testable import SiteSpecs

struct BudgetReadingTests {
  private func channel(_ budget: String) throws -> Channel {
    let sms = #"  sms: { notifier: smsir, enabled: false, key: "${file:/run/secrets/smsir}", line: 30007732"#
    let text = try #require(Examples.files["slothunter.yaml"])
    #expect(text.contains(sms))
    var files = Examples.files
    let parts = text.split(separator: sms, maxSplits: 1)
    // Parts need a notifier that sends SMS.
    let notifier = try #require(files["notifiers/smsir.yaml"])
    files["notifiers/smsir.yaml"] = notifier.split(separator: "format: text").joined(separator: "format: sms")
    files["slothunter.yaml"] = parts[0] + sms + ", budget: " + budget + parts[1]
    let found = loader(files).load("slothunter.yaml")
    #expect(found.diagnostics.allSatisfy { $0.severity != .error }, "\(rendered(found.diagnostics))")
    return try #require(found.configuration?.channels.first { $0.name == "sms" })
  }

  @Test func `a budget is in parts, in messages, or in both`() throws {
    #expect(try channel("500 parts/day").budget == Budget(parts: 500))
    #expect(try channel("20 messages/day").budget == Budget(messages: 20))
    #expect(try channel("[500 parts/day, 20 messages/day]").budget == Budget(messages: 20, parts: 500))
  }

  @Test func `Telegram's groups are told by their addresses`() throws {
    let text = try #require(Examples.files["notifiers/telegram.yaml"])
    #expect(text.contains("per_recipient: 1/s"))
    #expect(text.contains("recipient: { name: chat_id,"))
    let edited = text.split(separator: "per_recipient: 1/s", maxSplits: 1).joined(
      separator: "per_recipient: 1/s, per_group: 20/min")
    let grouped = edited.split(separator: "recipient: { name: chat_id,", maxSplits: 1).joined(
      separator: "recipient: { name: chat_id, group: '^-',")
    let spec = try #require(
      SpecReader(catalog: catalog).readNotifier(file: "notifiers/telegram.yaml", text: grouped).spec)
    #expect(spec.ratePerGroup == RateLimit(count: 20, per: .seconds(60)))
    #expect(try spec.groupPattern?.select(from: .text("-100")).isEmpty == false)
    #expect(try spec.groupPattern?.select(from: .text("100")).isEmpty == true)
  }
}

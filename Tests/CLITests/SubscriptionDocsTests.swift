import TestSupport
import Testing

@testable import CLI

/// docs/subscriptions.md: every YAML block is a whole `slothunter.yaml` over the shipped sites and notifiers, and valid.
struct SubscriptionDocsTests {
  private static func blocks() throws -> [String] {
    let page = try text(of: packageRoot + "/docs/subscriptions.md")
    return page.split(separator: "```yaml\n", omittingEmptySubsequences: false).dropFirst().compactMap { part in
      part.split(separator: "```", maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init)
    }
  }

  @Test func `every example of a subscription is read without a diagnostic`() async throws {
    let blocks = try Self.blocks()
    #expect(blocks.count >= 10)
    for (number, block) in blocks.enumerated() {
      let folder = try TemporaryFolder()
      try folder.write(
        block.replacing("sites: [sites]", with: "sites: [\(packageRoot)/sites]").replacing(
          "notifiers: [notifiers]", with: "notifiers: [\(packageRoot)/notifiers]"),
        to: "slothunter.yaml")
      let result = try await slothunter("check", "--no-secrets", folder: folder.path)
      #expect(result.status == 0, "block \(number + 1): \(result.out)")
      #expect(!result.out.contains("warning"), "block \(number + 1): \(result.out)")
    }
  }

  @Test func `every key of a subscription has its example`() throws {
    let page = try text(of: packageRoot + "/docs/subscriptions.md")
    for key in [
      "channel", "to", "on", "when", "language", "quiet", "digest", "at_most", "urgent", "snooze", "stop", "first",
    ] {
      #expect(page.contains("| `\(key)` |"), "\(key) is in no table")
      #expect(try Self.blocks().contains { $0.contains("\(key): ") }, "\(key) is in no example")
    }
  }
}

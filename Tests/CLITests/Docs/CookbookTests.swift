import Engine
import Language
import Notifying
import PluginHost
import SiteSpecs
import Synchronization
import TestSupport
import Testing

@testable import CLI

/// docs/cookbook.md: every recipe is run against the answers that stand beside it and comes to what is stated there.
struct CookbookTests {
  @Test func `there are recipes of every kind`() {
    #expect(Recipe.ofSites.count >= 30)
    #expect(Recipe.ofNotifiers.count >= 5)
    let headings = Recipe.all.map(\.heading)
    #expect(Set(headings).count == headings.count, "two recipes have one heading")
  }

  @Test(arguments: Recipe.ofSites) func `a recipe gives the items that stand beside it`(_ recipe: Recipe) async throws {
    let outcome = try await recipe.run()
    let detail = outcome.result.branches.compactMap(\.detail)
    let expected = try JSON(parsing: Array(try #require(recipe.block("expect")).text.utf8))
    switch expected {
    case .array(let items): compare(items, outcome, detail)
    case .object(let members):
      #expect(members["verdict"] == .string(outcome.result.verdict.rawValue), "\(detail)")
      if case .array(let items)? = members["items"] { compare(items, outcome, detail) }
    default: Issue.record("a list of items, or a verdict")
    }
    #expect(outcome.unused == [], "answers that nobody asked for")
    for block in recipe.blocks where block.role == "alert" {
      let language = block.info.count > 2 ? block.info[2] : "fa"
      let found = recipe.alert(outcome, language: language)
      #expect(found == block.text.split(separator: "\n").map(String.init), "\(block)")
    }
  }

  /// Members that are not listed are not compared, as in samples.
  private func compare(_ expected: [JSON], _ outcome: Recipe.Outcome, _ detail: [String]) {
    let zone = outcome.spec.zone
    let found = outcome.items.map { item in
      JSON.object(JSONObject(item.fields.map { ($0.name, $0.value.json(zone: zone)) }))
    }
    #expect(outcome.result.verdict.isGood, "\(outcome.result.verdict): \(detail)")
    #expect(found.count == expected.count, "\(found.map(\.text)) \(detail)")
    for (found, expected) in zip(found, expected) {
      guard case .object(let wanted) = expected, case .object(let members) = found else { continue }
      let seen = JSON.object(JSONObject(wanted.names.map { ($0, members[$0] ?? .null) }))
      #expect(seen == expected, "found \(found.text)")
    }
  }

  // MARK: Notifiers

  @Test(arguments: Recipe.ofNotifiers)
  func `a notifier's recipe sends what stands beside it and reads the answer so`(_ recipe: Recipe) async throws {
    let text = try DocsYAMLTests.frames.get().notifier.completed(by: try #require(recipe.block("notifier")).text)
    let (read, diagnostics) = SpecReader(catalog: Builtins.catalog).readNotifier(
      file: "notifiers/chat.yaml", text: text)
    let spec = try #require(read, "\(diagnostics.map { $0.rendered() })")
    let sent = try JSON(parsing: Array(try #require(recipe.block("sent")).text.utf8))
    let answer = recipe.block("answer")
    let status = answer.flatMap { $0.info.count > 2 ? Int($0.info[2]) : nil } ?? 200
    let fetcher = CookbookChannel(
      Response(status: status, headers: [], body: Array((answer?.text ?? "").utf8), url: ""))
    let settings = Dictionary(
      uniqueKeysWithValues: spec.options.options.map { option in
        let value = option.defaultValue ?? (option.name == "url" ? .text("https://chat.example") : .text("T0KEN"))
        return (
          option.name,
          option.secret
            ? Channel.Setting.secret(
              Secret(option.name == "secret" ? "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX" : value.plainText))
            : .plain(value)
        )
      })
    let adapter = try NotifierAdapter(
      spec: spec, channel: Channel(name: "chat", notifier: spec.id, enabled: true, settings: settings, budget: nil),
      catalog: Builtins.catalog, fetcher: fetcher, time: ManualTime(at: Recipe.now)
    ) { line in fetcher.print(line) }
    let message = Message(
      kind: .alert, site: "shop", watch: "shop/7", language: "en", title: "Free at the shop",
      lines: [Message.Line(change: .added, text: "Monday 09:30", itemKey: "7")], link: "https://shop.example/item/7",
      at: Recipe.now)
    let recipients = spec.takesRecipient ? Array(["1001", "1002"].prefix(spec.batch)) : []
    let results = await adapter.send(
      Outgoing(
        id: "d1", recipients: recipients, message: message, rendered: adapter.render(message), plain: false))
    try compare(sent, fetcher)
    guard let outcome = recipe.block("outcome") else { return }
    #expect(
      results.map { $0.outcome.word } == outcome.text.split(separator: "\n").map(String.init), "\(results)")
  }

  private func compare(_ sent: JSON, _ channel: CookbookChannel) throws {
    guard case .object(let wanted) = sent else { return }
    if let printed = wanted["print"] {
      #expect(printed == .string(channel.printed ?? ""))
      return
    }
    let request = try #require(channel.request)
    for (name, value) in zip(wanted.names, wanted.values) {
      switch (name, value) {
      case ("headers", .object(let headers)):
        for (header, value) in zip(headers.names, headers.values) {
          #expect(JSON.string(request.header(header) ?? "") == value, "\(header)")
        }
      case ("body", .string(let text)): #expect(String(decoding: request.body ?? [], as: UTF8.self) == text)
      case ("body", _): #expect(try JSON(parsing: request.body ?? []) == value)
      case (_, .string(let text)): #expect("\(request.method.rawValue) \(request.url)" == "\(name) \(text)")
      default: Issue.record("'\(name)' is no part of what is sent")
      }
    }
  }
}

/// A channel that gives one answer and remembers what it was asked.
private final class CookbookChannel: Fetcher {
  static let kind = "cookbook"
  static let summary = "Answers once."
  private let answer: Response
  private let asked = Mutex<(Request?, String?)>((nil, nil))

  init(_ answer: Response) { self.answer = answer }

  var request: Request? { asked.withLock { $0.0 } }
  var printed: String? { asked.withLock { $0.1 } }
  func print(_ line: String) { asked.withLock { $0.1 = line } }

  func exchange(_ request: Request) async throws(FetchFailure) -> Response {
    asked.withLock { $0.0 = request }
    return answer
  }
}

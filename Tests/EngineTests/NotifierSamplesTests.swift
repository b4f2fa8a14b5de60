import Engine
import Language
import Notifying
import PluginHost
import SiteSpecs
import Synchronization
import TestSupport
import Testing

/// The notifiers as shipped, each given recorded-shape answers: samples/notifiers/README.md.
struct NotifierSamplesTests {
  static let names = Folder.names(of: packageRoot + "/notifiers", ending: ".yaml")

  private let time = ManualTime()

  @Test func `there are notifiers, and the bones among them`() {
    #expect(Set(Self.names).isSuperset(of: ["telegram", "smsir", "webhook", "bale", "ntfy", "console"]))
  }

  @Test(arguments: names) func `a shipped notifier reads without a word`(_ name: String) throws {
    let file = "notifiers/\(name).yaml"
    let (spec, diagnostics) = SpecReader(catalog: Builtins.catalog).readNotifier(
      file: file, bytes: try bytes(of: packageRoot + "/" + file))
    #expect(diagnostics.isEmpty, "\(diagnostics)")
    #expect(spec?.id == name)
  }

  @Test(arguments: names) func `every sample of a notifier comes out as it says`(_ name: String) async throws {
    let spec = try Shipped.spec(name)
    let folder = packageRoot + "/samples/notifiers/" + name
    let cases = Folder.names(of: folder, ending: ".json")
    #expect(!cases.isEmpty)
    var decided: Set<String> = []
    for file in cases {
      let sample = try NotifierSample(try bytes(of: folder + "/" + file + ".json"))
      for rule in try await check(sample, of: spec, "\(name)/\(file)") { decided.insert(rule) }
    }
    // A line that no sample needs is a line that nobody has tried.
    let undecided = spec.outcomes.map(\.keyPath).filter { !decided.contains($0) }
    #expect(undecided.isEmpty, "no sample is decided by \(undecided)")
  }

  /// - Returns: The outcome lines that decided.
  private func check(_ sample: NotifierSample, of spec: NotifierSpec, _ label: String) async throws -> [String] {
    let channel = OneAnswer(sample.answer)
    let adapter = try NotifierAdapter(
      spec: spec, channel: Shipped.channel(spec, sample.settings), catalog: Builtins.catalog, fetcher: channel,
      time: time
    ) { _ in }
    let message = Message.test(language: "fa", at: time.now())
    let results = await adapter.send(
      Outgoing(
        id: "sample_1", recipients: sample.recipients, message: message, rendered: adapter.render(message),
        plain: sample.isPlain))
    #expect(results.count == sample.expected.count, "\(label)")
    for (result, expected) in zip(results, sample.expected) {
      let found = NotifierSample.members(of: result)
      for (member, value) in expected { #expect(found[member] == value, "\(label): \(member)") }
    }
    try sample.checkRequest(channel.request, label)
    return results.compactMap(\.rule)
  }

  @Test(.enabled(if: shared("captures/smsir/status_codes.json") != nil, "needs ../shared/captures/smsir"))
  func `each of Sms.ir's 31 codes does what its class asks for`() async throws {
    let words = [
      "ok": "delivered", "retry": "retry", "permanent-config": "misconfigured", "pause-until-topped-up": "paused",
      "permanent-recipient": "recipient_gone", "permanent-request": "rejected",
    ]
    let file = try JSON(parsing: try bytes(of: try #require(shared("captures/smsir/status_codes.json"))))
    guard case .array(let codes)? = file.member("codes") else { return }
    #expect(codes.count == 31)
    let spec = try Shipped.spec("smsir")
    for code in codes {
      let status = Value(json: code.member("status") ?? .null).plainText
      let body = #"{"status":\#(status),"message":"x","data":null}"#
      let adapter = try NotifierAdapter(
        spec: spec, channel: Shipped.channel(spec, [:]), catalog: Builtins.catalog,
        fetcher: OneAnswer(.success(Response(status: 200, body: Array(body.utf8), url: ""))), time: time)
      let result = await adapter.sendNow(.test(language: "fa", at: time.now()), to: "09000000001", id: "s")
      let kind = Value(json: code.member("class") ?? .null).plainText
      // Too many requests are waited for rather than retried.
      #expect(result.outcome.word == (status == "20" ? "throttled" : words[kind]), "status \(status)")
    }
  }
}

/// Notifiers as they stand in the repository, and channels with invented settings.
enum Shipped {
  static func spec(_ name: String) throws -> NotifierSpec {
    let file = "notifiers/\(name).yaml"
    let reader = SpecReader(catalog: Builtins.catalog)
    return try #require(reader.readNotifier(file: file, bytes: try bytes(of: packageRoot + "/" + file)).spec)
  }

  private static let settings: [String: [String: Channel.Setting]] = [
    "telegram": ["token": .secret(Secret("111:SAMPLE-token-of-nobody"))],
    "bale": ["token": .secret(Secret("111:SAMPLE-token-of-nobody"))],
    "ntfy": ["token": .secret(Secret("tk_sample_of_nobody"))],
    "smsir": ["key": .secret(Secret("sample-key-of-nobody")), "line": .plain(.integer(30_000_000))],
    "webhook": [
      "url": .plain(.text("https://hooks.example/slots?team=ops")),
      "secret": .secret(Secret("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX")),
    ],
  ]

  static func channel(_ spec: NotifierSpec, _ more: [String: Value]) -> Channel {
    var all = settings[spec.id] ?? [:]
    for option in spec.options.options {
      if let value = option.defaultValue, all[option.name] == nil { all[option.name] = .plain(value) }
    }
    for (name, value) in more { all[name] = .plain(value) }
    return Channel(name: spec.id, notifier: spec.id, enabled: true, settings: all)
  }
}

/// A channel's server that knows one answer.
private final class OneAnswer: Fetcher {
  static let kind = "one-answer"
  static let summary = "a test's own"

  private let answer: Result<Response, FetchFailure>
  private let last = Mutex<Request?>(nil)

  init(_ answer: Result<Response, FetchFailure>) { self.answer = answer }

  var request: Request? { last.withLock { $0 } }

  func exchange(_ request: Request) async throws(FetchFailure) -> Response {
    last.withLock { $0 = request }
    return try answer.get()
  }
}

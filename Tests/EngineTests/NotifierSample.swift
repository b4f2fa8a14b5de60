import Language
import Notifying
import PluginHost
import SiteSpecs
import Testing

/// One file of samples/notifiers: what a channel answers, and what that must come to.
struct NotifierSample {
  var recipients: [String] = []
  var settings: [String: Value] = [:]
  var isPlain = false
  /// A failure for `printed`, which nobody asks for.
  var answer: Result<Response, FetchFailure> = .failure(FetchFailure(.connect, "nothing is sent"))
  var expected: [[String: String]] = []
  private var request: JSON?

  private static let keys: Set<String> = [
    "says", "recipients", "settings", "plain", "answer", "expect", "request",
  ]

  init(_ file: [UInt8]) throws {
    let json = try JSON(parsing: file)
    for name in json.members.names where !Self.keys.contains(name) { Issue.record("unknown key \(name)") }
    try #require(json.member("says") != nil)
    recipients = json.member("recipients")?.elements.map(\.plain) ?? []
    for (name, value) in json.member("settings")?.pairs ?? [] { settings[name] = Value(json: value) }
    isPlain = json.member("plain") == .bool(true)
    request = json.member("request")
    expected = try #require(json.member("expect")).elements.map { entry in
      Dictionary(entry.pairs.map { ($0.0, $0.1.plain) }) { $1 }
    }
    try readAnswer(try #require(json.member("answer")))
  }

  private mutating func readAnswer(_ json: JSON) throws {
    if let word = json.member("failure")?.plain {
      answer = .failure(FetchFailure(try #require(FetchFailure.Reason(rawValue: word)), "a sample"))
    } else if let status = json.member("status").flatMap({ Int($0.plain) }) {
      let body = json.member("body").map { body in
        if case .string(let text) = body { text } else { body.text }
      }
      let headers = (json.member("headers")?.pairs ?? []).map { Request.Header($0.0, $0.1.plain) }
      answer = .success(Response(status: status, headers: headers, body: Array((body ?? "").utf8), url: ""))
    }
  }

  /// A result in the words of `expect`.
  static func members(of result: SendResult) -> [String: String] {
    var members = [
      "outcome": result.outcome.word, "reason": result.reason.rawValue, "doubtful": result.doubtful ? "true" : "false",
    ]
    switch result.outcome {
    case .delivered(let receipt): members["receipt"] = receipt
    case .throttled(let wait), .retry(let wait): members["retry_after"] = wait.map { String($0.components.seconds) }
    case .moved(let to): members["to"] = to
    default: break
    }
    return members
  }

  func checkRequest(_ sent: Request?, _ label: String) throws {
    guard let request else { return }
    let sent = try #require(sent, "\(label)")
    #expect(sent.method.rawValue == request.member("method")?.plain, "\(label)")
    #expect(sent.url == request.member("url")?.plain, "\(label)")
    for (name, value) in request.member("headers")?.pairs ?? [] {
      #expect(sent.header(name) == value.plain, "\(label): \(name)")
    }
    let body = try JSON(parsing: sent.body ?? [])
    for (name, value) in request.member("body")?.pairs ?? [] {
      #expect(body.member(name) == value, "\(label): \(name)")
    }
    guard let secret = request.member("signed_with")?.plain else { return }
    let at = Instant(seconds: try #require(Int64(sent.header("webhook-timestamp") ?? "")))
    #expect(
      try StandardWebhooks(secret: Secret(secret)).verify(
        id: sent.header("webhook-id"), timestamp: sent.header("webhook-timestamp"),
        signature: sent.header("webhook-signature"), body: sent.body ?? [], now: at), "\(label)")
  }
}

extension JSON {
  var members: JSONObject { if case .object(let members) = self { members } else { JSONObject() } }
  var pairs: [(String, JSON)] { Array(zip(members.names, members.values)) }
  var elements: [JSON] { if case .array(let elements) = self { elements } else { [] } }
  var plain: String { Value(json: self).plainText }
  func member(_ name: String) -> JSON? { members[name] }
}

/// Names of a folder's files.
enum Folder {
  /// Sorted, without their ending; none where there is no folder.
  static func names(of path: String, ending: String) -> [String] {
    (SpecFiles.disk.list(path) ?? []).filter { $0.hasSuffix(ending) && !$0.hasPrefix(".") }
      .map { String($0.dropLast(ending.count)) }.sorted()
  }
}

import Fetchers
import Language
import LoopbackServer
import Notifying
import PluginHost
import TestSupport

@testable import Engine

/// A site and three channels behind one broken network, and the real clients that speak to them.
final class FaultScene: Sendable {
  let row: FaultRow
  let server: RecordingServer
  let proxy: FaultProxy?
  let fetcher: CurlFetcher
  private let certificates: TestCertificates?

  /// Where each client believes to be speaking to.
  private static let origins = [
    "https://site.example", "https://hooks.example", "https://api.telegram.org", "https://api.sms.ir",
  ]

  init(_ row: FaultRow) async throws {
    self.row = row
    certificates = row.needsTLS ? try await TestCertificates() : nil
    var (fault, target): (FaultProxy.Fault?, String?) = (nil, nil)
    switch row.network {
    case .refusing:
      server = try RecordingServer()
      target = try FaultServer.refusingOrigin()
    case .proxied(let made):
      server = try RecordingServer()
      fault = made
    case .tls(let kind): server = try RecordingServer(identity: certificates?.identity(kind))
    case .tlsProxied(let made):
      server = try RecordingServer(identity: certificates?.identity(.good))
      fault = made
    case .plainForTLS:
      server = try RecordingServer()
      target = "https" + server.origin.dropFirst("http".count)
    }
    proxy = try fault.map { [port = server.port] in try FaultProxy(to: port, $0) }
    let scheme = row.needsTLS ? "https" : "http"
    let origin = target ?? proxy.map { "\(scheme)://127.0.0.1:\($0.port)" } ?? server.origin
    var configuration = try CurlFetcher.Configuration(
      origins: try OriginMap(parsing: Self.origins.map { "\($0)=\(origin)" }))
    configuration.certificateAuthorities = certificates?.authorities
    fetcher = CurlFetcher(configuration: configuration)
    answerWell()
  }

  /// 40 kB of it, so that an answer can be cut anywhere.
  private static let padding = String(repeating: "x", count: 40_000)

  private func answerWell() {
    let rows = #"{"rows":[{"id":1},{"id":2}],"padding":"\#(Self.padding)"}"#
    server.on("GET", "/list", .json(#"{"rows":[{"id":1}],"padding":"\#(Self.padding)"}"#), .json(rows))
    server.on("POST", "/slots", .json(#"{"padding":"\#(Self.padding)"}"#))
    server.on(
      "POST", "/bot111:SAMPLE-token-of-nobody/sendMessage",
      .json(#"{"ok":true,"result":{"message_id":7},"padding":"\#(Self.padding)"}"#))
    server.on("POST", "/v1/send/bulk", .json(#"{"status":1,"data":{"messageIds":[7]},"padding":"\#(Self.padding)"}"#))
  }

  /// What one exchange comes to for that client.
  struct Outcome: Sendable {
    /// nil where the answer came.
    var reason: String?
    var isDoubtful: Bool
    var detail: String
  }

  func exchange(_ client: FaultClient, id: String = "d_1") async throws -> Outcome {
    guard client.notifier != nil else {
      do throws(FetchFailure) {
        _ = try await fetcher.exchange(Request(url: "https://site.example/list", timeout: row.timeout))
        return Outcome(reason: nil, isDoubtful: false, detail: "")
      } catch {
        return Outcome(
          reason: error.reason.rawValue, isDoubtful: FaultClient.mayHaveArrived(error.reason), detail: error.message)
      }
    }
    let adapter = try adapter(client)
    let result = await adapter.sendNow(
      .test(language: "fa", at: SystemTime().now()), to: adapter.spec.takesRecipient ? client.address : nil, id: id)
    if case .delivered = result.outcome { return Outcome(reason: nil, isDoubtful: false, detail: "") }
    return Outcome(reason: result.reason.rawValue, isDoubtful: result.doubtful, detail: result.detail ?? "")
  }

  /// The channel as shipped, with the row's time.
  func adapter(_ client: FaultClient) throws -> NotifierAdapter {
    var spec = try Shipped.spec(client.notifier ?? "")
    if case .http(var request) = spec.send {
      request.timeout = row.timeout
      spec.send = .http(request)
    }
    return try NotifierAdapter(
      spec: spec,
      channel: Shipped.channel(spec, client == .webhook ? ["url": .text("https://hooks.example/slots")] : [:]),
      catalog: Builtins.catalog, fetcher: fetcher, time: SystemTime())
  }
}

extension FaultClient {
  /// Of nobody.
  var address: String { self == .sms ? "09000000001" : "1001" }
}

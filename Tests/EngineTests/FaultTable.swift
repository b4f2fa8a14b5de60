import PluginHost
import TestSupport
import Testing

/// One way in which the way to a server breaks, and what each of our clients must make of it.
///
/// The rows are the promise: `FaultMatrixTests` proves each, and docs/faults.md is written from them.
struct FaultRow: Sendable, CustomTestStringConvertible {
  /// How the fault is made.
  enum Network: Sendable, Hashable {
    /// Nothing listens.
    case refusing
    case proxied(FaultProxy.Fault)
    /// The server speaks TLS and shows such a certificate.
    case tls(TestCertificates.Kind)
    /// TLS in order, over a spoiled network.
    case tlsProxied(FaultProxy.Fault)
    /// The client speaks TLS and the server does not.
    case plainForTLS
  }

  /// Whether the server has had the whole request: what the proxy's other side knows and the client does not.
  enum Heard: String, Sendable { case never = "no", always = "yes" }

  var name: String
  var means: String
  var network: Network
  /// The labels it may get: more than one where the kernel decides whether the end or the request comes first. None
  /// where an answer comes all the same.
  var reasons: [FetchFailure.Reason]
  var heard: Heard
  /// For the whole exchange. 5 s where it is waited for, which leaves a busy machine the time to connect.
  var timeout: Duration = .seconds(30)

  var testDescription: String { name }

  var needsTLS: Bool {
    switch network {
    case .tls, .tlsProxied: true
    case .refusing, .proxied, .plainForTLS: false
    }
  }

  static let all: [FaultRow] = [
    FaultRow(
      name: "refused", means: "nothing listens on the port", network: .refusing, reasons: [.connect], heard: .never),
    FaultRow(
      name: "reset at connect", means: "RST as soon as the connection is there", network: .proxied(.resetAtConnect),
      reasons: [.connect, .reset], heard: .never),
    FaultRow(
      name: "black hole", means: "the connection is accepted, nobody reads", network: .proxied(.blackhole),
      reasons: [.timeout], heard: .never, timeout: .seconds(5)),
    FaultRow(
      name: "reset after headers", means: "RST once the head of the answer has come",
      network: .proxied(.resetAfterHead), reasons: [.reset], heard: .always),
    FaultRow(
      name: "cut before the answer", means: "closed without an answer", network: .proxied(.cut(after: 0)),
      reasons: [.reset], heard: .always),
    FaultRow(
      name: "cut in the headers", means: "closed after 40 bytes of the answer", network: .proxied(.cut(after: 40)),
      reasons: [.reset], heard: .always),
    FaultRow(
      name: "cut in the body", means: "closed 20 kB into the answer", network: .proxied(.cut(after: 20_000)),
      reasons: [.reset], heard: .always),
    FaultRow(
      name: "half-closed", means: "the server's side ends 20 kB into the answer, ours stays open",
      network: .proxied(.halfClose(after: 20_000)), reasons: [.reset], heard: .always),
    FaultRow(
      name: "stalled", means: "the request is taken, no answer comes", network: .proxied(.stall), reasons: [.timeout],
      heard: .always, timeout: .seconds(5)),
    FaultRow(
      name: "drip", means: "the answer comes at one byte a second", network: .proxied(.drip(every: .seconds(1))),
      reasons: [.timeout], heard: .always, timeout: .seconds(5)),
    FaultRow(
      name: "late", means: "the answer comes after 2 s, within the time", network: .proxied(.latency(.seconds(2))),
      reasons: [], heard: .always),
    FaultRow(
      name: "garbage", means: "noise in place of an answer", network: .proxied(.garbage), reasons: [.garbled],
      heard: .always),
    FaultRow(
      name: "TLS: wrong name", means: "the certificate is another host's", network: .tls(.wrongName), reasons: [.tls],
      heard: .never),
    FaultRow(
      name: "TLS: expired", means: "the certificate's time is over", network: .tls(.expired), reasons: [.tls],
      heard: .never),
    FaultRow(
      name: "TLS: self-signed", means: "nobody we trust signed it", network: .tls(.selfSigned), reasons: [.tls],
      heard: .never),
    FaultRow(
      name: "TLS: none", means: "plain text where TLS was to begin", network: .plainForTLS, reasons: [.tls],
      heard: .never),
    FaultRow(
      name: "TLS: truncated", means: "closed 100 bytes into the handshake", network: .tlsProxied(.cut(after: 100)),
      reasons: [.tls], heard: .never),
    FaultRow(
      name: "TLS: stalled", means: "the handshake is never answered", network: .tlsProxied(.stall), reasons: [.connect],
      heard: .never, timeout: .seconds(5)),
    FaultRow(
      name: "TLS: cut in the body", means: "closed 20 kB into the answer, after the handshake",
      network: .tlsProxied(.cut(after: 20_000)), reasons: [.reset], heard: .always),
  ]
}

/// Who speaks to the server, and so who decides what happens next.
enum FaultClient: String, Sendable, CaseIterable {
  case fetch, webhook, telegram, sms

  /// The notifier's file; nil for the fetcher of sites.
  var notifier: String? {
    switch self {
    case .fetch: nil
    case .webhook, .telegram: rawValue
    case .sms: "smsir"
    }
  }

  /// What comes after a failure of that kind.
  enum Next: String, Sendable {
    /// Reading again does no harm; nothing is concluded from the failure.
    case nextRun = "next run"
    /// The same delivery id in every attempt, after 2 s, 4 s … 5 min, for as long as the alert is of use.
    case again
    /// No idempotency key there: one more try, then given up as `unsure`.
    case onceMore = "once more"
  }

  func next(after reason: FetchFailure.Reason) -> Next {
    switch self {
    case .fetch: .nextRun
    case .webhook, .telegram: .again
    case .sms: FaultClient.mayHaveArrived(reason) ? .onceMore : .again
    }
  }

  /// The one place that says which labels leave it open whether the request was acted upon.
  static func mayHaveArrived(_ reason: FetchFailure.Reason) -> Bool {
    switch reason {
    case .timeout, .reset, .garbled, .tooLarge, .cancelled: true
    case .dns, .connect, .tls, .tooManyRedirects, .refusedAddress, .refusedURL, .refusedNever, .refusedRobots: false
    case .heldBack, .offline, .proxy: false
    }
  }
}

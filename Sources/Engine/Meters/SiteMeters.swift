import Language
import Metrics
import PluginHost

/// What is counted for one site; every instrument is found once.
final class SiteMeters: Sendable {
  private let runs: [Verdict: Counter]
  private let changes: [Change.Kind: Counter]
  private let fetches: [FetchResult: Counter]
  private let fetchTime: Histogram
  private let fetchedBytes: Counter
  private let extractTime: Histogram

  init(_ registry: Registry, site: String) {
    func counters<Word: CaseIterable & Hashable>(
      _ description: MetricDescription, _ text: (Word) -> String
    ) -> [Word: Counter] {
      Dictionary(uniqueKeysWithValues: Word.allCases.map { ($0, registry.counter(description, site, text($0))) })
    }
    runs = counters(MeterCatalog.runs) { $0.rawValue }
    changes = counters(MeterCatalog.changes) { $0.rawValue }
    fetches = counters(MeterCatalog.fetches) { $0.word }
    fetchTime = registry.histogram(MeterCatalog.fetchTime, site)
    fetchedBytes = registry.counter(MeterCatalog.fetchedBytes, site)
    extractTime = registry.histogram(MeterCatalog.extractTime, site)
  }

  /// A run as it was stored.
  func ran(_ verdict: Verdict, changes found: [Change], requests: [RequestTrace]) {
    runs[verdict]?.add()
    for change in found { changes[change.kind]?.add() }
    for request in requests { note(request) }
  }

  private func note(_ request: RequestTrace) {
    if let time = request.extraction { extractTime.observe(time) }
    guard let result = FetchResult(request) else { return }
    fetches[result]?.add()
    // What never left, or was never answered, has no time of its own.
    guard request.status != nil else { return }
    fetchTime.observe(request.elapsed)
    fetchedBytes.add(request.bytes)
  }
}

/// What a request came to, in the words of ``MeterCatalog/fetches``.
enum FetchResult: Sendable, Hashable, CaseIterable {
  case ok, notModified, throttled, clientError, serverError
  case none(FetchFailure.Reason)

  static var allCases: [FetchResult] {
    [.ok, .notModified, .throttled, .clientError, .serverError] + FetchFailure.Reason.allCases.map(FetchResult.none)
  }

  /// nil for what was answered without asking: kept rows, the same request of the same run.
  init?(_ request: RequestTrace) {
    switch request.source {
    case "304": self = .notModified
    case "network":
      if let failure = request.failure {
        self = .none(failure)
      } else {
        switch request.status ?? 0 {
        case 429: self = .throttled
        case 400..<500: self = .clientError
        case 500...: self = .serverError
        default: self = .ok
        }
      }
    default: return nil
    }
  }

  var word: String {
    switch self {
    case .ok: "ok"
    case .notModified: "not_modified"
    case .throttled: "throttled"
    case .clientError: "client_error"
    case .serverError: "server_error"
    case .none(let reason): reason.rawValue
    }
  }
}

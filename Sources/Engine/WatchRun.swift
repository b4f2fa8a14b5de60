import Fetchers
import Language
import PluginHost
import Storage

/// How one branch ended, with what it holds.
public struct BranchResult: Sendable {
  public var name: BranchName
  public var verdict: Verdict
  public var detail: String?
  /// Key path of the rule that decided.
  public var rule: String
  /// Before `drop`, each key once; only where the verdict is good.
  public var items: [Item]
  /// Rows left out because an item had their key already.
  public var duplicates: Int
  /// Of ``items``: what `unchanged` is judged by.
  public var rowsHash: String
  public var trace: [RequestTrace]
}

/// One request of a run, for people: no header, no body, no query.
public struct RequestTrace: Sendable, Hashable {
  public var step: String
  public var method: String
  public var url: String
  public var status: Int?
  public var failure: FetchFailure.Reason?
  public var bytes: Int
  public var elapsed: Duration
  /// `network`, `304` (stored body), `memo` (asked already in this run), `rows` (kept by `refresh`), `limit` (not sent:
  /// the run has sent as many as it may, or its spec is quarantined).
  public var source: String
  public var verdict: Verdict
  public var rule: String
  public var detail: String?
  public var rows: Int
  /// What gave the rows: `steps[1].rows[0]: entries $.result[*][*].turns`.
  public var selector: String? = nil
  /// Time to judge the answer and read its rows; nil where there was none to read.
  public var extraction: Duration? = nil
}

/// What one execution of a watch found.
public struct RunResult: Sendable {
  public var startedAt: Instant
  public var endedAt: Instant
  public var branches: [BranchResult]
  public var pages: [PageRecord]
  public var stepRows: [StepRowsRecord]
  /// Every request in the order they were sent.
  public var trace: [RequestTrace]

  /// A hash of all that was answered, where nothing else decides what is read.
  public var answers: String?
  /// It was answered what the last run was, which had no news: nothing was read.
  public var isRepetition = false

  /// The most serious verdict of the branches.
  public var verdict: Verdict { branches.map(\.verdict).max() ?? .empty }

  /// Requests that reached an origin, by origin.
  var requests: [String: Int] {
    trace.reduce(into: [:]) { counts, request in
      guard request.source == "network" || request.source == "304", let origin = Fetchers.origin(of: request.url)
      else { return }
      counts[origin, default: 0] += 1
    }
  }
}

/// Executes a watch once: steps row by row, answers judged, rows typed. Stores nothing.
public struct WatchRunner: Sendable {
  var catalog: PluginCatalog
  var sender: RequestSender
  var time: any TimeSource
  var userAgent: String
  /// Where answers are read; nil reads them where the run is, without a watchdog.
  var extraction: ExtractionPool?

  public init(
    catalog: PluginCatalog, sender: RequestSender, time: any TimeSource, userAgent: String,
    extraction: ExtractionPool? = nil
  ) {
    self.catalog = catalog
    self.sender = sender
    self.time = time
    self.userAgent = userAgent
    self.extraction = extraction
  }

  /// - Parameters:
  ///   - outline: Stored pages and rows; an empty one reads everything anew.
  ///   - now: The instant that `now` is in the spec's templates and expressions.
  public func run(_ watch: Watch, outline: WatchOutline = WatchOutline(), now: Instant) async -> RunResult {
    let memo = RunMemo(outline, begun: time.uptime())
    var forced: Set<String> = []
    let startedAt = time.now()
    while true {
      let pass = RunPass(runner: self, watch: watch, now: now, memo: memo, forced: forced)
      let ledger = await pass.run()
      // A step that is to be read again makes the run start over, once for each step; what was asked is not asked again.
      if let step = ledger.rereads.first(where: { !forced.contains($0) }) {
        forced.insert(step)
        continue
      }
      return RunResult(
        startedAt: startedAt, endedAt: time.now(), branches: ledger.results(watch.spec), pages: memo.pages,
        stepRows: memo.stepRows, trace: memo.trace, answers: memo.answers, isRepetition: memo.isRepetition)
    }
  }
}

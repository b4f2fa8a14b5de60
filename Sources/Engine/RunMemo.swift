import Language
import PluginHost
import Storage
import Synchronization

/// What a run has asked already, and what it keeps for the next one. Shared by the rows that are asked for side by side.
final class RunMemo: Sendable {
  private struct State {
    var answers: [String: Result<Response, FetchFailure>] = [:]
    var pages: [PageRecord] = []
    var stepRows: [StepRowsRecord] = []
    var trace: [RequestTrace] = []
    var sent = 0
    var answersHash: String?
  }

  private let storedPages: [PageRecord]
  private let storedRows: [StepRowsRecord]
  /// Branches whose last good reading held nothing.
  let emptyBranches: Set<BranchName>
  /// ``WatchOutline/answers``.
  private let knownAnswers: String?
  private let state = Mutex(State())

  /// Requests that one run may send; redirects are bounded apart. The largest doctor seen needs 60; a spec that asks
  /// for more than this once a minute asks for more than any origin's limits allow. Found by judgement.
  static let maxRequests = 1000

  let beginning: RunBeginning

  /// - Parameter begun: The uptime.
  init(_ outline: WatchOutline, begun: Duration) {
    beginning = RunBeginning(begun)
    storedPages = outline.pages
    storedRows = outline.stepRows
    knownAnswers = outline.answers
    emptyBranches = Set(
      outline.branches.lazy.filter { $0.lastGoodAt != nil && $0.rowsHash == StableHash.ofNothing }.map(\.name))
  }

  var pages: [PageRecord] { state.withLock(\.pages) }
  var stepRows: [StepRowsRecord] { state.withLock(\.stepRows) }
  var trace: [RequestTrace] { state.withLock(\.trace) }

  /// A hash of all that was answered, where nothing else decides what is read.
  var answers: String? { state.withLock(\.answersHash) }
  /// The run was answered what the last one was, which had no news.
  var isRepetition: Bool { knownAnswers != nil && answers == knownAnswers }

  func note(answers: String) { state.withLock { $0.answersHash = answers } }

  /// Everything that was answered, by the request's identity.
  var answered: [String: Result<Response, FetchFailure>] { state.withLock(\.answers) }

  func answer(_ identity: String) -> Result<Response, FetchFailure>? { state.withLock { $0.answers[identity] } }
  func page(_ identity: String) -> PageRecord? { storedPages.first { $0.request == identity } }

  /// Counts a request that is about to be sent; false where the run has sent as many as it may. One that was sent
  /// already has its answer.
  func admits(_ identity: String) -> Bool {
    state.withLock { state in
      if state.answers[identity] != nil { return true }
      guard state.sent < RunMemo.maxRequests else { return false }
      state.sent += 1
      return true
    }
  }

  func keep(_ answer: Result<Response, FetchFailure>, for identity: String) {
    state.withLock { $0.answers[identity] = answer }
  }

  func keep(_ page: PageRecord) {
    state.withLock { state in
      state.pages.removeAll { $0.request == page.request }
      state.pages.append(page)
    }
  }

  func keep(_ rows: StepRowsRecord) {
    state.withLock { state in
      state.stepRows.removeAll { $0.request == rows.request }
      state.stepRows.append(rows)
    }
  }

  /// Rows kept by `refresh`, where they are of this spec and still fresh.
  func rows(_ identity: String, version: String, refresh: Duration, now: Instant) -> [RowReader.Fields]? {
    guard let record = storedRows.last(where: { $0.request == identity }), record.specVersion == version,
      record.fetchedAt <= now, now - record.fetchedAt < refresh
    else { return nil }
    return StepRowsRecord.decode(record.rows)
  }

  func note(_ request: RequestTrace) { state.withLock { $0.trace.append(request) } }
}

extension StepRowsRecord {
  /// `[[["name", value], …], …]` with values as ``Value/encoded``: order is kept.
  static func encode(_ rows: [RowReader.Fields]) -> JSON {
    .array(rows.map { row in .array(row.map { .array([.string($0.name), $0.value.encoded]) }) })
  }

  /// nil for what ``encode(_:)`` never made.
  static func decode(_ json: JSON) -> [RowReader.Fields]? {
    guard case .array(let rows) = json else { return nil }
    var result: [RowReader.Fields] = []
    for case .array(let row) in rows {
      var fields: RowReader.Fields = []
      for case .array(let pair) in row {
        guard pair.count == 2, case .string(let name) = pair[0], let value = Value(encoded: pair[1]) else { return nil }
        fields.append(Item.Field(name, value))
      }
      result.append(fields)
    }
    return result
  }
}

import Language
import PluginHost
import Storage

/// What a run has asked already, and what it keeps for the next one.
actor RunMemo {
  private let storedPages: [String: PageRecord]
  private let storedRows: [String: StepRowsRecord]
  /// Branches whose last good reading held nothing.
  nonisolated let emptyBranches: Set<BranchName>
  private var answers: [String: Result<Response, FetchFailure>] = [:]
  private(set) var pages: [PageRecord] = []
  private(set) var stepRows: [StepRowsRecord] = []
  private(set) var trace: [RequestTrace] = []
  private var sent = 0

  /// Requests that one run may send; redirects are bounded apart. The largest doctor seen needs 60; a spec that asks
  /// for more than this once a minute asks for more than any origin's limits allow. Found by judgement.
  static let maxRequests = 1000

  init(state: WatchState) {
    storedPages = Dictionary(state.pages.map { ($0.request, $0) }, uniquingKeysWith: { $1 })
    let nothing = StableHash.text(of: [])
    emptyBranches = Set(state.branches.filter { $0.lastGoodAt != nil && $0.rowsHash == nothing }.map(\.name))
    storedRows = Dictionary(state.stepRows.map { ($0.request, $0) }, uniquingKeysWith: { $1 })
  }

  func answer(_ identity: String) -> Result<Response, FetchFailure>? { answers[identity] }
  func page(_ identity: String) -> PageRecord? { storedPages[identity] }

  /// Counts a request that is about to be sent; false where the run has sent as many as it may. One that was sent
  /// already has its answer.
  func admits(_ identity: String) -> Bool {
    if answers[identity] != nil { return true }
    guard sent < RunMemo.maxRequests else { return false }
    sent += 1
    return true
  }

  func keep(_ answer: Result<Response, FetchFailure>, for identity: String) { answers[identity] = answer }

  func keep(_ page: PageRecord) {
    pages.removeAll { $0.request == page.request }
    pages.append(page)
  }

  func keep(_ rows: StepRowsRecord) {
    stepRows.removeAll { $0.request == rows.request }
    stepRows.append(rows)
  }

  /// Rows kept by `refresh`, where they are of this spec and still fresh.
  func rows(_ identity: String, version: String, refresh: Duration, now: Instant) -> [RowReader.Fields]? {
    guard let record = storedRows[identity], record.specVersion == version, record.fetchedAt <= now,
      now - record.fetchedAt < refresh
    else { return nil }
    return StepRowsRecord.decode(record.rows)
  }

  func note(_ request: RequestTrace) { trace.append(request) }
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

import Language
import PluginHost
import Storage

/// A row on its way through the steps.
struct ChainRow: Sendable {
  /// In file order, ancestors first.
  private(set) var fields: RowReader.Fields = []
  /// What every row of the watch sees.
  let outer: Scope

  init(outer: Scope) { self.outer = outer }

  /// What its templates and conditions see; made anew each time, since most rows are never asked.
  var scope: Scope { outer.adding(fields.map { ($0.name, $0.value) }) }

  /// The row with a later step's fields: new names are added, names that were null are filled.
  func adding(_ more: RowReader.Fields) -> ChainRow {
    var row = self
    if fields.isEmpty, more.namesDiffer {
      row.fields = more
      return row
    }
    row.fields.reserveCapacity(fields.count + more.count)
    for field in more {
      if let index = row.fields.firstIndex(where: { $0.name == field.name }) {
        guard row.fields[index].value.isNull else { continue }
        row.fields[index] = field
      } else {
        row.fields.append(field)
      }
    }
    return row
  }

  /// nil where it is null or not known.
  func value(of name: String) -> Value? {
    let value = fields.first { $0.name == name }?.value ?? outer[name]
    return value.flatMap { $0.isNull ? nil : $0 }
  }

  /// The key fields that are known so far.
  func branch(_ key: [String]) -> BranchName {
    BranchName(key.compactMap { name in value(of: name).map { BranchName.Part(field: name, value: $0.keyText) } })
  }
}

/// What a step came to for one row.
struct StepOutcome: Sendable {
  var branch: BranchName
  var verdict: Verdict
  var detail: String?
  var rule: String
  var rows: [ChainRow] = []
  var reread: String?
  var trace: [RequestTrace] = []
}

/// One way through all steps, from the parameters to the items.
struct RunPass: Sendable {
  /// Rows of one step that are asked for at once; the origin's own concurrency is kept below it by the governor.
  static let width = 8

  var runner: WatchRunner
  var watch: Watch
  var now: Instant
  var memo: RunMemo
  /// Steps whose kept rows are not to be believed in this pass.
  var forced: Set<String>

  private var spec: SiteSpec { watch.spec }
  private var context: RenderContext { RenderContext(zone: spec.zone, now: now) }

  func run() async -> BranchLedger {
    var ledger = BranchLedger()
    var rows = [(row: ChainRow(outer: watch.scope), branch: BranchName.root)]
    for (index, step) in spec.steps.enumerated() {
      var next: [(row: ChainRow, branch: BranchName)] = []
      for outcome in await perform(step, isLast: index == spec.steps.count - 1, rows) {
        switch outcome {
        case .passed(let row, let branch): next.append((row, branch))
        case .asked(let outcome):
          ledger.note(outcome)
          if outcome.verdict == .items { next += outcome.rows.map { ($0, outcome.branch) } }
        }
      }
      rows = next
    }
    ledger.note(rows, rules: spec.items, context: context)
    return ledger
  }

  private enum Result: Sendable {
    /// `when` was false: the row goes on untouched.
    case passed(ChainRow, BranchName)
    case asked(StepOutcome)
  }

  private func perform(_ step: Step, isLast: Bool, _ rows: [(row: ChainRow, branch: BranchName)]) async -> [Result] {
    // One row, as every first step has, needs no task of its own.
    if rows.count == 1 { return [await perform(step, isLast: isLast, rows[0])] }
    return await withTaskGroup(of: (Int, Result).self) { group in
      var results = [Result?](repeating: nil, count: rows.count)
      var started = 0
      func start() {
        guard started < rows.count else { return }
        let (index, row) = (started, rows[started])
        started += 1
        group.addTask { (index, await perform(step, isLast: isLast, row)) }
      }
      for _ in 0..<RunPass.width { start() }
      while let (index, result) = await group.next() {
        results[index] = result
        start()
      }
      return results.compactMap(\.self)
    }
  }

  private func perform(
    _ step: Step, isLast: Bool, _ place: (row: ChainRow, branch: BranchName)
  ) async -> Result {
    if let when = step.when, !when.holds(in: place.row.scope, context) { return .passed(place.row, place.branch) }
    return .asked(await ask(step, isLast: isLast, for: place.row))
  }

  /// One step for one row: its kept rows where they are fresh, else its page or pages.
  private func ask(_ step: Step, isLast: Bool, for row: ChainRow) async -> StepOutcome {
    var outcome = StepOutcome(branch: row.branch(spec.items.key), verdict: .items, rule: "default")
    var cursor = PageCursor(step: step, context: context)
    var own: [RowReader.Fields] = []
    var identity: String?
    var isDeclaredEmpty = false
    /// A page's answer that asks for an earlier step to be read again before it is believed.
    var doubtful: Answer?
    repeat {
      let scope = row.scope.adding(cursor.members)
      let request: Request
      do {
        request = try cursor.apply(
          to: RequestBuilder(spec: spec, context: context, userAgent: runner.userAgent)
            .request(for: step.request, watch: watch.id, in: scope))
      } catch {
        return outcome.broken(step, "the request needs '\(error.name)', which is null")
      }
      if identity == nil {
        identity = request.identity(step: step.name)
        if let kept = keptRows(step, identity!) {
          outcome.trace.append(.kept(step, request, rows: kept.count))
          memo.note(outcome.trace[0])
          return outcome.with(kept.map(row.adding))
        }
      }
      let (answer, trace) = await self.answer(step, isLast: isLast, request, scope)
      outcome.trace.append(trace)
      guard answer.verdict.isGood, !memo.isRepetition else { return outcome.ended(answer) }
      if answer.verdict == .empty, step.pages == nil { return outcome.ended(believed(answer, outcome.branch)) }
      isDeclaredEmpty = isDeclaredEmpty || answer.isDeclaredEmpty
      if answer.reread != nil { doubtful = answer }
      own += answer.rows
      guard own.count <= RowReader.maxRows else {
        return outcome.broken(step, "more than \(RowReader.maxRows) rows on all pages (limit: items a run)")
      }
      do {
        try cursor.advance(after: answer, from: request.url)
      } catch {
        return outcome.broken(step, (error as? LayoutBreak)?.message ?? "\(error)")
      }
    } while cursor.hasPage
    if let doubtful {
      let answer = believed(doubtful, outcome.branch)
      if own.isEmpty || answer.reread != nil { return outcome.ended(answer) }
    }
    if own.isEmpty, !isLast, !isDeclaredEmpty {
      return outcome.broken(step, "no row found on any page, and no outcome says that this is empty")
    }
    if own.isEmpty { return outcome.ended(Answer(.empty)) }
    if step.refresh != nil, let identity {
      let rows = StepRowsRecord.encode(own)
      memo.keep(StepRowsRecord(request: identity, specVersion: spec.version, fetchedAt: now, rows: rows))
    }
    return outcome.with(own.map(row.adding))
  }

  /// An answer with `reread` is believed only where that step's rows were read in this run, or where it says what is
  /// known already: else a service that stays closed would have its page read again in every run.
  private func believed(_ answer: Answer, _ branch: BranchName) -> Answer {
    guard let name = answer.reread, let earlier = spec.steps.first(where: { $0.name == name }),
      earlier.refresh != nil, !forced.contains(name), !memo.emptyBranches.contains(branch),
      memo.trace.contains(where: { $0.step == name && $0.source == "rows" })
    else {
      var answer = answer
      answer.reread = nil
      return answer
    }
    return answer
  }

  private func keptRows(_ step: Step, _ identity: String) -> [RowReader.Fields]? {
    guard let refresh = step.refresh, !forced.contains(step.name) else { return nil }
    return memo.rows(identity, version: spec.version, refresh: refresh, now: now)
  }

  private func answer(
    _ step: Step, isLast: Bool, _ request: Request, _ scope: Scope
  ) async -> (Answer, RequestTrace) {
    let identity = request.identity(step: step.name)
    if let answer = runner.quarantined(step, of: spec) { return refused(step, request, answer) }
    guard memo.admits(identity) else { return refused(step, request) }
    let (result, source) = await fetch(request, identity)
    var trace = RequestTrace(step, request, source: source)
    trace.identity = identity
    var answer: Answer
    switch result {
    case .failure(let failure):
      answer = Answer(failure.verdict, rule: "default", detail: failure.message)
      trace.failure = failure.reason
    case .success(let response):
      if let hash = Repetition.hash(of: response, to: identity, watch, context) { memo.note(answers: hash) }
      if memo.isRepetition {
        answer = Answer(.unchanged)
      } else {
        let reader = AnswerReader(step: step, isLast: isLast, catalog: runner.catalog, context: context, scope: scope)
        let arrived = runner.time.uptime()
        answer = await runner.read(response, with: reader, for: spec)
        trace.extraction = runner.time.uptime() - arrived
        runner.witness?(
          SeenAnswer(
            step: step, isLast: isLast, request: request, response: response, scope: scope, context: context))
      }
      answer.url = response.url
      trace.status = response.status
      trace.bytes = response.body.count
      trace.elapsed = response.elapsed
    }
    trace.verdict = answer.verdict
    trace.rule = answer.rule
    trace.detail = answer.detail
    trace.rows = answer.rows.count
    trace.selector = answer.selector
    trace.flaws = answer.flaws
    memo.note(trace)
    return (answer, trace)
  }

  /// The run has sent as many requests as it may, or the spec is quarantined: what is left is not read, and says so.
  private func refused(_ step: Step, _ request: Request, _ reason: Answer? = nil) -> (Answer, RequestTrace) {
    let tooMany = "step '\(step.name)' needs more than \(RunMemo.maxRequests) requests in one run"
    let answer =
      reason ?? Answer(.layoutBroken, rule: step.keyPath, detail: "\(tooMany) (limit: requests a run)")
    var trace = RequestTrace(step, request, source: "limit")
    (trace.verdict, trace.rule, trace.detail) = (answer.verdict, answer.rule, answer.detail)
    memo.note(trace)
    return (answer, trace)
  }

  /// The answer, conditionally where a body is stored; a 304 is that body again, so that what was broken stays broken.
  private func fetch(_ request: Request, _ identity: String) async -> (Swift.Result<Response, FetchFailure>, String) {
    if let known = memo.answer(identity) { return (known, "memo") }
    var request = request
    // A condition on anything but a reading method may be answered 412 (RFC 9110, 13.1.2).
    let mayBeConditional = request.method == .get || request.method == .head
    let page = mayBeConditional ? memo.page(identity) : nil
    request.validators = page?.validators
    var source = "network"
    let result: Swift.Result<Response, FetchFailure>
    do throws(FetchFailure) {
      var response = try await runner.sender.send(request, limits: spec.limits, begun: memo.beginning)
      Failpoint.reach(.afterFetch)
      if response.status == 304, let page {
        response.status = 200
        response.body = page.body
        response.headers = page.contentType.map { [Request.Header("Content-Type", $0)] } ?? []
        source = "304"
      } else if mayBeConditional, response.status == 200, let validators = response.validators {
        memo.keep(
          PageRecord(
            request: identity, validators: validators, contentType: response.header("Content-Type"),
            body: response.body, fetchedAt: now))
      }
      result = .success(response)
    } catch {
      result = .failure(error)
    }
    memo.keep(result, for: identity)
    return (result, source)
  }
}

extension RowReader.Fields {
  /// Whether no name is there twice.
  fileprivate var namesDiffer: Bool {
    for (index, field) in enumerated() {
      for other in self[(index + 1)...] where other.name == field.name { return false }
    }
    return true
  }
}

extension StepOutcome {
  func ended(_ answer: Answer) -> StepOutcome {
    var outcome = self
    outcome.verdict = answer.verdict
    outcome.detail = answer.detail
    outcome.rule = answer.rule
    outcome.reread = answer.reread
    return outcome
  }

  func broken(_ step: Step, _ message: String) -> StepOutcome {
    ended(Answer(.layoutBroken, rule: step.keyPath, detail: message))
  }

  func with(_ rows: [ChainRow]) -> StepOutcome {
    var outcome = self
    outcome.rows = rows
    return outcome
  }
}

extension FetchFailure {
  /// A request that the spec's own `never` or the address gate refuses is the spec's fault; anything else the world's.
  var verdict: Verdict {
    switch reason {
    case .refusedNever, .refusedURL, .refusedAddress, .tooLarge, .tooManyRedirects: .layoutBroken
    case .refusedRobots: .blocked
    case .heldBack: .throttled
    default: .failed
    }
  }
}

extension RequestTrace {
  init(_ step: Step, _ request: Request, source: String) {
    self.init(
      step: step.name, method: request.method.rawValue, url: request.url.withoutQuery, status: nil, failure: nil,
      bytes: 0, elapsed: .zero, source: source, verdict: .items, rule: "default", detail: nil, rows: 0)
  }

  static func kept(_ step: Step, _ request: Request, rows: Int) -> RequestTrace {
    var trace = RequestTrace(step, request, source: "rows")
    trace.rows = rows
    return trace
  }
}

extension String {
  /// A URL as logs and traces may show it.
  var withoutQuery: String {
    let end = utf8.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }
    return end.map { String(self[..<$0]) } ?? self
  }
}

import Language
import PluginHost

/// How an answer was read, selector by selector: what `try --trace` shows.
public struct AnswerTrace: Sendable {
  /// A selector that was run on one or more nodes.
  public struct Selector: Sendable {
    /// `steps[0].rows.each`
    public var path: String
    public var kind: String
    public var source: String
    /// Nodes it was run on, and those of them on which it found something.
    public var runs: Int
    public var found: Int
    /// In all.
    public var matches: Int
    public var elapsed: Duration
    /// Why it could not be run to its end.
    public var problem: String?
    /// What needs a tree; nil where the page's bytes suffice.
    public var needsTree: String?
  }

  public struct Field: Sendable {
    public var path: String
    public var name: String
    public var selectors: [Selector]
    /// Rows it was read in, and those in which it is not null.
    public var rows: Int
    public var filled: Int
    /// Of the first row that has it (else of the first row): what was matched, what each filter made of it, what it was
    /// typed as.
    public var stages: [(name: String, value: Value)]
    /// The first that could not be typed.
    public var problem: String?
    /// How many.
    public var problems: Int
  }

  public struct Rows: Sendable {
    public var path: String
    public var selectors: [Selector]
    /// Nodes that were found, and those that `keep` leaves.
    public var candidates: Int
    public var kept: Int
    public var keep: String?
    public var fields: [Field]
    public var inner: [Rows]
  }

  public struct Outcome: Sendable {
    public var rule: String
    public var verdict: Verdict
    public var applies: Bool
  }

  public var step: String
  public var method: String
  public var url: String
  public var status: Int
  public var bytes: Int
  /// From the request to the last byte; zero for recordings.
  public var fetching: Duration
  /// To read and judge it.
  public var reading: Duration
  public var kind: DocumentKind
  /// Why the body is no document.
  public var problem: String?
  /// Those that were tried, up to the one that applied.
  public var outcomes: [Outcome]
  public var verdict: Verdict
  /// Key path of the rule that decided.
  public var rule: String
  public var detail: String?
  public var rowCount: Int
  /// What gave the rows.
  public var chosen: String?
  /// The document inside of the page, and the anchor.
  public var selectors: [Selector]
  public var fields: [Field]
  public var rows: [Rows]
}

/// An answer as a run saw it.
public struct SeenAnswer: Sendable {
  public var step: Step
  var isLast: Bool
  var request: Request
  public var response: Response
  var scope: Scope
  var context: RenderContext
}

/// Reads an answer again, as the run did, and counts. Slower than the run, and only ever asked for by a person.
public struct AnswerInspector: Sendable {
  /// More rows than this are counted and not looked into.
  static let looked = 1000

  var catalog: PluginCatalog
  var time: any TimeSource

  public init(catalog: PluginCatalog, time: any TimeSource) {
    self.catalog = catalog
    self.time = time
  }

  public func trace(_ seen: SeenAnswer) -> AnswerTrace {
    let reader = AnswerReader(
      step: seen.step, isLast: seen.isLast, catalog: catalog, context: seen.context, scope: seen.scope)
    let begun = time.uptime()
    let answer = reader.read(seen.response)
    let reading = time.uptime() - begun
    var document = LazyDocument(response: seen.response, step: seen.step, catalog: catalog)
    var trace = AnswerTrace(
      step: seen.step.name, method: seen.request.method.rawValue, url: seen.request.url.withoutQuery,
      status: seen.response.status, bytes: seen.response.body.count, fetching: seen.response.elapsed, reading: reading,
      kind: seen.step.outerKind(contentType: seen.response.header("Content-Type")),
      outcomes: outcomes(seen, reader, &document), verdict: answer.verdict, rule: answer.rule, detail: answer.detail,
      rowCount: answer.rows.count, chosen: answer.selector, selectors: innerDocument(seen), fields: [], rows: [])
    do {
      let node = try document.get()
      let looker = NodeLooker(time: time, context: seen.context, baseURL: seen.response.url)
      if let anchor = seen.step.anchor {
        trace.selectors += looker.look(anchor, seen.step.keyPath + ".anchor", on: [node])
      }
      trace.fields = seen.step.fields.map { looker.field($0, on: [node]) }
      let shared = looker.values(of: seen.step.fields, at: node)
      trace.rows = seen.step.rows.map { looker.rows($0, on: [(node, seen.scope.adding(shared))]) }
    } catch {
      trace.problem = (error as? ExtractError)?.message ?? (error as? LayoutBreak)?.message ?? "\(error)"
    }
    return trace
  }

  private func outcomes(
    _ seen: SeenAnswer, _ reader: AnswerReader, _ document: inout LazyDocument
  ) -> [AnswerTrace.Outcome] {
    var tried: [AnswerTrace.Outcome] = []
    for rule in seen.step.outcomes {
      let applies = (try? reader.applies(rule.condition, seen.response, &document)) ?? false
      tried.append(.init(rule: rule.keyPath, verdict: rule.verdict, applies: applies))
      if applies { break }
    }
    return tried
  }

  /// The selector of `document:`, on the page around it.
  private func innerDocument(_ seen: SeenAnswer) -> [AnswerTrace.Selector] {
    guard let (selectors, _) = seen.step.document else { return [] }
    let type = seen.response.header("Content-Type")
    guard
      let page = try? catalog.reader(seen.step.outerKind(contentType: type))?.read(
        seen.response.body, contentType: type)
    else { return [] }
    let looker = NodeLooker(time: time, context: seen.context, baseURL: seen.response.url)
    return looker.look(selectors, seen.step.keyPath + ".document", on: [page])
  }
}

import Language

/// How to read a site: one `sites/*.yaml`, checked, compiled and immutable. Made by SiteSpecs, run by Engine.
public struct SiteSpec: Sendable {
  /// The file's stem.
  public var id: String
  public var title: String
  public var zone: TimeZoneRules
  public var links: [LinkPattern]
  public var limits: Limits
  public var steps: [Step]
  public var items: ItemRules
  public var alert: AlertRules
  /// Names a watch must supply: those in `links`, in order, then any other undefined name of the first step's URL.
  public var parameters: [String]
  /// Of the file's bytes: first 12 hex digits of SHA-256 (or another stable 64-bit hash); changes with every edit.
  public var version: String
  /// As the user gave it.
  public var file: String
  public var text: String
  /// Proxies and certificates; nil for neither.
  public var route: Route?
  public var canaries: [Canary]

  public init(
    id: String, title: String, zone: TimeZoneRules, links: [LinkPattern], limits: Limits, steps: [Step],
    items: ItemRules, alert: AlertRules, parameters: [String], version: String, file: String, text: String,
    route: Route? = nil, canaries: [Canary] = []
  ) {
    self.id = id
    self.title = title
    self.zone = zone
    self.links = links
    self.limits = limits
    self.steps = steps
    self.items = items
    self.alert = alert
    self.parameters = parameters
    self.version = version
    self.file = file
    self.text = text
    self.route = route
    self.canaries = canaries
  }
}

/// What keeps a site from being hammered. Kept per origin in the engine's core; the strictest spec wins.
public struct Limits: Sendable, Hashable {
  /// What `rate` leaves between two requests on an origin in the long run (`1/s` is 1 s); nil is unlimited.
  public var gap: Duration?
  /// As it was written: in no window of its length do more arrive.
  public var rate: RateLimit?
  /// Requests that may be sent at once after a quiet time, within `rate`.
  public var burst: Int
  /// Least time between two starts of requests, whatever `rate` and `burst` allow.
  public var pause: Duration?
  public var concurrency: Int?
  /// Whether the origins' robots.txt is obeyed.
  public var obeysRobots: Bool
  /// The shortest `every` a watch may have.
  public var minInterval: Duration
  public var never: [Glob]

  public init(
    gap: Duration? = nil, rate: RateLimit? = nil, burst: Int = 1, pause: Duration? = nil, concurrency: Int? = nil,
    obeysRobots: Bool = false, minInterval: Duration = .seconds(60), never: [Glob] = []
  ) {
    self.gap = gap
    self.rate = rate
    self.burst = burst
    self.pause = pause
    self.concurrency = concurrency
    self.obeysRobots = obeysRobots
    self.minInterval = minInterval
    self.never = never
  }
}

/// A selector as a spec has it: the ways to find a value, tried in order; the first that matches wins.
public struct SelectorList: Sendable {
  public var alternatives: [any CompiledSelector]
  public init(_ alternatives: [any CompiledSelector]) { self.alternatives = alternatives }

  public func select(from node: DocumentNode) throws(ExtractError) -> [DocumentNode] {
    for selector in alternatives {
      let found = try selector.select(from: node)
      if !found.isEmpty { return found }
    }
    return []
  }

  /// As written, alternatives joined by ` | `.
  public var source: String { alternatives.map(\.source).joined(separator: " | ") }
}

/// A value of a row: where it is, what it is read as, what is done to it.
///
/// A class, for it is asked once in each row, and lending a reference costs less than copying what it holds.
public final class FieldRule: Sendable {
  public enum Source: Sendable {
    case selector(SelectorList)
    /// The texts joined by one space, before typing; null when any is missing.
    case join([SelectorList])
  }

  public let name: String
  public let source: Source
  /// nil: JSON scalars keep their kind, markup is text.
  public let type: TypeSpec?
  /// Applied before typing (the same filters that templates use).
  public let then: FilterChain?
  public let required: Bool
  /// `steps[0].rows.fields.price`, for messages.
  public let keyPath: String

  public init(name: String, source: Source, type: TypeSpec?, then: FilterChain?, required: Bool, keyPath: String) {
    self.name = name
    self.source = source
    self.type = type
    self.then = then
    self.required = required
    self.keyPath = keyPath
  }
}

/// How rows are found in a document or in the row above.
public struct RowsRule: Sendable {
  public enum Source: Sendable {
    /// One row per match; null gives none.
    case each(SelectorList)
    /// One row per member of the objects matched: `{"key": …, "value": …}`; `[]` counts as `{}`.
    case entries(SelectorList)
  }

  public var source: Source
  public var fields: [FieldRule]
  /// Rows for which it is not true are left out.
  public var keep: Expression?
  /// At most so many rows, after `keep`.
  public var limit: Int?
  /// Rows in the row: alternatives, the first that yields rows wins. With them, only the innermost rows count.
  public var rows: [RowsRule]
  public var keyPath: String

  public init(source: Source, fields: [FieldRule], keep: Expression?, limit: Int?, rows: [RowsRule], keyPath: String) {
    self.source = source
    self.fields = fields
    self.keep = keep
    self.limit = limit
    self.rows = rows
    self.keyPath = keyPath
  }
}

/// The request of a step or of a notifier, before its values are filled in.
public struct RequestTemplate: Sendable {
  public enum Body: Sendable {
    case none
    /// `application/x-www-form-urlencoded`.
    case form([(name: String, value: Template)])
    case json(JSONTemplate)
    case raw(Template)
  }

  public var method: Request.Method
  public var url: Template
  public var query: [(name: String, value: Template)]
  public var headers: [(name: String, value: Template)]
  public var body: Body
  public var timeout: Duration?
  /// Keep cookies between the requests of a watch.
  public var cookies: Bool

  public init(
    method: Request.Method, url: Template, query: [(name: String, value: Template)] = [],
    headers: [(name: String, value: Template)] = [], body: Body = .none, timeout: Duration? = nil, cookies: Bool = false
  ) {
    self.method = method
    self.url = url
    self.query = query
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.cookies = cookies
  }
}

/// A JSON body whose strings are templates; one that is exactly `{name}` becomes the value with its type.
public indirect enum JSONTemplate: Sendable, Hashable {
  case literal(JSON)
  case text(Template)
  case array([JSONTemplate])
  case object([Member])

  public struct Member: Sendable, Hashable {
    public var name: String
    public var value: JSONTemplate
    public init(_ name: String, _ value: JSONTemplate) {
      self.name = name
      self.value = value
    }
  }
}

/// A part of an answer that decides its outcome: all that are given must hold.
public struct OutcomeCondition: Sendable {
  public enum Test: Sendable {
    /// `json`/`xpath`/`css` alone: there is a match (that is not null).
    case matches
    case equals(Value)
    case `in`([Value])
    case not(Value)
    case pattern(any CompiledSelector)
  }

  /// HTTP statuses, any of which; nil when not asked.
  public var statuses: [ClosedRange<Int>]?
  /// A selector on the document and the test of its first match.
  public var selector: SelectorList?
  public var test: Test
  /// A pattern that the body's text must match.
  public var text: (any CompiledSelector)?
  /// True when the step's anchor must be missing.
  public var anchorMissing: Bool

  public init(
    statuses: [ClosedRange<Int>]? = nil, selector: SelectorList? = nil, test: Test = .matches,
    text: (any CompiledSelector)? = nil, anchorMissing: Bool = false
  ) {
    self.statuses = statuses
    self.selector = selector
    self.test = test
    self.text = text
    self.anchorMissing = anchorMissing
  }
}

/// One line of a site spec's `outcomes`.
public struct OutcomeRule: Sendable {
  public var verdict: Verdict
  public var condition: OutcomeCondition
  /// Believe it only after this step (an earlier one) was read again.
  public var reread: String?
  /// `steps[1].outcomes[0]`, for `why` and traces.
  public var keyPath: String

  public init(verdict: Verdict, condition: OutcomeCondition, reread: String?, keyPath: String) {
    self.verdict = verdict
    self.condition = condition
    self.reread = reread
    self.keyPath = keyPath
  }
}

/// Repeating a step over windows, numbers or links.
public struct PagesRule: Sendable {
  public enum Advance: Sendable {
    /// `from_day: { from: "{now | date}", by: 8d }`
    case date(name: String, from: Template, by: Duration)
    /// `page: { from: 1, by: 1 }`
    case number(name: String, from: Int, by: Int)
    /// `next: SELECTOR` gives the next page's link; same origin only.
    case link(SelectorList)
  }

  public var advance: Advance
  /// The last value there is a page for, read from each page; null on a page means no further page. nil (not given):
  /// go on until a page has no rows.
  public var until: SelectorList?
  public var atMost: Int

  public init(advance: Advance, until: SelectorList?, atMost: Int) {
    self.advance = advance
    self.until = until
    self.atMost = atMost
  }
}

/// One fetch and what is read from its answer; done once per row of the step before.
public struct Step: Sendable {
  public var name: String
  /// Rows for which this is false pass through untouched.
  public var when: Expression?
  public var request: RequestTemplate
  /// How long rows are kept before the page is read again; nil reads every run.
  public var refresh: Duration?
  /// What the answer is: by `document:`, else by Content-Type, else by what its selectors need.
  public var kind: DocumentKind?
  /// A document inside the document: its first match, read as `kind`.
  public var document: (selector: SelectorList, kind: DocumentKind)?
  public var anchor: SelectorList?
  /// Step's, then the request's, in the order they are tried; the defaults come after and are Engine's.
  public var outcomes: [OutcomeRule]
  /// Once per document, inherited by its rows.
  public var fields: [FieldRule]
  /// Alternatives: the first that yields rows wins. None: the document itself is the one row.
  public var rows: [RowsRule]
  public var pages: PagesRule?
  public var keyPath: String
  /// The selectors for which its pages are read into trees; none: they are read without, where that is certain.
  public private(set) var treeNeeds: [TreeNeed]

  public init(
    name: String, when: Expression?, request: RequestTemplate, refresh: Duration?, kind: DocumentKind?,
    document: (selector: SelectorList, kind: DocumentKind)?, anchor: SelectorList?, outcomes: [OutcomeRule],
    fields: [FieldRule], rows: [RowsRule], pages: PagesRule?, keyPath: String
  ) {
    self.name = name
    self.when = when
    self.request = request
    self.refresh = refresh
    self.kind = kind
    self.document = document
    self.anchor = anchor
    self.outcomes = outcomes
    self.fields = fields
    self.rows = rows
    self.pages = pages
    self.keyPath = keyPath
    treeNeeds = []
    treeNeeds = neededTrees
  }
}

/// Which rows are items, what makes one the same as before, and how it lives.
public struct ItemRules: Sendable {
  public var key: [String]
  /// Fields whose change is an `updated`.
  public var track: [String]
  /// Rows for which it is not true are no items.
  public var keep: Expression?
  /// Items for which it is true leave as `passed`: no change, no alert. Judged anew each run.
  public var drop: Expression?
  /// Items per branch; outside it the branch is `suspicious`.
  public var expect: ClosedRange<Int>?
  /// An item back sooner than this is no news; zero makes every return news.
  public var reopenAfter: Duration
  /// A blink shorter than this is no news in either direction.
  public var settle: Duration

  public init(
    key: [String], track: [String] = [], keep: Expression? = nil, drop: Expression? = nil,
    expect: ClosedRange<Int>? = nil, reopenAfter: Duration = .zero, settle: Duration = .zero
  ) {
    self.key = key
    self.track = track
    self.keep = keep
    self.drop = drop
    self.expect = expect
    self.reopenAfter = reopenAfter
    self.settle = settle
  }
}

/// A text per language; Persian first.
public struct LocalizedTemplate: Sendable, Hashable {
  /// By `fa`, `en`.
  public var templates: [String: Template]
  public init(_ templates: [String: Template]) { self.templates = templates }

  /// In `language`, else in Persian, else in any.
  public func template(for language: String) -> Template? {
    templates[language] ?? templates["fa"] ?? templates.sorted { $0.key < $1.key }.first?.value
  }
}

/// What an alert says and how long it is worth saying.
public struct AlertRules: Sendable {
  public var on: Set<Change.Kind>
  public var title: LocalizedTemplate
  public var line: LocalizedTemplate
  public var link: Template?
  /// From the last good run that saw the item.
  public var usefulFor: Duration
  /// The field that ends an item's use when its instant comes; `start` where the items have it.
  public var until: String?

  public init(
    on: Set<Change.Kind> = [.added], title: LocalizedTemplate, line: LocalizedTemplate, link: Template?,
    usefulFor: Duration, until: String?
  ) {
    self.on = on
    self.title = title
    self.line = line
    self.link = link
    self.usefulFor = usefulFor
    self.until = until
  }
}

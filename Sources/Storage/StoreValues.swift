import Language
import PluginHost

/// What a run needs to know of its watch before it starts.
public struct WatchState: Sendable {
  public var branches: [BranchRecord]
  /// All but those long gone (see ``Store``'s retention).
  public var items: [ItemRecord]
  public var pages: [PageRecord]
  public var stepRows: [StepRowsRecord]
  public var lastRunAt: Instant?
  public var lastGoodAt: Instant?
  /// Keys of the spec's `items.key` when the snapshot was last moved; another key is a new baseline.
  public var keyFields: [String]?
  /// ``NewDelivery/subscription`` values that had their `first:` already.
  public var greeted: Set<String>
  /// Greetings that could not be whole.
  public var owed: [OwedGreeting] = []
  /// Incidents this watch is a member of.
  public var openIncidents: [IncidentMember]

  public init() {
    branches = []
    items = []
    pages = []
    stepRows = []
    greeted = []
    openIncidents = []
  }
}

/// What a run needs to know of its watch before it asks.
public struct WatchOutline: Sendable {
  public var pages: [PageRecord] = []
  public var stepRows: [StepRowsRecord] = []
  public var branches: [BranchRecord] = []
  /// ``RunCommit/settled`` of the last run that moved anything.
  public var settled: String?
  /// Where the last run is stored, and whether it said `unchanged` and told nobody.
  var lastRun: Int64?
  var isRepeated = false
  /// ``RunCommit/answers`` of the last run, where that was a quiet one: the same again is not worth reading.
  public var answers: String?
  /// Items that the last run found.
  public var itemCount = 0

  public init() {}

  /// Without what would spare reading an answer that is known.
  public var readingAnew: WatchOutline {
    var outline = self
    outline.answers = nil
    return outline
  }
}

/// A run that found what was settled: nothing is news, nothing waits for a time.
public struct QuietRun: Sendable {
  public var watch: String
  public var site: String
  public var specVersion: String
  public var startedAt: Instant
  public var endedAt: Instant
  /// When it looked.
  public var now: Instant
  /// Of ``WatchOutline``, and what the run came to.
  public var settled: String
  public var outline: WatchOutline
  public var outcomes: [BranchOutcome]
  /// ``RunCommit/answers``.
  public var answers: String?
  public var pages: [PageRecord]
  public var stepRows: [StepRowsRecord]
  public var nextRunAt: Instant?
  public var interval: Duration?

  /// - Parameter run: Its outcomes, times and interval.
  public init(
    _ run: RunCommit, now: Instant, settled: String, outline: WatchOutline, pages: [PageRecord],
    stepRows: [StepRowsRecord]
  ) {
    watch = run.watch
    site = run.site
    specVersion = run.specVersion
    startedAt = run.startedAt
    endedAt = run.endedAt
    outcomes = run.outcomes
    answers = run.answers
    nextRunAt = run.nextRunAt
    interval = run.interval
    self.now = now
    self.settled = settled
    self.outline = outline
    self.pages = pages
    self.stepRows = stepRows
  }
}

/// A stored body with its validators, for conditional requests.
public struct PageRecord: Sendable, Hashable {
  /// Stable text of step, method, URL and body.
  public var request: String
  public var validators: Validators
  public var contentType: String?
  public var body: [UInt8]
  public var fetchedAt: Instant

  public init(request: String, validators: Validators, contentType: String?, body: [UInt8], fetchedAt: Instant) {
    self.request = request
    self.validators = validators
    self.contentType = contentType
    self.body = body
    self.fetchedAt = fetchedAt
  }
}

/// Rows of a step with `refresh`, kept between runs.
public struct StepRowsRecord: Sendable, Hashable {
  /// Step name and the request's stable text.
  public var request: String
  public var specVersion: String
  public var fetchedAt: Instant
  /// Each row's own fields in order, as ``Value/encoded``.
  public var rows: JSON

  public init(request: String, specVersion: String, fetchedAt: Instant, rows: JSON) {
    self.request = request
    self.specVersion = specVersion
    self.fetchedAt = fetchedAt
    self.rows = rows
  }
}

/// How one branch of a run ended, for history and `why`.
public struct BranchOutcome: Sendable, Hashable {
  public var name: BranchName
  public var verdict: Verdict
  public var itemCount: Int
  /// One sentence: the rule that applied, what was missing.
  public var detail: String?
  /// Requests with status and sizes, selectors with counts; JSON, no secret in it.
  public var trace: JSON

  public init(name: BranchName, verdict: Verdict, itemCount: Int, detail: String?, trace: JSON) {
    self.name = name
    self.verdict = verdict
    self.itemCount = itemCount
    self.detail = detail
    self.trace = trace
  }
}

/// A delivery to be put into the outbox.
public struct NewDelivery: Sendable, Hashable {
  /// Stable and unique: letters, digits, `_` and `-` only.
  public var id: String
  public var channel: String
  public var recipient: String
  /// `channel|recipient` of the subscription; for maintainers `maintainer|channel|recipient`.
  public var subscription: String
  public var message: Message
  /// Indices into ``RunCommit/changes``, one per message line that is about a change, else empty.
  public var changes: [Int]
  public var notBefore: Instant?
  /// For the whole message; nil where only its lines end.
  public var expiresAt: Instant?
  /// How long a line is of use after the last good run that saw its item (`items.last_seen`, so that what is still seen
  /// stays fresh however long quiet hours held it back); nil for lines about no item.
  public var usefulFor: Duration?
  /// Per message line: never told from here on (an appointment's start); empty or nil entries do not end.
  public var lineEnds: [Instant?]
  /// The subscription's `at_most`: held back until fewer than `count` deliveries of the subscription were delivered (or
  /// are on their way) in the last `per`.
  public var limit: RateLimit?
  /// Which of the subscription's rules made it, for `why`.
  public var rule: String
  /// Hours in which it is not sent, looked at again before each attempt; ``notBefore`` has them already.
  public var quiet: QuietHours?

  public init(
    id: String, channel: String, recipient: String, subscription: String, message: Message, changes: [Int] = [],
    notBefore: Instant? = nil, expiresAt: Instant? = nil, usefulFor: Duration? = nil, lineEnds: [Instant?] = [],
    limit: RateLimit? = nil, rule: String, quiet: QuietHours? = nil
  ) {
    self.id = id
    self.channel = channel
    self.recipient = recipient
    self.subscription = subscription
    self.message = message
    self.changes = changes
    self.notBefore = notBefore
    self.expiresAt = expiresAt
    self.usefulFor = usefulFor
    self.lineEnds = lineEnds
    self.limit = limit
    self.rule = rule
    self.quiet = quiet
  }
}

/// A watch's branch in a condition that maintainers hear of once when it starts and once when it ends.
public struct IncidentMember: Sendable, Hashable {
  /// `layout_broken|paziresh24`: equal keys are one incident.
  public var incident: String
  public var branch: BranchName
  public init(incident: String, branch: BranchName) {
    self.incident = incident
    self.branch = branch
  }
}

/// A branch that somebody was not told of when they were greeted, because it could not be read then or what it held was
/// in doubt.
public struct OwedGreeting: Sendable, Hashable {
  /// ``NewDelivery/subscription``.
  public var subscription: String
  public var branch: BranchName
  /// The run that greeted them: what it saw was told.
  public var since: Instant

  public init(subscription: String, branch: BranchName, since: Instant) {
    self.subscription = subscription
    self.branch = branch
    self.since = since
  }
}

/// Everything one run changes; stored in one transaction or not at all.
public struct RunCommit: Sendable {
  public var watch: String
  public var site: String
  public var specVersion: String
  public var startedAt: Instant
  public var endedAt: Instant
  public var verdict: Verdict
  public var outcomes: [BranchOutcome]
  /// Inserted or replaced.
  public var branches: [BranchRecord]
  /// Ended: no longer known.
  public var endedBranches: [BranchName]
  /// Inserted or replaced, by item key.
  public var items: [ItemRecord]
  /// True where the snapshot starts anew (the key itself changed): other branches and items of the watch are removed.
  public var newBaseline: Bool
  public var keyFields: [String]
  public var changes: [Change]
  public var deliveries: [NewDelivery]
  /// ``NewDelivery/subscription`` values that have now had their `first:`.
  public var greeted: [String]
  /// Added to, and taken from, what newcomers are still to be told.
  public var owed: [OwedGreeting] = []
  public var paid: [OwedGreeting] = []
  /// Planned again after ``ClockWasSet``: its instants are those of the new time.
  public var isReplanned = false
  /// About items that are open again without being news. Only lines that were withdrawn from an earlier message, because
  /// the item was gone when its turn came, are sent: decided inside the transaction.
  public var returning: [NewDelivery] = []
  public var joinedIncidents: [IncidentMember]
  public var leftIncidents: [IncidentMember]
  /// Told to maintainers when a join opens the incident, or a leave ends it: decided inside the transaction, so that
  /// an incident of a hundred watches is told once. Keyed by ``IncidentMember/incident``.
  public var openingDeliveries: [String: [NewDelivery]]
  public var closingDeliveries: [String: [NewDelivery]]
  public var pages: [PageRecord]
  public var stepRows: [StepRowsRecord]
  /// Answers to be kept for whoever mends the spec; nil leaves what is kept.
  public var kept: KeptRun? = nil
  /// For ``Store/status()``; nil leaves what is there.
  public var nextRunAt: Instant?
  /// What the watch's `every` comes to within its origins' limits; nil leaves what is there.
  public var interval: Duration?
  /// A hash of what a run has to find for nothing to be news: of the reading, where after this run nothing waits for a
  /// time or a confirmation and nobody is owed a word. Such a run can be stored as a ``QuietRun``. nil where something is.
  public var settled: String?
  /// A hash of what the run was answered, where nothing else decides what is read; nil else.
  public var answers: String?
  /// A branch lost more than half of its items: this is to be read again soon, and believed then.
  public var awaitsConfirmation = false
  /// An item is in another state than before, if without a word: an arrival that settles, a drop in doubt. What later runs
  /// build on.
  public var movesItems = false

  public init(
    watch: String, site: String, specVersion: String, startedAt: Instant, endedAt: Instant, verdict: Verdict,
    keyFields: [String]
  ) {
    self.watch = watch
    self.site = site
    self.specVersion = specVersion
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.verdict = verdict
    self.keyFields = keyFields
    outcomes = []
    branches = []
    endedBranches = []
    items = []
    newBaseline = false
    changes = []
    deliveries = []
    greeted = []
    joinedIncidents = []
    leftIncidents = []
    openingDeliveries = [:]
    closingDeliveries = [:]
    pages = []
    stepRows = []
  }
}

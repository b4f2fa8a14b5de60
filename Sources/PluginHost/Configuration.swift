import Language

/// A text that must never reach a log, an error, a sample or an answer: printing it gives `•••`.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  private let text: String
  public init(_ text: String) { self.text = text }
  /// For the one place that needs it: a request about to be sent.
  public func reveal() -> String { text }
  public var description: String { "•••" }
  public var debugDescription: String { "•••" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}

/// What runs here: `slothunter.yaml`, checked, with `${…}` resolved.
public struct Configuration: Sendable {
  public var sites: [SiteSpec]
  public var notifiers: [NotifierSpec]
  /// Path of the SQLite file, relative to the configuration file's folder resolved.
  public var store: String
  public var channels: [Channel]
  public var maintainers: [MaintainerTarget]
  public var watches: [WatchRule]
  /// Hosts, `host:port`s or address ranges that may be private or loopback.
  public var allowedHosts: [String]
  /// The User-Agent of every fetch.
  public var userAgent: String
  /// nil where nothing is served.
  public var metrics: MetricsSettings?

  public init(
    sites: [SiteSpec], notifiers: [NotifierSpec], store: String, channels: [Channel], maintainers: [MaintainerTarget],
    watches: [WatchRule], allowedHosts: [String], userAgent: String,
    metrics: MetricsSettings? = nil
  ) {
    self.sites = sites
    self.notifiers = notifiers
    self.store = store
    self.channels = channels
    self.maintainers = maintainers
    self.watches = watches
    self.allowedHosts = allowedHosts
    self.userAgent = userAgent
    self.metrics = metrics
  }

  public static let defaultUserAgent = "SlotHunter/0.1 (+https://github.com/slothunter/slothunter)"
}

/// A notifier with its options set, under a name.
public struct Channel: Sendable {
  public enum Setting: Sendable {
    case plain(Value)
    case secret(Secret)
  }

  public var name: String
  public var notifier: String
  public var enabled: Bool
  /// By option name, defaults filled in.
  public var settings: [String: Setting]
  /// What may be spent in a day; nil without a bound.
  public var budget: Budget?

  public init(
    name: String, notifier: String, enabled: Bool, settings: [String: Setting], budget: Budget? = nil
  ) {
    self.name = name
    self.notifier = notifier
    self.enabled = enabled
    self.settings = settings
    self.budget = budget
  }
}

/// Where layout breaks and channel faults are told.
public struct MaintainerTarget: Sendable, Hashable {
  public var channel: String
  public var to: String?
  public var language: String
  public init(channel: String, to: String? = nil, language: String = "en") {
    self.channel = channel
    self.to = to
    self.language = language
  }
}

/// A site with parameters, on a schedule, and who wants to know.
public struct WatchRule: Sendable {
  public var site: String
  /// Canonical: percent-decoded, otherwise untouched.
  public var params: [String: String]
  public var every: Duration
  public var timing: Timing
  public var notify: [Subscription]

  public init(
    site: String, params: [String: String], every: Duration, timing: Timing = .plain, notify: [Subscription]
  ) {
    self.site = site
    self.params = params
    self.every = every
    self.timing = timing
    self.notify = notify
  }
}

/// Who wants what, where and how.
public struct Subscription: Sendable, Hashable {
  /// What a new subscriber is told of what is open already.
  public enum First: String, Sendable, Hashable, CaseIterable { case summary, all, none }

  public var channel: String
  /// nil where the channel takes no recipient.
  public var to: String?
  public var language: String
  /// Over the item's fields.
  public var when: Expression?
  /// From–to in the site's zone, over midnight where from > to; deferred, never dropped.
  public var quiet: ClosedQuiet?
  public var atMost: RateLimit?
  public var first: First
  public var on: Set<Change.Kind>?
  /// Collected into one message for each window.
  public var digest: Digest?
  /// Changes of items for which this is true wait neither for quiet hours nor for a digest.
  public var urgent: Expression?
  /// Nothing is sent before this; it comes then, if it is still true.
  public var snooze: Instant?
  /// Kept in the file, and told nothing: what waits is cancelled.
  public var stop: Bool

  public struct ClosedQuiet: Sendable, Hashable {
    public var from: CivilTime
    public var to: CivilTime
    public init(from: CivilTime, to: CivilTime) {
      self.from = from
      self.to = to
    }
  }

  public init(
    channel: String, to: String?, language: String, when: Expression? = nil, quiet: ClosedQuiet? = nil,
    atMost: RateLimit? = nil, first: First = .summary, on: Set<Change.Kind>? = nil, digest: Digest? = nil,
    urgent: Expression? = nil, snooze: Instant? = nil, stop: Bool = false
  ) {
    self.channel = channel
    self.to = to
    self.language = language
    self.when = when
    self.quiet = quiet
    self.atMost = atMost
    self.first = first
    self.on = on
    self.digest = digest
    self.urgent = urgent
    self.snooze = snooze
    self.stop = stop
  }
}

import Engine
import Language
import PluginHost
import SiteSpecs

/// The sites and notifiers of every simulation, read by the product's own reader, once.
struct Specs {
  enum Kind: String, CaseIterable {
    /// One request, every change news at once.
    case plain
    /// One request; `settle` and `reopen_after`.
    case calm
    /// A list of services, then a request for each: branches.
    case parts

    /// Requests that may come together; `parts` asks for a list and then for what stands in it.
    var burst: Int { self == .parts ? 4 : 1 }
    var settle: Int64 { self == .calm ? 40 * 60_000 : 0 }
    var reopenAfter: Int64 { self == .calm ? 3 * 3_600_000 : 0 }
    var keyFields: [String] { self == .parts ? ["service", "id"] : ["id"] }
  }

  /// In milliseconds, of every site.
  static let usefulFor: Int64 = 6 * 3_600_000
  /// Of every site, between two starts of requests.
  static let gap: Moment = 2 * .second
  /// Of every site, arrivals in any window.
  static let siteRate = Rate(30, .minute)
  /// Of every channel's request.
  static let sendTimeout: Moment = 10 * .second
  /// What each channel allows: requests in any window of a length, for all of it, for a person, for a group.
  static let rates: [String: (all: Rate?, person: Rate?, group: Rate?)] = [
    "chat": (Rate(20, .second), Rate(4, .minute), Rate(3, .minute)), "sms": (Rate(5, .second), nil, nil),
    "hook": (nil, nil, nil),
  ]

  struct Rate {
    var count: Int
    var per: Moment
    init(_ count: Int, _ per: Moment) {
      self.count = count
      self.per = per
    }
  }

  var sites: [Kind: SiteSpec] = [:]
  var notifiers: [String: NotifierSpec] = [:]

  static let shared = Specs()

  private init() {
    let reader = SpecReader(catalog: Builtins.catalog)
    for kind in Kind.allCases {
      let (spec, diagnostics) = reader.readSite(file: "sites/\(kind.rawValue).yaml", text: Specs.site(kind))
      guard let spec else { halt("the simulator's own site '\(kind)' is wrong: \(diagnostics)") }
      sites[kind] = spec
    }
    for (name, text) in [("chat", Specs.chat), ("sms", Specs.sms), ("hook", Specs.hook)] {
      let (spec, diagnostics) = reader.readNotifier(file: "notifiers/\(name).yaml", text: text)
      guard let spec else { halt("the simulator's own notifier '\(name)' is wrong: \(diagnostics)") }
      notifiers[name] = spec
    }
  }

  private static func site(_ kind: Kind) -> String {
    let fields = "id: $.id, gen: $.gen, tier: { json: $.tier, as: integer }, start: { json: $.start, as: instant }"
    let rows = #"{ each: "$.slots[*]", fields: { \#(fields) } }"#
    let outcomes =
      #"[ { blocked: { missing: anchor, text: "(?i)just a moment" } }, "#
      + "{ unreadable: { json: $.partial, equals: true } } ]"
    let steps =
      switch kind {
      case .plain, .calm:
        """
        steps:
          - step: slots
            get: https://\(kind.rawValue).example/w/{page}
            anchor: $.slots
            outcomes: \(outcomes)
            rows: \(rows)
        """
      case .parts:
        """
        steps:
          - step: services
            get: https://parts.example/w/{page}
            refresh: 12h
            anchor: $.services
            outcomes: \(outcomes)
            rows: { each: "$.services[*]", fields: { service: $.service } }
          - step: slots
            get: https://parts.example/w/{page}/{service}
            anchor: $.slots
            outcomes: \(outcomes)
            rows: \(rows)
        """
      }
    let life = kind == .calm ? "settle: 40m\n  reopen_after: 3h" : "track: []"
    return """
      site: \(kind.rawValue)
      title: \(kind.rawValue)
      timezone: Asia/Tehran
      links:
        - https://\(kind.rawValue).example/w/{page}
      limits: { rate: 30/min, burst: \(kind.burst), concurrency: 2, min_interval: 60s }
      request: { timeout: 15s }
      \(steps)
      items:
        key: [\(kind.keyFields.joined(separator: ", "))]
        \(life)
      alert:
        on: [added, removed]
        title: { en: "{page}", fa: "{page}" }
        line: { en: "{id} {gen}", fa: "{id} {gen}" }
        useful_for: 6h
      """
  }

  private static func notifier(_ name: String, _ head: String) -> String {
    """
    notifier: \(name)
    title: \(name)
    options: { room: { default: "main" } }
    \(head)
    format: json
    outcomes:
      - delivered: { status: 200..299, receipt: $.receipt }
      - recipient_gone: { json: $.error, equals: gone }
    """
  }

  private static let body = #"id: "{delivery_id}", seq: "{sequence}", message: "{message}""#
  private static let chat = notifier(
    "chat",
    """
    recipient: { name: user, pattern: '^[ug][0-9]+$', group: '^g' }
    limits: { rate: 20/s, per_recipient: 4/min, per_group: 3/min }
    send:
      post: https://chat.example/send
      timeout: 10s
      json: { to: "{recipient}", \(body) }
    """)
  private static let sms = notifier(
    "sms",
    """
    recipient: { name: mobile, pattern: '^u[0-9]+$' }
    limits: { rate: 5/s }
    when_unsure: resend_once
    send:
      post: https://sms.example/send
      timeout: 10s
      json: { to: "{recipient}", \(body) }
    """)
  private static let hook = notifier(
    "hook",
    """
    recipient: none
    send:
      post: https://hook.example/send
      timeout: 10s
      json: { \(body) }
    """)
}

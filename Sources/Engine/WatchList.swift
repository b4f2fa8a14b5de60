import Language
import Matching
import PluginHost
import Storage

/// Every watch there is: those of `slothunter.yaml` and those added by command. Equal watches are one, with the
/// subscriptions of both.
///
/// Specs, and subscriptions that are equal, are held in common: most of 100,000 watches tell the same people.
struct WatchList {
  struct Problem: Hashable {
    var watch: String
    var reason: String
  }

  private(set) var watches: [Watch] = []
  private(set) var problems: [Problem] = []
  private var positions: [String: Int] = [:]
  private let sites: [String: SharedSpec]
  private var audiences: [AudienceKey: Subscribers] = [:]

  private struct AudienceKey: Hashable {
    /// Its zone is what conditions are read in.
    var zone: TimeZoneRules
    var subscriptions: [Subscription]
  }

  init(configuration: Configuration, stored: [WatchRecord]) {
    self.init(sites: configuration.sites, rules: configuration.watches, stored: stored)
  }

  init(sites: [SiteSpec], rules: [WatchRule] = [], stored: [WatchRecord]) {
    self.sites = Dictionary(sites.map { ($0.id, SharedSpec($0)) }) { first, _ in first }
    watches.reserveCapacity(rules.count + stored.count)
    for rule in rules { add(rule) }
    add(stored)
  }

  mutating func add(_ stored: [WatchRecord]) { for record in stored { add(record) } }

  /// What is needed to add, and no more after that.
  mutating func finish() {
    audiences = [:]
    positions = [:]
  }

  private mutating func add(_ rule: WatchRule) {
    guard let shared = sites[rule.site] else {
      problems.append(Problem(watch: rule.site, reason: "its site can't be read"))
      return
    }
    add(shared, rule.params, rule.every, rule.timing, rule.notify)
  }

  private mutating func add(_ record: WatchRecord) {
    guard let shared = sites[record.site] else {
      problems.append(Problem(watch: record.id, reason: "its site can't be read"))
      return
    }
    let (subscriptions, faults) = SubscriptionRecord.decode(record.notify, spec: shared.spec)
    problems += faults.map { Problem(watch: record.id, reason: $0) }
    add(shared, record.params, record.every, .plain, subscriptions)
  }

  private mutating func add(
    _ shared: SharedSpec, _ params: [String: String], _ every: Duration, _ timing: Timing, _ notify: [Subscription]
  ) {
    // The site's minimum may have been raised since the watch was added.
    let watch = Watch(
      shared, params: params, every: max(every, shared.spec.limits.minInterval), timing: timing,
      subscribers: subscribers(notify, shared.spec.zone))
    if let index = positions[watch.id] {
      watches[index].subscriptions += notify
      watches[index].every = min(watches[index].every, watch.every)
    } else {
      positions[watch.id] = watches.count
      watches.append(watch)
    }
  }

  private mutating func subscribers(_ subscriptions: [Subscription], _ zone: TimeZoneRules) -> Subscribers {
    let key = AudienceKey(zone: zone, subscriptions: subscriptions)
    if let known = audiences[key] { return known }
    let made = Subscribers(subscriptions, zone: zone)
    audiences[key] = made
    return made
  }
}

extension WatchRule {
  /// Whether both are one watch.
  func isSame(as record: WatchRecord) -> Bool { site == record.site && params == record.params }
}

/// Subscriptions of watches added by command, as the store keeps them.
public enum SubscriptionRecord {
  public static func encode(_ subscriptions: [Subscription]) -> JSON {
    .array(
      subscriptions.map { subscription in
        var object = JSONObject([
          ("channel", .string(subscription.channel)), ("language", .string(subscription.language)),
          ("first", .string(subscription.first.rawValue)),
        ])
        if let to = subscription.to { object["to"] = .string(to) }
        if let when = subscription.when { object["when"] = .string(when.source) }
        return .object(object)
      })
  }

  /// - Returns: Also what could not be used, in a sentence each: a condition over a field the spec no longer has.
  static func decode(_ json: JSON, spec: SiteSpec) -> ([Subscription], problems: [String]) {
    guard case .array(let elements) = json else { return ([], []) }
    var subscriptions: [Subscription] = []
    var problems: [String] = []
    for case .object(let object) in elements {
      guard case .string(let channel)? = object["channel"] else { continue }
      func text(_ name: String) -> String? {
        if case .string(let text)? = object[name] { text } else { nil }
      }
      var when: Expression?
      if let source = text("when") {
        do throws(SyntaxError) {
          when = try Expression(source, names: spec.itemNames)
        } catch {
          problems.append("its condition '\(source)' can't be used: \(error.message)")
          continue
        }
      }
      subscriptions.append(
        Subscription(
          channel: channel, to: text("to"), language: text("language") ?? "fa", when: when,
          first: text("first").flatMap(Subscription.First.init(rawValue:)) ?? .summary))
    }
    return (subscriptions, problems)
  }
}

extension SiteSpec {
  /// What a subscription's `when` can use: every field of an item, the parameters, `site`.
  public var itemNames: [String: ValueType] {
    var names: [String: ValueType] = ["site": .text]
    for parameter in parameters { names[parameter] = .text }
    func add(_ fields: [FieldRule]) {
      for field in fields { names[field.name] = field.type?.type ?? .unknown }
    }
    func add(_ rows: [RowsRule]) {
      for rule in rows {
        add(rule.fields)
        add(rule.rows)
      }
    }
    for step in steps {
      add(step.fields)
      add(step.rows)
    }
    return names
  }
}

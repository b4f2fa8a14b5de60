import Language
import PluginHost
import Storage

/// Every watch there is: those of `slothunter.yaml` and those added by command. Equal watches are one, with the
/// subscriptions of both.
struct WatchList {
  struct Problem: Hashable {
    var watch: String
    var reason: String
  }

  private(set) var watches: [Watch] = []
  private(set) var problems: [Problem] = []

  init(configuration: Configuration, stored: [WatchRecord]) {
    for rule in configuration.watches {
      guard let spec = configuration.sites.first(where: { $0.id == rule.site }) else {
        problems.append(Problem(watch: rule.site, reason: "its site can't be read"))
        continue
      }
      add(Watch(spec: spec, params: rule.params, every: rule.every, subscriptions: rule.notify))
    }
    for record in stored {
      guard let spec = configuration.sites.first(where: { $0.id == record.site }) else {
        problems.append(Problem(watch: record.id, reason: "its site can't be read"))
        continue
      }
      let (subscriptions, faults) = SubscriptionRecord.decode(record.notify, spec: spec)
      problems += faults.map { Problem(watch: record.id, reason: $0) }
      add(Watch(spec: spec, params: record.params, every: record.every, subscriptions: subscriptions))
    }
  }

  private mutating func add(_ watch: Watch) {
    var watch = watch
    // The site's minimum may have been raised since the watch was added.
    watch.every = max(watch.every, watch.spec.limits.minInterval)
    if let index = watches.firstIndex(where: { $0.id == watch.id }) {
      watches[index].subscriptions += watch.subscriptions
      watches[index].every = min(watches[index].every, watch.every)
    } else {
      watches.append(watch)
    }
  }
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
